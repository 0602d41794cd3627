"""Binder: what it would build from .binder/, and that a chapter runs in what it builds."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from booktools import install

ROOT = Path(__file__).resolve().parents[2]
CPU_TORCH = f"--extra-index-url {install.CPU_WHEELS}"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Binder's images and postBuild are for Linux")


@pytest.fixture
def clone(tmp_path):
    """Return a copy of the repository as Binder would clone it: no ignored files, nothing built."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout, so the files Binder would clone are not known")
    listed = run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT).stdout
    for name in listed.splitlines():
        if (ROOT / name).is_file():
            (tmp_path / "clone" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / "clone" / name)
    return tmp_path / "clone"


@pytest.fixture
def clean_venv(tmp_path):
    """Return the environment variables of a new, empty virtual environment; it is removed afterwards."""
    run([sys.executable, "-m", "venv", tmp_path / "venv"], cwd=tmp_path)
    inherited = ("PYTHON", "PYTEST", "JUPYTER", "VIRTUAL_ENV")
    env = {name: value for name, value in os.environ.items() if not name.startswith(inherited)}
    yield env | {"PATH": f"{tmp_path / 'venv' / 'bin'}{os.pathsep}{env['PATH']}"}
    shutil.rmtree(tmp_path / "venv")


def test_repo2docker_installs_the_pinned_environment_and_runs_postbuild(clone):
    command = ["repo2docker", "--no-build", "--debug", "--Repo2Docker.platform=linux/amd64", clone]
    done = run([sys.executable, "-m", *command], cwd=clone.parent)
    # Earlier than the book is copied, pip would have no ../requirements.txt beside .binder/requirements.txt.
    steps = [
        "COPY .*src/ ",
        "RUN .*/pip install .*-r .\\.binder/requirements\\.txt",
        "RUN \\./\\.binder/postBuild",
    ]
    assert re.search("^" + ".*^".join(steps), done.stdout, re.DOTALL | re.MULTILINE)

    python = re.search(r"Building conda environment for python=(\S+)", done.stderr)[1]
    project = tomllib.loads((clone / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (clone / ".binder/runtime.txt").read_text() == f"python-{python}\n"
    assert python in SpecifierSet(project["requires-python"])


def test_the_pinned_environment_is_the_whole_one_with_cpu_torch(clone):
    lines = (clone / ".binder/requirements.txt").read_text().splitlines()
    assert [line for line in lines if line[0] != "#"] == [CPU_TORCH, "-r ../requirements.txt"]


def test_postbuild_stops_at_the_first_error(clone):
    script = clone / ".binder/postBuild"
    assert os.access(script, os.X_OK)
    first = next(line for line in script.read_text().splitlines() if line[:1] not in ("", "#"))
    assert first == "set -euo pipefail"


@pytest.mark.slow
def test_a_chapter_runs_in_the_environment_of_binder(clone, clean_venv):
    python = (clone / ".binder/runtime.txt").read_text().strip().removeprefix("python-")
    if python != f"{sys.version_info.major}.{sys.version_info.minor}":
        pytest.skip(f"Binder uses Python {python}; this is {sys.version.split()[0]}")

    named = clone / ".binder/requirements.txt"
    if not install.reachable(install.CPU_WHEELS, install.settings()):
        named.write_text(named.read_text().replace(CPU_TORCH, ""))
    run(["python", "-m", "pip", "install", "--quiet", "-r", named], cwd=clone, env=clean_venv)
    run([clone / ".binder/postBuild"], cwd=clone, env=clean_venv)

    chapter = min((clone / "chapters").glob("*.ipynb"))
    run(["python", "-m", "pytest", "--nbval", chapter], cwd=clone, env=clean_venv)


def run(command, **kwargs):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **kwargs)
    if done.returncode:
        # Without a traceback, which would show the environment variables.
        pytest.fail(f"{command} failed:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}", pytrace=False)
    return done
