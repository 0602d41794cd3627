"""What a page of the built book weighs, and how soon its last equation is typeset.

Each page is opened in headless Chromium with a cold cache, from a local server that compresses text
as GitHub Pages does. Times depend on what else the machine does: each is the least of three.
"""

import functools
import gzip
import threading
from collections import namedtuple
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from booktools import notebooks
from booktools.chromium import launched

TEXT = {".html", ".js", ".css", ".svg", ".json", ".ipynb", ".txt", ".md"}

Page = namedtuple("Page", "name kilobytes weights loaded typeset")
Row = namedtuple("Row", "page requests kilobytes loaded typeset")
# Milliseconds since the navigation began: all is loaded, and the last equation is typeset.
WATCH = """addEventListener('DOMContentLoaded', () => {
    window.MathJax?.startup?.promise?.then(() => { window.typeset = performance.now() });
})"""
TIMES = """async () => {
    await window.MathJax?.startup?.promise;
    return [performance.getEntriesByType('navigation')[0].loadEventEnd, window.typeset ?? 0];
}"""


class Compressing(SimpleHTTPRequestHandler):
    """Send text compressed by gzip."""

    def send_head(self):
        path = Path(self.translate_path(self.path))
        if path.suffix not in TEXT or not path.is_file():
            return super().send_head()
        body = _compressed(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def log_message(self, *words):
        """Say nothing."""


@functools.cache
def _compressed(path):
    return gzip.compress(path.read_bytes(), compresslevel=6)


@contextmanager
def served(folder=notebooks.HTML):
    """Serve a folder on this machine, compressed; give its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Compressing, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def weights(urls):
    """Return how many bytes a first visit transfers for each file of the book, by its path."""
    paths = {urlsplit(url).path.removeprefix("/") for url in urls if not url.startswith("data:")}
    return {path: _weight(notebooks.HTML / path) for path in paths}


def _weight(path):
    return len(_compressed(path)) if path.suffix in TEXT else path.stat().st_size


def measure(browser, address, name):
    """Open a page with a cold cache; return its weight and times."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(WATCH)
    page.goto(f"{address}/{name}.html", wait_until="load")
    loaded, typeset = page.evaluate(TIMES)
    page.wait_for_load_state("networkidle")
    context.close()
    transferred = weights(asked)
    return Page(name, sum(transferred.values()) / 1e3, transferred, loaded, typeset)


def weighed(repeats=3):
    """Return a row per page: its name, requests, kB, and milliseconds until it is loaded and typeset."""
    rows = []
    with launched() as browser, served() as address:
        for name in notebooks.listed():
            runs = [measure(browser, address, name) for _ in range(repeats)]
            loaded, typeset = (min(getattr(run, time) for run in runs) for time in ("loaded", "typeset"))
            first = runs[0]
            rows.append(Row(name, len(first.weights), round(first.kilobytes), round(loaded), round(typeset)))
    return rows
