"""The same numbers with other versions: `make versions` installs each set and compares the chapters.

Other versions of matplotlib draw other paths, so figures are compared only by being there.
"""

import os
import re
import subprocess
import sys
import tempfile
import tomllib

from booktools import install
from tests.nightly.matrix import ROOT, compared, print_all, tree

# What uv calls the sets of versions, or nothing for those pinned.
RESOLUTIONS = {"oldest": "lowest-direct", "newest": "highest", "pinned": None}
SETS = [("3.11", "oldest"), ("3.11", "newest"), ("3.12", "pinned"), ("3.13", "newest"), ("3.14", "newest")]
RUNNER = ["nbval", "pytest", "pytest-xdist", "ipykernel", "uv"]


def named(requirements):
    return {re.match(r"[\w-]+", line)[0]: line for line in requirements}


def choose(book, resolution, python):
    """Write a copy's requirements.txt anew: what pyproject.toml admits of what pgbook needs, else as pinned.

    PyTorch stays as pinned: another one may be had with CUDA only.
    """
    project = tomllib.loads((book / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = named((book / "requirements.txt").read_text(encoding="utf-8").splitlines())
    free = named(project["dependencies"]).keys() - {"torch"}
    kept = [pin for name, pin in pins.items() if name not in free]
    (book / "kept.txt").write_text("\n".join(kept))
    (book / "runner.in").write_text("\n".join(RUNNER))
    uv("pip", "compile", "--python-version", python, "--resolution", resolution, "--constraint", "kept.txt",
       "pyproject.toml", "runner.in", "--no-header", "--no-annotate", "--output-file", "requirements.txt",
       "--upgrade", "--index-strategy", "unsafe-best-match", cwd=book)  # fmt: skip
    chosen = named((book / "requirements.txt").read_text(encoding="utf-8").splitlines())
    return ", ".join(sorted(chosen[name] for name in free))


def uv(*words, cwd):
    command = [sys.executable, "-m", "uv", "--quiet", *words]
    # What is set for uv itself counts more than pip's settings.
    variables = install.handed_on(install.settings()) | os.environ
    return subprocess.run(command, cwd=cwd, env=variables, check=True)


def runs(only):
    """Yield, for each set of versions, its name and what nbval found with it."""
    for python, which in SETS:
        name = f"Python {python}, {which} versions"
        if only not in name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            book = tree(f"{folder}/book")
            try:
                uv("venv", "--seed", "--no-python-downloads", "--python", python, cwd=book)
            except subprocess.CalledProcessError:
                print(f"{name:36} not run: there is no Python {python}", flush=True)
                continue
            if RESOLUTIONS[which]:
                name += f" ({choose(book, RESOLUTIONS[which], python)})"
            own = book / ".venv/bin/python"
            subprocess.run([own, "-m", "booktools.install"], cwd=book, check=True)
            yield name, compared(book, f"--nbval-sanitize-with={ROOT}/.github/text-only.cfg", python=own)


if __name__ == "__main__":
    sys.exit(print_all(runs(" ".join(sys.argv[1:]))))
