"""A headless Chromium that sees only this machine, and the built book to look at with it."""

import os
import shutil
import socket
import subprocess
import time
import urllib.request

import pytest
from playwright.sync_api import sync_playwright

import chapters

HTML = chapters.ROOT / "_build" / "html"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def found():
    """Return the path of Chromium; skip where there is none, or fail where REQUIRE_BROWSER is set."""
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    message = f"no browser found (looked for {', '.join(NAMES)}): the built pages are not looked at"
    pytest.fail(message) if os.environ.get("REQUIRE_BROWSER") else pytest.skip(message)


@pytest.fixture(scope="module")
def browser():
    """Return a running headless Chromium."""
    path = found()
    # Chromium's own connections (updates, safe browsing) are none of the pages'.
    quiet = [f"--disable-{name}" for name in ("background-networking", "component-update", "sync", "quic")]
    sandbox = [] if getattr(os, "geteuid", lambda: 1)() else ["--no-sandbox"]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=[*quiet, *sandbox])
        yield launched
        launched.close()


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
