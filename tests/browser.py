"""A headless Chromium and the served book, for the tests that look at the built pages."""

import os
import socket
import subprocess
import time
import urllib.request

import chromium
import pytest

import chapters

HTML = chapters.ROOT / "_build" / "html"
# A page without mathematics does not load MathJax.
TYPESET = """() => !document.querySelector('.math')
    || (window.MathJax?.startup?.promise && [...document.querySelectorAll('.math')]
        .every(math => math.querySelector('mjx-container')))"""


def found():
    """Return the path of Chromium; skip where there is none, or fail where REQUIRE_BROWSER is set."""
    try:
        return chromium.path()
    except chromium.Missing as missing:
        message = f"{missing}: the built pages are not looked at"
    pytest.fail(message) if os.environ.get("REQUIRE_BROWSER") else pytest.skip(message)


@pytest.fixture(scope="module")
def browser():
    """Return a running headless Chromium."""
    found()
    with chromium.launched() as launched:
        yield launched


@pytest.fixture(scope="module")
def address():
    """Return the address at which `make serve` shows the book."""
    assert (HTML / "built").exists(), "build the book first: make book"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["make", "serve", f"PORT={port}"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, cwd=chapters.ROOT, start_new_session=True, **quiet)
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
