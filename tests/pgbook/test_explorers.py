"""The explorers as text: the same on every machine, what the chapters hold, and honest in every state."""

import ast
import inspect
import json
import re

import pytest
import vl_convert

from booktools import notebooks
from booktools.rules import EXPLORER
from pgbook import explorers
from pgbook.explorers import parts

SPECS = {
    name: getattr(explorers, name)().spec()
    for name in explorers.__all__
    if inspect.isfunction(getattr(explorers, name))
}
every_explorer = pytest.mark.parametrize("name", SPECS)


def marks(spec, kind=None):
    """All marks, those inside groups too."""
    for mark in spec["marks"]:
        yield from [mark] if kind in (None, mark["type"]) else []
        yield from marks(mark, kind) if "marks" in mark else []


@every_explorer
def test_a_notebook_stores_vega_and_nothing_that_needs_a_network(name):
    shown = getattr(explorers, name)()._repr_mimebundle_()
    assert set(shown) == {EXPLORER, "text/plain"}
    assert "http" not in json.dumps(shown)


def test_a_chapter_holds_what_its_cell_makes_now():
    """So the text depends neither on the process, nor on what it did before."""
    shown = set()
    for path in notebooks.paths():
        for _, cell in notebooks.cells(notebooks.load(path), "code"):
            for output in cell.outputs:
                if EXPLORER in output.get("data", {}):
                    call = ast.unparse(ast.parse(cell.source).body[-1])
                    assert eval(call, {"explorers": explorers})._repr_mimebundle_() == output.data
                    shown.add(re.match(r"explorers\.(\w+)", call)[1])
    assert shown == set(SPECS)


@every_explorer
def test_vega_draws_it_without_a_warning(name, capfd):
    assert "<svg" in vl_convert.vega_to_svg(SPECS[name])
    assert capfd.readouterr() == ("", "")


def domains(spec, scale):
    """The domains of a scale: one for each unit that the reader can choose by words, and no other."""
    if isinstance(scale["domain"], list):
        return [scale["domain"]]
    signals = {signal["name"]: signal for signal in spec["signals"]}
    expression = scale["domain"]["signal"]
    for name in re.findall(r"[a-z_]\w*", expression):
        (chosen,) = re.findall(r"^(\w+) ==", signals[name]["update"])
        assert signals[chosen]["bind"]["input"] == "select"
    return [
        json.loads(re.sub(r"\(\w+ \? (-?[\d.]+) : (-?[\d.]+)\)", rf"\{way}", expression)) for way in (1, 2)
    ]


@every_explorer
def test_a_scale_is_the_same_in_every_state(name):
    for scale in SPECS[name]["scales"]:
        for domain in domains(SPECS[name], scale):
            assert all(isinstance(end, int | float | str) for end in [*domain, *scale["range"]])


@every_explorer
def test_bars_begin_at_zero_and_never_on_a_logarithmic_scale(name):
    scales = {scale["name"]: scale for scale in SPECS[name]["scales"]}
    for mark in marks(SPECS[name], "rect"):
        drawn = mark["encode"]["update"]
        for length in [("y", "y2"), ("x", "x2")]:
            if all(end in drawn for end in length):
                used = re.findall(r"scale\('(\w+)'", json.dumps([drawn[end] for end in length]))
                for scale in used:
                    assert scales[scale]["type"] == "linear", f"a bar on the scale {scale}"
                    for low, high in domains(SPECS[name], scales[scale]):
                        assert low <= 0 <= high, f"the scale {scale} leaves out zero"


@every_explorer
def test_a_control_can_be_where_its_presets_put_it(name):
    for control in SPECS[name]["signals"]:
        bind = control.get("bind", {})
        if bind.get("input") == "range":
            presets = re.search(r"isValid\(\{(.*?)\}\[", control["on"][0]["update"])[1]
            values = [float(value) for value in re.findall(r": (-?[\d.]+)", presets)]
            assert values, control["name"]
            for value in [control["value"], *values]:
                steps = (value - bind["min"]) / bind["step"]
                assert steps == pytest.approx(round(steps), abs=1e-9), control["name"]
                assert bind["min"] <= value <= bind["max"]


def test_a_preset_and_a_picture_can_only_set_what_the_reader_can():
    with pytest.raises(ValueError, match=r"^the explorer 'one-update' has no control length, speed$"):
        explorers.one_update().on_paper("Faster.", speed=2, length=0.1, division=False)
    words = {"title": [], "words": [], "description": "", "controls": []}
    with pytest.raises(ValueError, match=r"^presets of the explorer 'empty' set no control R$"):
        parts.explorer("empty", tasks={"start": {}, "rich": {"R": 100}}, **words)
