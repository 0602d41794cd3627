"""The package as it is imported and installed."""

import pkgutil
import subprocess
import sys
from importlib import resources

import pytest

import pgbook

HEAVY = ("torch", "matplotlib", "matplotlib.pyplot", "sympy", "gymnasium", "scipy.integrate")


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        ("pgbook.bandits, pgbook.episodes, pgbook.verify", []),
        ("pgbook.figures.canonical_svg(pgbook.figures.subplots()[0])", ["matplotlib"]),
    ],
)
def test_modules_are_there_after_import_pgbook_and_load_only_what_they_need(code, heavy):
    code = f"import pgbook, sys\n{code}\nprint(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == heavy


def test_every_module_is_there():
    modules = [info.name for info in pkgutil.iter_modules(pgbook.__path__) if info.name[0] != "_"]
    assert [getattr(pgbook, name).__name__ for name in modules] == [f"pgbook.{name}" for name in modules]
    assert {*modules} == {*pgbook.__all__}
    code = "import pgbook; print(*dir(pgbook))"  # in a process that has imported none
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {*modules} <= {*done.stdout.split()}
    with pytest.raises(AttributeError, match=r"^module 'pgbook' has no attribute 'nothing'$"):
        pgbook.nothing  # noqa: B018


def test_the_package_says_that_it_has_types():
    assert (resources.files(pgbook) / "py.typed").is_file()
