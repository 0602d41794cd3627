"""What the tests that look at the built pages share: where they lie, and whether there is a browser."""

import os

import pytest

from booktools import chromium, notebooks

HTML = notebooks.ROOT / "_build" / "html"
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
