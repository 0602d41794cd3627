"""The explorers as text: the same on every machine, and what the chapters hold."""

import ast
import inspect
import json
import re

import pytest
import vl_convert

from booktools import notebooks
from booktools.rules import EXPLORER
from pgbook import explorers

SPECS = {
    name: getattr(explorers, name)().spec()
    for name in explorers.__all__
    if inspect.isfunction(getattr(explorers, name))
}
every_explorer = pytest.mark.parametrize("name", SPECS)


@every_explorer
def test_a_notebook_stores_vega_lite_and_nothing_that_needs_a_network(name):
    shown = getattr(explorers, name)()._repr_mimebundle_()
    assert set(shown) == {EXPLORER, "text/plain"}
    assert "http" not in json.dumps(shown)


def test_a_chapter_holds_what_its_cell_makes_now():
    """So the text depends neither on the process, nor on what it did before."""
    shown = set()
    for path in notebooks.chapters():
        for _, cell in notebooks.cells(notebooks.load(path), "code"):
            for output in cell.outputs:
                if EXPLORER in output.get("data", {}):
                    call = ast.unparse(ast.parse(cell.source).body[-1])
                    assert eval(call, {"explorers": explorers})._repr_mimebundle_() == output.data
                    shown.add(re.match(r"explorers\.(\w+)", call)[1])
    assert shown == set(SPECS)


@every_explorer
def test_the_text_holds_no_generated_name(name):
    names = re.findall(r'"name": "([^"]*)"', json.dumps(SPECS[name], ensure_ascii=False))
    assert [n for n in names if re.search(r"\d{2}|view_|param_|data-", n)] == []


@every_explorer
@pytest.mark.parametrize("version", ["5.8", "6.4"], ids=["JupyterLab", "page"])
def test_vega_lite_draws_it_without_a_warning(name, version, capfd):
    vl_convert.vegalite_to_vega(SPECS[name], vl_version=version, show_warnings=True)
    assert capfd.readouterr() == ("", "")


@every_explorer
def test_a_slider_can_be_where_it_stands_at_first(name):
    for parameter in SPECS[name]["params"]:
        bind = parameter.get("bind", {})
        if bind.get("input") == "range":
            steps = (parameter["value"] - bind["min"]) / bind["step"]
            assert steps == pytest.approx(round(steps), abs=1e-9), parameter["name"]


def test_a_picture_can_only_set_what_the_reader_can():
    with pytest.raises(ValueError, match=r"^the explorer 'simplex' has no control length, speed$"):
        explorers.simplex().on_paper("Faster.", speed=2, length=0.1, division=False)
