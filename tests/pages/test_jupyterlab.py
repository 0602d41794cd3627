"""Every chapter as a reader meets it in JupyterLab: shown as a document, run to the end, in Binder's memory.

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
from collections import defaultdict
from types import SimpleNamespace

import psutil
import pytest

from booktools import notebooks

PATHS = notebooks.chapters()
# Binder gives 2 GB to the server and the kernel together.
MEMORY = 2_000_000_000
AT_ONCE = 2
MINUTES = 60_000
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes end in the way of Linux and macOS")

OPENED = """() => window.jupyterapp?.shell.currentWidget?.context?.isReady
    && window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"""
# All cells are kept on the page, not only those in view; then "Run All Cells".
RUN = """() => {
    const panel = window.jupyterapp.shell.currentWidget;
    panel.content.notebookConfig = {...panel.content.notebookConfig, windowingMode: 'none'};
    window.jupyterapp.commands.execute('notebook:run-all-cells').then(() => { window.ran = true; });
    return panel.sessionContext.session.kernel.id;
}"""
RAN = """() => window.ran
    && window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"""
FOUND = """labels => {
    const cells = window.jupyterapp.shell.currentWidget.content.widgets;
    const code = cells.filter(cell => cell.model.type === 'code').map(cell => cell.model.toJSON());
    const text = cells.filter(cell => cell.model.type === 'markdown');
    const all = selector => text.flatMap(cell => [...cell.node.querySelectorAll(selector)]);
    return {
        counts: code.map(cell => cell.execution_count),
        outputs: code.map(cell => cell.outputs),
        unrendered: text.filter(cell => !cell.rendered).length,
        shown: text.map(cell => cell.node.innerText),
        formulas: all('.katex').length,
        wrong: all('.katex-error').map(formula => formula.title),
        missing: labels.filter(label => !document.getElementById(label)),
        unresolved: all('.text-yellow-600').map(reference => reference.innerText.trim()),
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


def _wait_for(url, server, log, seconds=120):
    for _ in range(10 * seconds):
        if server.poll() is not None:
            break
        try:
            return urllib.request.urlopen(url).close()
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"JupyterLab does not start:\n{log.read_text()[-2000:]}", pytrace=False)


class Memory(threading.Thread):
    """Watches how much memory the server and each of its kernels hold; ``peak`` has the sum, per kernel."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.peak, self.over = server, defaultdict(int), threading.Event()

    def run(self):
        while not self.over.wait(0.2):
            own = self.server.memory_info().rss
            for process in self.server.children():
                try:
                    kernel = re.search(r"kernel-([\w-]+)\.json", " ".join(process.cmdline()))
                    held = sum(one.memory_info().rss for one in [process, *process.children(recursive=True)])
                except psutil.NoSuchProcess:
                    continue
                if kernel:
                    self.peak[kernel[1]] = max(self.peak[kernel[1]], own + held)


@pytest.fixture(scope="module")
def results(lab, browser):
    """Return, per chapter, what JupyterLab shows after all of it ran, and the memory that took."""
    memory = Memory(lab.process)
    memory.start()
    waiting, running, found = list(PATHS), [], {}
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            running.append(_start(waiting.pop(0), lab, browser))
        path, page, kernel = running.pop(0)
        page.wait_for_function(RAN, timeout=10 * MINUTES)
        labels = [label for label, _ in notebooks.equations(notebooks.load(path))]
        found[path] = page.evaluate(FOUND, labels) | {"memory": memory.peak[kernel]}
        page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        page.context.close()
    memory.over.set()
    for path, result in found.items():
        print(f"{path.name}: {result['memory'] / 1e9:.2f} GB")
    return found


def _start(path, lab, browser):
    """Open a chapter in a window of its own and run all of it; return the page and the kernel."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    local_only = lambda route: route.continue_() if lab.address in route.request.url else route.abort()  # noqa: E731
    context.route(re.compile("^https?://"), local_only)
    page = context.new_page()
    name = path.relative_to(notebooks.ROOT).as_posix()
    page.goto(f"{lab.address}/lab/workspaces/{path.stem}/tree/{name}?token={lab.token}")
    page.wait_for_function(OPENED, timeout=2 * MINUTES)
    return path, page, page.evaluate(RUN)


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def result(request, results):
    """Return what JupyterLab shows of one chapter, with the chapter as committed."""
    return SimpleNamespace(**results[request.param], notebook=notebooks.load(request.param))


def test_all_of_it_runs_and_shows_what_the_book_shows(result):
    code = [cell for _, cell in notebooks.cells(result.notebook, "code")]
    assert result.counts == list(range(1, len(code) + 1))
    for cell, outputs in zip(code, result.outputs, strict=True):
        assert not [output for output in outputs if output["output_type"] == "error"]
        assert _printed(outputs) == _printed(cell.outputs)


def test_it_fits_into_the_memory_of_binder(result):
    assert 0 < result.memory < MEMORY


def test_it_is_shown_as_a_document(result):
    text = "\n".join(result.shown)
    assert result.unrendered == 0
    assert re.findall(r":::+|\$\$|\\begin\{|\{(?:eq|numref|term|cite|cite:t|ref|prf:\w+)\}", text) == []
    assert len(re.findall(r"Exercise \d", text)) >= 5


def test_its_formulas_are_typeset_and_its_equations_can_be_linked_to(result):
    assert result.formulas > 50
    assert result.wrong == []
    assert result.missing == []


def test_only_what_lies_outside_the_chapter_is_named_by_its_label(result):
    """JupyterLab knows one chapter at a time: no bibliography, no other chapters, no captions of cells."""
    source = "\n".join(cell.source for cell in result.notebook.cells)
    own = set(re.findall(r"^:label: (\S+)|^\$\$ *\(([^)]+)\)", source, re.MULTILINE))
    own = {label for pair in own for label in pair if label}
    assert [label for label in result.unresolved if label in own] == []


def _printed(outputs):
    return "".join("".join(output.get("text", "")) for output in outputs)
