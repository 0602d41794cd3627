"""The environment: pinned, consistent, and one in which JupyterLab shows the chapters as documents."""

import re
import subprocess
import sys

from booktools import notebooks


def run(*words):
    return subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, check=False)


def test_every_version_is_pinned():
    lines = (notebooks.ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 100
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.+-]+( ; .+)?", line)] == []


def test_the_versions_fit_together():
    assert run("pip", "check").returncode == 0


def test_jupyterlab_loads_the_extension_that_renders_theorems_and_exercises():
    listed = run("jupyter", "labextension", "list")
    assert re.search(r"jupyterlab-myst v[\d.]+ .*enabled.*OK", listed.stdout + listed.stderr)
