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
    assert [
        name for name, licence in licences.listed().items() if licence in ("unknown", "UNKNOWN", "None")
    ] == []


class Fetched(HTMLParser):
    """Collects what a page makes a browser fetch or run."""

    def __init__(self, text):
        super().__init__()
        self.addresses, self.styles, self.scripts, self._inside = [], [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self._inside = tag
        self.styles.append(given.get("style") or "")
        self.scripts += [value or "" for name, value in attributes if name.startswith("on")]
        for name in (
            "src",
            "srcset",
            "data",
            "poster",
            "background",
            "action",
            "formaction",
            "ping",
            "xlink:href",
        ):
            self.addresses += (
                (given.get(name) or "").split(",") if name == "srcset" else [given.get(name) or ""]
            )
        if tag in ("base", "use", "image") or (tag == "link" and FETCHED.search(given.get("rel") or "")):
            self.addresses.append(given.get("href") or "")
        if tag == "meta" and given.get("http-equiv"):
            self.addresses.append((given.get("content") or "").partition("url=")[2])

    def handle_endtag(self, tag):
        self._inside = None

    def handle_data(self, data):
        {"style": self.styles, "script": self.scripts}.get(self._inside, []).append(data)


def fetched_by_style(text):
    return re.findall(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)", text)


def test_the_scan_finds_what_it_looks_for():
    page = """<link rel="stylesheet" href="//a.org/x.css"><img srcset="x.png, https://b.org/y.png 2x">
      <p style="background: url(https://c.org/z)"><script>fetch("https://d.org")</script>
      <a href="https://e.org">e</a><script src='HTTPS://f.org/f.js'></script>
      <link rel="canonical" href="https://g.org"><img onerror="x('//h.org')">"""
    found = Fetched(page)
    assert [a.strip() for a in found.addresses if ELSEWHERE.match(a)] == [
        "//a.org/x.css",
        "https://b.org/y.png 2x",
        "HTTPS://f.org/f.js",
    ]
    assert fetched_by_style("".join(found.styles)) == [("https://c.org/z", "")]
    assert [s for s in found.scripts if ELSEWHERE.search(s)] == ["x('//h.org')", 'fetch("https://d.org")'][
        ::-1
    ]


@pytest.mark.skipif(not PAGES, reason="the book is not built here")
def test_no_page_fetches_anything_from_elsewhere():
    found = []
    for path in PAGES:
        page = Fetched(path.read_text(encoding="utf-8"))
        found += [(path.name, address) for address in page.addresses if ELSEWHERE.match(address)]
        styles = [address for style in page.styles for pair in fetched_by_style(style) for address in pair]
        found += [(path.name, address) for address in styles if ELSEWHERE.match(address)]
        found += [(path.name, script) for script in page.scripts if re.search(r"https?://|[\"']//", script)]
    assert found == []


@pytest.mark.skipif(not PAGES, reason="the book is not built here")
def test_no_style_or_script_fetches_anything_from_elsewhere():
    found = []
    for path in sorted(HTML.rglob("*.css")):
        addresses = [
            address for pair in fetched_by_style(path.read_text(encoding="utf-8")) for address in pair
        ]
        found += [(path.name, address) for address in addresses if ELSEWHERE.match(address)]
    verbs = "fetch|import|importScripts|open|sendBeacon|src|href"
    loads = rf"(?:{verbs})\s*[=(]\s*[\"'`](?:https?:)?//[^\"'`]*"
    trackers = (
        r"google-?analytics|googletagmanager|plausible\.io|matomo|static\.hotjar|doubleclick|segment\.io"
    )
    for path in sorted(HTML.rglob("*.js")):
        script = re.sub(r"<a href=\W*https?://[^>]*>", "", path.read_text(encoding="utf-8"))
        found += [(path.name, match) for match in re.findall(f"{loads}|{trackers}", script)]
    assert found == []


TEXTS = [
    path
    for pattern in (
        "*.md",
        "*.toml",
        "*.yml",
        "*.cff",
        "*.txt",
        "chapters/**/*.*",
        ".github/**/*.*",
        ".binder/*",
    )
    for path in notebooks.ROOT.glob(pattern)
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
