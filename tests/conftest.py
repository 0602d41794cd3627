"""What all tests share: property tests try the same examples on every run and every machine.

`make fuzz FUZZ=2000` tries that many other, random ones for each property, and says how many inputs it tried.
"""

import os
import sys

import pytest
from hypothesis import HealthCheck, Phase, settings

from booktools import chromium, notebooks
from booktools.bench import pages

MANY = os.environ.get("FUZZ")
# For `make mutants`, that a test fails is enough; how small an example can be made takes minutes.
PHASES = set(Phase) - ({Phase.shrink, Phase.explain} if "mutmut" in sys.modules else set())
settings.register_profile(
    "pgbook", derandomize=True, database=None, deadline=None, max_examples=25, phases=PHASES
)
settings.register_profile(
    "fuzz",
    database=None,
    deadline=None,
    max_examples=int(MANY or 1),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("fuzz" if MANY else "pgbook")


def pytest_terminal_summary(terminalreporter):
    if MANY:
        from tests.pgbook.api import tried

        found = ", ".join(f"{number:,} {outcome}" for outcome, number in sorted(tried.items()))
        terminalreporter.write_line(f"inputs tried: {sum(tried.values()):,} ({found})")


@pytest.fixture(scope="session")
def browser():
    """Return a running headless Chromium; skip where there is none, or fail where REQUIRE_BROWSER is set."""
    try:
        chromium.path()
    except chromium.Missing as missing:
        message = f"{missing}: the built pages are not looked at"
        pytest.fail(message) if os.environ.get("REQUIRE_BROWSER") else pytest.skip(message)
    with chromium.launched() as launched:
        yield launched


@pytest.fixture(scope="session")
def address():
    """Return the address of the built book, served compressed, as GitHub Pages does."""
    assert (notebooks.HTML / "built").exists(), "build the book first: make book"
    with pages.served() as address:
        yield address


@pytest.fixture(scope="session")
def tab(browser):
    """Return a tab, for a reader who wants no animations, with all it asks for and complains about."""
    tab = browser.new_context(reduced_motion="reduce").new_page()
    tab.asked, tab.complaints = [], []
    tab.on("request", lambda request: tab.asked.append(request.url))
    tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
    tab.on("console", lambda line: tab.complaints.append(line.text) if line.type == "error" else None)
    return tab
