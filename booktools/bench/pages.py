"""What a page of the built book weighs, and how soon MathJax has gone through its formulas.

Each page is opened in headless Chromium with a cold cache, and text is weighed compressed, as GitHub Pages
sends it. Times depend on what else the machine does: each is the least of three.
"""

import functools
import gzip
import threading
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from booktools import notebooks
from booktools.chromium import launched

TEXT = {".html", ".js", ".css", ".svg", ".json", ".ipynb", ".txt", ".md"}

# Milliseconds since the navigation began: all is loaded, and MathJax has gone through the formulas.
WATCH = """addEventListener('DOMContentLoaded', () => {
    window.MathJax?.startup?.promise?.then(() => { window.typeset = performance.now() });
})"""
TIMES = """async () => {
    await window.MathJax?.startup?.promise;
    return [performance.getEntriesByType('navigation')[0].loadEventEnd, window.typeset ?? 0];
}"""


class Quiet(SimpleHTTPRequestHandler):
    """Send files, and say nothing of it."""

    def log_message(self, *words):
        pass


@contextmanager
def served(folder=notebooks.HTML):
    """Serve a folder on this machine; give its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def weights(urls):
    """Return how many bytes a first visit transfers for each file of the book, by its path."""
    paths = {urlsplit(url).path.removeprefix("/") for url in urls if not url.startswith("data:")}
    return {path: _weight(notebooks.HTML / path) for path in paths}


@functools.cache
def _weight(path):
    return len(gzip.compress(path.read_bytes(), 6)) if path.suffix in TEXT else path.stat().st_size


def opened(browser, url):
    """Open a page with a cold cache; return what it weighs, and when it is loaded and typeset."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(WATCH)
    page.goto(url, wait_until="load")
    loaded, typeset = page.evaluate(TIMES)
    page.wait_for_load_state("networkidle")
    context.close()
    return weights(asked), loaded, typeset


def weighed(repeats=3):
    """Return a row per page: its name, requests, kB, and milliseconds until it is loaded and typeset."""
    rows = []
    with launched() as browser, served() as address:
        for name in notebooks.listed():
            runs = [opened(browser, f"{address}/{name}.html") for _ in range(repeats)]
            files = runs[0][0]
            loaded, typeset = (round(min(run[time] for run in runs)) for time in (1, 2))
            rows.append({"page": name, "requests": len(files), "kilobytes": round(sum(files.values()) / 1e3)}
                        | {"loaded": loaded, "typeset": typeset})  # fmt: skip
    return rows
