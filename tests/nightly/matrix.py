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
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import NamedTuple

from booktools import notebooks
from booktools.notebooks import ROOT

# What this machine itself may say of the libraries.
OWN = dict.fromkeys(("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"))
VECTORS = "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"
THREADS = [f"{library}_NUM_THREADS" for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")]
# To a processor, 64 bits are the "long mode".
X86_64 = "lm"


class Configuration(NamedTuple):
    """Environment variables (None: unset), what it needs to run here, and where the chapters lie."""

    variables: dict
    needs: str = ""
    place: str = ""


def openblas(core, needs=X86_64):
    return Configuration(OWN | {"OPENBLAS_CORETYPE": core}, needs)


CONFIGURATIONS = {
    "as it is": Configuration({}),
    "PyTorch without vector units": Configuration({"ATEN_CPU_CAPABILITY": "default"}),
    "PyTorch with AVX2": Configuration({"ATEN_CPU_CAPABILITY": "avx2"}, "avx2"),
    "NumPy without vector units": Configuration({"NPY_DISABLE_CPU_FEATURES": VECTORS}, X86_64),
    "NumPy with AVX2": Configuration({"NPY_DISABLE_CPU_FEATURES": VECTORS.partition(" ")[2]}, "avx512f"),
    "OpenBLAS as it finds the machine": Configuration(OWN),
    "OpenBLAS for Nehalem": openblas("Nehalem"),
    "OpenBLAS for Haswell": openblas("Haswell"),
    "OpenBLAS for Zen": openblas("Zen"),
    "OpenBLAS for SkylakeX": openblas("SkylakeX", "avx512f"),
    "MKL, the same on every processor": Configuration({"MKL_CBWR": "COMPATIBLE"}),
    "MKL for AVX2": Configuration({"MKL_CBWR": "AVX2"}, "avx2"),
    "oneDNN without vector units": Configuration({"ONEDNN_MAX_CPU_ISA": "SSE41"}),
    "an old processor": Configuration(
        {"ATEN_CPU_CAPABILITY": "default", "NPY_DISABLE_CPU_FEATURES": VECTORS, "MKL_CBWR": "COMPATIBLE"}
        | {"ONEDNN_MAX_CPU_ISA": "SSE41"},
        X86_64,
    ),
    "one thread": Configuration(dict.fromkeys(THREADS, "1")),
    "two threads": Configuration(dict.fromkeys(THREADS, "2")),
    "locale C": Configuration({"LC_ALL": "C", "LANG": "C"}),
    "Turkish": Configuration({"LC_ALL": "tr_TR.utf8"}, "tr_TR.utf8"),
    "German": Configuration({"LC_ALL": "de_DE.utf8"}, "de_DE.utf8"),
    "another time zone": Configuration({"TZ": "Pacific/Chatham"}),
    "another hash seed": Configuration({"PYTHONHASHSEED": "271828"}),
    "a folder named 'größe 1'": Configuration({}, place="größe 1"),
    "a folder that cannot be written to": Configuration({}, "unshare", "read-only"),
    "all surroundings at once": Configuration(
        {"LC_ALL": "C", "TZ": "Pacific/Chatham", "PYTHONHASHSEED": "1", "COLUMNS": "40"}, place="größe 1"
    ),
}
# None of these touches what a machine says of OpenBLAS.
FEW = ("an old processor", "all surroundings at once")


def available():
    """Return what this machine has of what configurations need: its processor's flags, locales, a program."""
    flags = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    locales = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout
    return {"", *flags.split(), *locales.split(), *(["unshare"] if shutil.which("unshare") else [])}


def tree(copied):
    """Copy the book, without what is built or hidden, into a folder that may be there already."""
    ignored = shutil.ignore_patterns(".*", "_build", "__pycache__")
    return Path(shutil.copytree(ROOT, copied, ignore=ignored, dirs_exist_ok=True))


def compared(root, *words, python=sys.executable, within=(), variables=os.environ):
    """Run nbval over the chapters of a book: return how many cells agree, and the names of the others."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = "-q -o addopts= --nbval -p no:cacheprovider -p no:benchmark -n logical --dist loadfile"
        command = [*within, python, "-m", "pytest", *options.split(), *words, f"--junitxml={report}"]
        command += [path.relative_to(root) for path in notebooks.paths(root)]
        # Python needs no leave to write for what it compiles.
        variables = variables | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(command, cwd=root, env=variables, capture_output=True, text=True, check=False)
        cases = list(ET.parse(report).iter("testcase")) if report.exists() else []
    if not cases:
        return 0, ["nothing ran: " + (done.stdout + done.stderr)[-500:]]
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    names = [
        f"{case.get('classname').removesuffix('.ipynb').rpartition('.')[2]} {case.get('name')}"
        for case in failed
    ]
    return len(cases) - len(failed), names


def run(configuration):
    """Compare the chapters in a configuration."""
    variables = {k: v for k, v in (os.environ | configuration.variables).items() if v is not None}
    if not configuration.place:
        return compared(ROOT, variables=variables)
    with tempfile.TemporaryDirectory() as folder:
        root, within = tree(Path(folder) / configuration.place), []
        if configuration.place == "read-only":
            # To nobody, root included.
            mount = f'mount --bind "{root}" "{root}" && mount -o remount,ro,bind "{root}" && exec "$@"'
            within = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, "sh"]
        return compared(root, within=within, variables=variables)


def print_all(runs):
    """Print what each run of nbval found, as it comes: pairs of a name and what `compared` returned."""
    total, bad = 0, 0
    for name, (passed, failed) in runs:
        total, bad = total + passed, bad + len(failed)
        print(f"{name:36} {passed} passed, {len(failed)} failed", *failed, sep="\n    ", flush=True)
    print(f"{total} passed, {bad} failed")
    return int(bad > 0 or total == 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", help="part of the names of the configurations to run")
    parser.add_argument("--few", action="store_true", help="only those for continuous integration")
    given = parser.parse_args()
    here = available()
    chosen = [name for name in CONFIGURATIONS if given.only in name and (not given.few or name in FEW)]
    for name in chosen:
        if CONFIGURATIONS[name].needs not in here:
            print(f"{name:36} not run: no {CONFIGURATIONS[name].needs}", flush=True)
    runs = [name for name in chosen if CONFIGURATIONS[name].needs in here]
    return print_all((name, run(CONFIGURATIONS[name])) for name in runs)


if __name__ == "__main__":
    sys.exit(main())
