"""The package as it is imported and installed."""

import subprocess
import sys
from importlib import resources

import pytest

import pgbook

HEAVY = ("torch", "altair", "matplotlib", "sympy")


def loaded(code):
    """Which heavy packages a new interpreter has loaded after some code."""
    code = f"{code}\nimport sys\nprint(*[name for name in {HEAVY} if name in sys.modules])"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        (
            "import pgbook; pgbook.bandits, pgbook.episodes, pgbook.verify",
            [],
        ),
        ("import pgbook; pgbook.figures", ["matplotlib"]),
    ],
)
def test_modules_are_there_after_import_pgbook_and_load_only_what_they_need(code, heavy):
    assert loaded(code) == heavy


def test_every_module_is_there():
    for name in (
        "bandits",
        "episodes",
        "estimators",
        "explorers",
        "figures",
        "policies",
        "printing",
        "verify",
    ):
        assert getattr(pgbook, name).__name__ == f"pgbook.{name}"
    with pytest.raises(AttributeError, match=r"^module 'pgbook' has no attribute 'nothing'$"):
        pgbook.nothing  # noqa: B018


def test_the_package_says_that_it_has_types():
    assert (resources.files(pgbook) / "py.typed").is_file()
