"""A headless Chromium that sees only this machine: it prints the book, and the tests look with it."""

import os
import shutil
from contextlib import contextmanager

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
# How long anything may take, in milliseconds. What never comes is noticed; a busy machine is no fault.
PATIENCE = 600_000


class Missing(Exception):
    """There is no Chromium here; the message says what was looked for."""


def path():
    """Return the path of Chromium or Chrome."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    raise Missing(f"no browser found (looked for {', '.join(NAMES)})")


@contextmanager
def launched():
    """Run a headless Chromium for as long as the block lasts."""
    # Chromium's own connections (updates, safe browsing) are none of the pages'.
    quiet = [f"--disable-{name}" for name in ("background-networking", "component-update", "sync", "quic")]
    alone = ["--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    sandbox = [] if getattr(os, "geteuid", lambda: 1)() else ["--no-sandbox"]
    arguments = {"executable_path": path(), "args": [*quiet, *alone, *sandbox]}
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(**arguments, timeout=PATIENCE) as browser,
    ):
        browser.on("context", lambda context: context.set_default_timeout(PATIENCE))
        yield browser
