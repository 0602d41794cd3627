"""What the book is made of: known licences, nothing fetched from elsewhere, no trace of one machine."""

import re
import socket
from pathlib import Path

import pytest

from booktools import licences, notebooks

HTML = notebooks.ROOT / "_build/html"
# What fetches something: an element other than a link (or the address of the page itself), a style, a script.
FETCHES = (
    r"<(?!a\b|link rel=.canonical)[a-z][^>]*\b(?:src|srcset|href|data|poster)=[\"']",
    r"(?:url\(|@import)\s*[\"']?",
    r"(?:fetch|import|importScripts|open|sendBeacon|src|href)\s*[=(]\s*[\"'`]",
)
ELSEWHERE = re.compile(rf"({'|'.join(FETCHES)})(?:https?:|wss?:)?//[^\"'`)]*")
TRACKERS = "google-?analytics|googletagmanager|plausible\\.io|matomo|static\\.hotjar|doubleclick|segment\\.io"
# Scripts write links, too; readers follow them or not.
LINK = re.compile(r"<a\b[^>]*>")


def test_every_dependency_has_a_licence_that_is_known():
    assert licences.PAGE.read_text(encoding="utf-8") == licences.page(licences.listed())
    assert list(licences.listed()) == licences.pins()
    assert not {"unknown", "UNKNOWN", "None"} & set(licences.listed().values())


def elsewhere(text):
    """Return what a page, style or script fetches from elsewhere, in small letters."""
    text = LINK.sub("", text)
    # An expression that ignores case takes three times as long.
    return [match[0] for match in ELSEWHERE.finditer(text.lower())] + re.findall(TRACKERS, text)


def test_the_scan_finds_what_it_looks_for():
    page = """<link rel="stylesheet" href="//a.org/x.css"><img srcset="https://b.org/y.png 2x">
      <p style="background: url(https://c.org/z)"><script>fetch("https://d.org")</script>
      <a href="https://e.org">e</a><script src='HTTPS://f.org/f.js'></script><p>https://g.org</p>"""
    assert [found[-5:] for found in elsewhere(page)] == ["x.css", "ng 2x", "org/z", "d.org", "/f.js"]


@pytest.mark.skipif(not (HTML / "built").exists(), reason="the book is not built here")
@pytest.mark.parametrize("kind", ["html", "css", "js"])
def test_nothing_that_is_built_fetches_from_elsewhere(kind):
    """What a page asks for when it is opened, tests/pages/test_html.py sees; here is all that it might."""
    found = {path: elsewhere(path.read_text(encoding="utf-8")) for path in HTML.rglob(f"*.{kind}")}
    assert len(found) > 5
    assert {path.name: matches for path, matches in found.items() if matches} == {}


KINDS = ["*.md", "*.toml", "*.yml", "*.cff", "*.txt", "chapters/**/*.*", ".github/**/*.*", ".binder/*"]
TEXTS = [
    path
    for kind in KINDS
    for path in notebooks.ROOT.glob(kind)
    if path.suffix != ".tmp" and ".ipynb_checkpoints" not in path.parts
]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_nothing_names_a_place_or_a_user_of_one_machine(path):
    text = path.read_text(encoding="utf-8")
    home = re.escape(str(Path.home()))
    places = rf"(?:/(?:home|Users|root|tmp|var|mnt|opt)/|[A-Z]:\\+Users\\+|{home}/)[\w.-]+|\bfile://"
    assert re.findall(places, text) == []
    if len(socket.gethostname()) > 5:
        assert socket.gethostname() not in text
