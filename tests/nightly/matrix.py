"""The same outputs everywhere: `make matrix` runs nbval on other arithmetic and in other surroundings.

Each configuration compares all chapters of `_toc.yml`, text and figures alike, and prints one line: how many
cells agree, and which do not. `make matrix ONLY=OpenBLAS` runs those whose name holds that word;
`make matrix FEW=1` the few that continuous integration has time for.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from booktools import notebooks
from booktools.notebooks import ROOT

# What this machine itself may say of the libraries.
OWN = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
VECTORS = "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"


class Configuration(NamedTuple):
    """Environment variables to set and to unset, where the chapters lie, and what it needs to run here."""

    set: Mapping = MappingProxyType({})
    unset: tuple = ()
    place: str = ""
    needs: str = ""


def openblas(core):
    return Configuration({"OPENBLAS_CORETYPE": core}, unset=OWN, needs="x86_64")


def threads(number):
    libraries = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
    return Configuration({f"{library}_NUM_THREADS": number for library in libraries})


CONFIGURATIONS = {
    "as it is": Configuration(),
    "PyTorch without vector units": Configuration({"ATEN_CPU_CAPABILITY": "default"}),
    "PyTorch with AVX2": Configuration({"ATEN_CPU_CAPABILITY": "avx2"}, needs="avx2"),
    "NumPy without vector units": Configuration({"NPY_DISABLE_CPU_FEATURES": VECTORS}, needs="x86_64"),
    "NumPy with AVX2": Configuration(
        {"NPY_DISABLE_CPU_FEATURES": VECTORS.partition(" ")[2]}, needs="avx512f"
    ),
    "OpenBLAS as it finds the machine": Configuration(unset=OWN),
    "OpenBLAS for Nehalem": openblas("Nehalem"),
    "OpenBLAS for Haswell": openblas("Haswell"),
    "OpenBLAS for Zen": openblas("Zen"),
    "OpenBLAS for SkylakeX": openblas("SkylakeX")._replace(needs="avx512f"),
    "MKL, the same on every processor": Configuration({"MKL_CBWR": "COMPATIBLE"}),
    "MKL for AVX2": Configuration({"MKL_CBWR": "AVX2"}, needs="avx2"),
    "oneDNN without vector units": Configuration({"ONEDNN_MAX_CPU_ISA": "SSE41"}),
    "an old processor": Configuration(
        {"ATEN_CPU_CAPABILITY": "default", "NPY_DISABLE_CPU_FEATURES": VECTORS, "MKL_CBWR": "COMPATIBLE"}
        | {"ONEDNN_MAX_CPU_ISA": "SSE41"},
        needs="x86_64",
    ),
    "one thread": threads("1"),
    "two threads": threads("2"),
    "locale C": Configuration({"LC_ALL": "C", "LANG": "C"}),
    "Turkish": Configuration({"LC_ALL": "tr_TR.UTF-8"}, needs="tr_TR"),
    "German": Configuration({"LC_ALL": "de_DE.UTF-8"}, needs="de_DE"),
    "another time zone": Configuration({"TZ": "Pacific/Chatham"}),
    "another hash seed": Configuration({"PYTHONHASHSEED": "271828"}),
    "a folder named 'größe 1'": Configuration(place="größe 1"),
    "a folder that cannot be written to": Configuration(place="read-only"),
    "all surroundings at once": Configuration(
        {"LC_ALL": "C", "TZ": "Pacific/Chatham", "PYTHONHASHSEED": "1", "COLUMNS": "40"}, place="größe 1"
    ),
}
# None of these touches what a machine says of OpenBLAS.
FEW = ("an old processor", "all surroundings at once")


def lacking(needs):
    """Say what this machine lacks for a configuration, or nothing."""
    if needs in ("tr_TR", "de_DE"):
        known = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout
        return "" if f"{needs}.utf8".lower() in known.lower() else f"no locale {needs}"
    features = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    if needs == "x86_64":
        return "" if os.uname().machine == "x86_64" else "not an x86-64 processor"
    return "" if needs in features.split() or not needs else f"no {needs}"


def tree(copied):
    """Copy what the chapters need into a folder that is made for it."""
    for name in ("pgbook", "chapters", "booktools"):
        shutil.copytree(ROOT / name, copied / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for name in ("_toc.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, copied)
    return copied


def outcomes(report):
    """Return what nbval reported of each cell: its chapter and number, and why it failed, or nothing."""
    cases = ET.parse(report).iter("testcase") if report.exists() else []
    for case in cases:
        why = [found.text or found.tag for found in case if found.tag in ("failure", "error")]
        chapter = case.get("classname").removesuffix(".ipynb").rpartition(".")[2]
        yield f"{chapter} {case.get('name')}".strip(), "\n".join(why)


def read_only(root, command):
    """Return a command that runs another one in a folder that nobody can write to, root included."""
    if getattr(os, "geteuid", lambda: 1)() == 0 and shutil.which("unshare"):
        mount = f'mount --bind "{root}" "{root}" && mount -o remount,ro,bind "{root}" && exec "$@"'
        return ["unshare", "--mount", "sh", "-c", mount, "sh", *command]
    for path in [root, *root.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    return command


def run(configuration, processes, extra):
    """Run nbval in a configuration: return how many cells passed, and which did not."""
    environment = {name: value for name, value in os.environ.items() if name not in configuration.unset}
    with tempfile.TemporaryDirectory() as folder:
        root, report = ROOT, Path(folder) / "report.xml"
        if configuration.place:
            root = tree(Path(folder) / configuration.place)
        paths = [str(path.relative_to(root)) for path in notebooks.chapters(root)]
        environment |= {**configuration.set, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
        words = ["-q", "-o", "addopts=", "--nbval", "-p", "no:cacheprovider", "-p", "no:benchmark", *extra]
        words += ["-n", str(processes), "--dist", "loadfile"] if processes > 1 else ["-p", "no:xdist"]
        command = [sys.executable, "-m", "pytest", *words, f"--junitxml={report}", *paths]
        if configuration.place == "read-only":
            command = read_only(root, command)
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
        if configuration.place == "read-only":
            for path in [root, *root.rglob("*")]:
                path.chmod(0o755)
        cases = list(outcomes(report))
    if not cases:
        return 0, ["nothing ran: " + (done.stdout + done.stderr)[-500:]]
    failed = [name for name, why in cases if why]
    return len(cases) - len(failed), failed


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="part of the names of the configurations to run")
    parser.add_argument("--few", action="store_true", help="only those for continuous integration")
    parser.add_argument("-n", type=int, default=2, dest="processes", help="number of processes")
    parser.add_argument("rest", nargs="*", help="passed on to pytest")
    given = parser.parse_args()
    chosen = [name for name in CONFIGURATIONS if given.only in name and (not given.few or name in FEW)]
    total, bad = 0, 0
    for name in chosen:
        if lack := lacking(CONFIGURATIONS[name].needs):
            print(f"{name:36} not run: {lack}", flush=True)
            continue
        begin = time.monotonic()
        passed, failed = run(CONFIGURATIONS[name], given.processes, given.rest)
        total, bad = total + passed, bad + len(failed)
        took = time.monotonic() - begin
        print(f"{name:36} {passed} passed, {len(failed)} failed, {took:.0f} s", flush=True)
        for line in failed:
            print(f"    {line}", flush=True)
    print(f"{total} passed, {bad} failed", flush=True)
    return int(bad > 0 or total == 0)


if __name__ == "__main__":
    sys.exit(main())
