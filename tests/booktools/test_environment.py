"""The environment: pinned and consistent; tests/pages/test_jupyterlab.py sees what JupyterLab makes of it."""

import re
import subprocess
import sys

from booktools import notebooks


def test_every_version_is_pinned():
    lines = (notebooks.ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 100
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.+-]+( ; .+)?", line)] == []


def test_the_versions_fit_together():
    checked = [sys.executable, "-m", "uv", "pip", "check", "--python", sys.executable]
    subprocess.run(checked, capture_output=True, check=True)
