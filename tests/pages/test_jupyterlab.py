"""The chapters as a reader meets them in JupyterLab: shown as a document, run to the end in Binder's memory.

JupyterLab is a real one, started with no settings on a copy of the book, and driven in a real browser.
"""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from types import SimpleNamespace

import psutil
import pytest

from booktools import notebooks

# Binder gives 2 GB to the server and the kernel together.
MEMORY = 2_000_000_000
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="processes end in the way of Linux and macOS"),
]

OPEN = """async path => {
    const panel = await window.jupyterapp.commands.execute('docmanager:open', {path});
    await panel.context.ready;
    await panel.sessionContext.ready;
    // All cells are kept on the page, not only those in view.
    panel.content.notebookConfig = {...panel.content.notebookConfig, windowingMode: 'none'};
}"""
CLOSE = """async () => {
    const panel = window.jupyterapp.shell.currentWidget;
    await panel.sessionContext.shutdown();
    panel.dispose();
}"""
RUN = """async () => {
    await window.jupyterapp.commands.execute('notebook:run-all-cells');
    const panel = window.jupyterapp.shell.currentWidget;
    const code = [...panel.model.cells].map(cell => cell.toJSON()).filter(cell => cell.cell_type === 'code');
    return {
        counts: code.map(cell => cell.execution_count),
        outputs: code.map(cell => cell.outputs),
    };
}"""
# The extension takes its time, and what leads from one cell to another comes last.
RENDERED = """labels => labels.every(label => document.getElementById(label))
    && window.jupyterapp.shell.currentWidget.content.widgets.every(
        cell => cell.model.type !== 'markdown' || cell.node.querySelector('.myst')?.textContent)"""
FOUND = """async () => {
    const cells = window.jupyterapp.shell.currentWidget.content.widgets;
    const text = cells.filter(cell => cell.model.type === 'markdown');
    const all = selector => text.flatMap(cell => [...cell.node.querySelectorAll(selector)]);
    const deeper = text.filter(cell => cell.headingCollapsed).map(cell => cell.numberChildNodes);
    await window.jupyterapp.commands.execute('notebook:expand-all-headings');
    return {
        shown: text.map(cell => cell.node.innerText),
        formulas: all('.katex').length,
        wrong: all('.katex-error').map(formula => formula.title),
        unresolved: all('.text-yellow-600').map(reference => reference.innerText.trim()),
        closed: cells.filter(cell => cell.inputHidden).map(cell => cell.model.id),
        deeper,
    };
}"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Return a running JupyterLab on a copy of the chapters: its address, token and process."""
    home = tmp_path_factory.mktemp("lab")
    for folder in ("chapters", "pgbook"):
        shutil.copytree(notebooks.ROOT / folder, home / "book" / folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        environment[name] = str(home / name)
    for name in ("SETTINGS", "WORKSPACES"):
        environment[f"JUPYTERLAB_{name}_DIR"] = str(home / name)
    environment["PYTHONPATH"] = str(home / "book")
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--expose-app-in-browser", "--allow-root"),
        *("--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
        *(f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={home / 'book'}"),
    ]
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=home, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api", server, home / "log")
        yield SimpleNamespace(address=address, token=token, process=psutil.Process(server.pid))
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def _wait_for(url, server, log):
    while server.poll() is None:
        try:
            return urllib.request.urlopen(url).close()
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"JupyterLab does not start:\n{log.read_text()[-2000:]}", pytrace=False)


class Memory(threading.Thread):
    """Watches how much memory the server and its kernels hold together; ``peak`` has the most."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.peak, self.over = server, 0, threading.Event()

    def run(self):
        while not self.over.wait(0.2):
            processes = [self.server, *self.server.children(recursive=True)]
            with suppress(psutil.NoSuchProcess):
                self.peak = max(self.peak, sum(process.memory_info().rss for process in processes))


@pytest.fixture(scope="module")
def window(lab, browser):
    """Return a window of the browser in which JupyterLab is open."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    local_only = lambda route: route.continue_() if lab.address in route.request.url else route.abort()  # noqa: E731
    context.route(re.compile("^https?://"), local_only)
    page = context.new_page()
    page.goto(f"{lab.address}/lab?token={lab.token}")
    page.wait_for_function("() => window.jupyterapp")
    page.evaluate("() => window.jupyterapp.restored.then(() => true)")
    yield page
    context.close()


@pytest.fixture(scope="module", params=notebooks.paths(), ids=lambda path: path.stem)
def chapter(request, lab, window):
    """Return what JupyterLab shows of a chapter, what it holds after it ran, and the memory that took."""
    notebook, memory = notebooks.load(request.param), Memory(lab.process)
    memory.start()
    window.evaluate(OPEN, request.param.relative_to(notebooks.ROOT).as_posix())
    labels = [label for label, _ in notebooks.equations(notebook)]
    window.wait_for_function(RENDERED, arg=labels, polling=500)
    found = window.evaluate(FOUND) | window.evaluate(RUN)
    window.evaluate(CLOSE)
    memory.over.set()
    memory.join()
    print(f"{request.param.name}: {memory.peak / 1e9:.2f} GB")
    numbered = request.param in notebooks.chapters()
    return SimpleNamespace(**found, memory=memory.peak, notebook=notebook, numbered=numbered)


def test_all_of_it_runs_and_shows_what_the_book_shows(chapter):
    code = [cell for _, cell in notebooks.cells(chapter.notebook, "code")]
    assert chapter.counts == list(range(1, len(code) + 1))
    for cell, outputs in zip(code, chapter.outputs, strict=True):
        assert not [output for output in outputs if output["output_type"] == "error"]
        assert _printed(outputs) == _printed(cell.outputs)


def test_it_fits_into_the_memory_of_binder(chapter):
    assert 0 < chapter.memory < MEMORY


def test_it_is_shown_as_a_document(chapter):
    text = "\n".join(chapter.shown)
    assert re.findall(r":::+|\$\$|\\begin\{|\{(?:eq|numref|term|cite|cite:t|ref|prf:\w+)\}", text) == []
    assert len(re.findall(r"Exercise \d", text)) >= 5 or not chapter.numbered


def test_the_code_of_checks_and_figures_is_shown_on_demand(chapter):
    closed = [cell.id for cell in notebooks.closed(chapter.notebook)]
    assert closed or not chapter.numbered
    assert set(closed) <= set(chapter.closed)
    parts = [
        cell
        for _, cell in notebooks.cells(chapter.notebook, "markdown")
        if notebooks.DEEPER.match(cell.source)
    ]
    assert len(chapter.deeper) == len(parts)
    assert all(chapter.deeper)


def test_its_formulas_are_typeset(chapter):
    assert chapter.formulas > (50 if chapter.numbered else 0)
    assert chapter.wrong == []


def test_only_what_lies_outside_the_chapter_is_named_by_its_label(chapter):
    """JupyterLab knows one chapter at a time: no bibliography, no other chapters, no captions of cells."""
    source = "\n".join(cell.source for cell in chapter.notebook.cells)
    own = set(re.findall(r"^:label: (\S+)|^\$\$ *\(([^)]+)\)", source, re.MULTILINE))
    own = {label for pair in own for label in pair if label}
    assert [label for label in chapter.unresolved if label in own] == []


def _printed(outputs):
    """Return lines and tables in their order, which nbval does not compare."""
    texts = [output.get("text") or output["data"].get("text/html", "") for output in outputs]
    return "".join("".join(text) for text in texts)
