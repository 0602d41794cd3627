"""A headless Chromium that sees only this machine, for the tests that look at the built pages."""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

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
