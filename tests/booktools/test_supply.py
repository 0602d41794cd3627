"""What the book is made of: known licences, nothing fetched from elsewhere, no trace of one machine."""

import re
import socket
from html.parser import HTMLParser
from pathlib import Path

import pytest

from booktools import licences, notebooks

HTML = notebooks.ROOT / "_build/html"
PAGES = sorted(HTML.rglob("*.html"))
# Of a link, only these make a browser fetch what it names.
FETCHED = re.compile(r"stylesheet|icon|preload|prefetch|preconnect|modulepreload|manifest|dns-prefetch")
ELSEWHERE = re.compile(r"\s*(?:https?:|wss?:)?//", re.IGNORECASE)


def test_every_dependency_has_a_licence_that_is_known():
    assert licences.PAGE.read_text(encoding="utf-8") == licences.page(licences.listed())
    assert list(licences.listed()) == licences.pins()
    assert not {"unknown", "UNKNOWN", "None"} & set(licences.listed().values())


class Fetched(HTMLParser):
    """Collects what a page makes a browser fetch or run: addresses, styles, scripts."""

    NAMED = ("src", "srcset", "data", "poster", "background", "action", "formaction", "ping", "xlink:href")

    def __init__(self, text):
        super().__init__()
        self.addresses, self.styles, self.scripts, self._inside = [], [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = {name: value or "" for name, value in attributes}
        self._inside = tag
        self.styles.append(given.get("style", ""))
        self.scripts += [value for name, value in given.items() if name.startswith("on")]
        for name in self.NAMED:
            self.addresses += given.get(name, "").split(",") if name == "srcset" else [given.get(name, "")]
        if tag in ("base", "use", "image") or (tag == "link" and FETCHED.search(given.get("rel", ""))):
            self.addresses.append(given.get("href", ""))
        if tag == "meta" and "http-equiv" in given:
            self.addresses.append(given.get("content", "").partition("url=")[2])

    def handle_endtag(self, tag):
        self._inside = None

    def handle_data(self, data):
        {"style": self.styles, "script": self.scripts}.get(self._inside, []).append(data)

    def elsewhere(self):
        """Return what of it lies elsewhere."""
        named = self.addresses + [address for style in self.styles for address in fetched_by_style(style)]
        scripts = [script for script in self.scripts if re.search(r"https?://|[\"']//", script)]
        return [address.strip() for address in named if ELSEWHERE.match(address)] + scripts


def fetched_by_style(text):
    found = re.findall(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)", text)
    return [address for pair in found for address in pair]


def test_the_scan_finds_what_it_looks_for():
    page = """<link rel="stylesheet" href="//a.org/x.css"><img srcset="x.png, https://b.org/y.png 2x">
      <p style="background: url(https://c.org/z)"><script>fetch("https://d.org")</script>
      <a href="https://e.org">e</a><script src='HTTPS://f.org/f.js'></script>
      <link rel="canonical" href="https://g.org"><img onerror="x('//h.org')">"""
    assert Fetched(page).elsewhere() == [
        *("//a.org/x.css", "https://b.org/y.png 2x", "HTTPS://f.org/f.js", "https://c.org/z"),
        *('fetch("https://d.org")', "x('//h.org')"),
    ]


@pytest.mark.skipif(not PAGES, reason="the book is not built here")
def test_no_page_fetches_anything_from_elsewhere():
    found = [(path.name, Fetched(path.read_text(encoding="utf-8")).elsewhere()) for path in PAGES]
    assert [(name, addresses) for name, addresses in found if addresses] == []


@pytest.mark.skipif(not PAGES, reason="the book is not built here")
def test_no_style_or_script_fetches_anything_from_elsewhere():
    found = []
    for path in sorted(HTML.rglob("*.css")):
        addresses = fetched_by_style(path.read_text(encoding="utf-8"))
        found += [(path.name, address) for address in addresses if ELSEWHERE.match(address)]
    verbs = "fetch|import|importScripts|open|sendBeacon|src|href"
    loads = rf"(?:{verbs})\s*[=(]\s*[\"'`](?:https?:)?//[^\"'`]*"
    trackers = (
        "google-?analytics|googletagmanager|plausible\\.io|matomo|static\\.hotjar|doubleclick|segment\\.io"
    )
    for path in sorted(HTML.rglob("*.js")):
        script = re.sub(r"<a href=\W*https?://[^>]*>", "", path.read_text(encoding="utf-8"))
        found += [(path.name, match) for match in re.findall(f"{loads}|{trackers}", script)]
    assert found == []


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
