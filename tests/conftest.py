"""What all tests share: property tests try the same examples on every run and every machine.

`make fuzz FUZZ=2000` tries that many other, random ones for each property, and says how many inputs it tried.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from hypothesis import HealthCheck, Phase, settings

from booktools import chromium, notebooks
from tests.pages.browser import HTML, found

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
    """Return a running headless Chromium."""
    found()
    with chromium.launched() as launched:
        yield launched


@pytest.fixture(scope="session")
def address():
    """Return the address of the built book, served as `make serve` does."""
    assert (HTML / "built").exists(), "build the book first: make book"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Not by make, which would first build, or install into the environment that the tests run in.
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", HTML, str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, cwd=notebooks.ROOT, start_new_session=True, **quiet)
    address = f"http://127.0.0.1:{port}"
    for _ in range(100):
        try:
            urllib.request.urlopen(address).close()
            break
        except OSError:
            time.sleep(0.1)
    yield address
    os.killpg(server.pid, 15)
    server.wait()
