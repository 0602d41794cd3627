"""The same numbers with other versions: `make versions` installs each set and compares the chapters.

Other versions of matplotlib draw other paths, so figures are compared only by being there. Where PyTorch has
no CPU build for a Python, a stand-in takes its place; cells that need PyTorch are counted, not compared.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from booktools import notebooks
from tests.nightly.matrix import ROOT, outcomes, tree

RUNNER = ["nbval", "pytest", "ipykernel", "nbformat", "pyyaml"]
STAND_IN = '''"""Stands in for PyTorch where there is none."""
float64 = "float64"
set_default_dtype = set_num_threads = lambda *given: None


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    raise NotImplementedError("PyTorch is needed here")
'''


def bounds():
    """Return the lowest version that `pyproject.toml` admits of each package, and if it is the only one here.

    PyTorch stays at its lowest: others may be had with CUDA only.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = [re.match(r"([\w-]+)(>=|==)([\d.]+)", line).groups() for line in project["dependencies"]]
    return {name: (version, sign == "==" or name == "torch") for name, sign, version in found}


def wanted(which):
    """Return what pip is asked for: the oldest versions, the newest, or those pinned."""
    if which == "pinned":
        return list(bounds())
    return [
        f"{name}=={version}" if which == "oldest" or only else name
        for name, (version, only) in bounds().items()
    ]


def install(python, which, folder):
    """Make an environment; return its Python and whether it has PyTorch."""
    venv = Path(folder) / "venv"
    subprocess.run([python, "-m", "venv", venv], check=True)
    own = venv / "bin/python"
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    free = [] if which == "pinned" else list(bounds())
    kept = [pin for pin in pins if pin.partition("==")[0] not in (*free, "torch")]
    (Path(folder) / "constraints.txt").write_text("\n".join(kept))
    asked = wanted(which)
    torch = [pin for pin in asked if pin.startswith("torch")]
    with_torch = has_cpu_build(own)
    asked = [*[pin for pin in asked if pin not in torch], *(torch if with_torch else []), *RUNNER]
    words = [own, "-m", "pip", "install", "-qq", "-c", Path(folder) / "constraints.txt", *asked]
    subprocess.run(words, check=True)
    return own, with_torch


def has_cpu_build(python):
    """Whether pip finds a CPU build of PyTorch: one that asks for no CUDA."""
    words = ["install", "--dry-run", "--no-deps", "--only-binary", ":all:", f"torch=={bounds()['torch'][0]}"]
    words = [python, "-m", "pip", *words]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.returncode == 0 and "+cpu" in done.stdout


def compare(python, with_torch, folder):
    """Run nbval over the chapters: return how many cells agree, how many were left out, and who differs."""
    book = tree(Path(folder) / "book")
    if not with_torch:
        (book / "torch.py").write_text(STAND_IN)
    report = book / "report.xml"
    # Only what comes with "=" has no say in where pytest looks for its configuration.
    words = ["-q", "-o", "addopts=", "--nbval", f"--nbval-sanitize-with={ROOT / '.github/text-only.cfg'}"]
    words += ["-p", "no:cacheprovider", f"--junitxml={report}", *notebooks.chapters(book)]
    path = {"PYTHONPATH": str(book), "PATH": f"{python.parent}:/usr/bin:/bin", "HOME": str(Path.home())}
    subprocess.run([python, "-m", "pytest", *words], cwd=book, env=path, capture_output=True, check=False)
    cases = list(outcomes(report))
    agree, left_out, differ = 0, 0, [] if cases else ["nothing ran"]
    for name, why in cases:
        if not why:
            agree += 1
        elif with_torch or "outputs differ" in why:
            differ.append(name)
        else:
            left_out += 1  # it needs PyTorch, or what another cell made with it
    return agree, left_out, differ


def main():
    only, total, bad = " ".join(sys.argv[1:]), 0, 0
    for minor, which in [(11, "oldest"), (11, "newest"), (12, "pinned"), (13, "newest"), (14, "newest")]:
        name = f"Python 3.{minor}, {which} versions"
        if only not in name:
            continue
        python = shutil.which(f"python3.{minor}")
        working = (
            python and subprocess.run([python, "--version"], capture_output=True, check=False).returncode == 0
        )
        if not working:
            print(f"{name:32} not run: there is no python3.{minor}", flush=True)
            continue
        with tempfile.TemporaryDirectory() as folder:
            own, with_torch = install(python, which, folder)
            agree, left_out, differ = compare(own, with_torch, folder)
            listed = subprocess.run(
                [own, "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True
            )
        used = [line for line in listed.stdout.split() if line.partition("==")[0].lower() in bounds()]
        print(
            f"{name:32} {agree} passed, {len(differ)} failed, {left_out} left out · {', '.join(used)}",
            flush=True,
        )
        for line in differ:
            print(f"    {line}", flush=True)
        total, bad = total + agree, bad + len(differ)
    print(f"{total} passed, {bad} failed")
    return int(bad > 0 or total == 0)


if __name__ == "__main__":
    sys.exit(main())
