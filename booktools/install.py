"""Installs what `requirements.txt` pins, and the book's own package, for the Python that runs this.

Another list may be named: of that, only what it pins is installed, and nothing that this would bring along.

uv takes a third of pip's time, but reads none of pip's settings (a mirror, a folder of wheels, a
certificate), so they are handed on. If uv cannot, pip does it. On Linux, PyPI's PyTorch is a CUDA build of
several gigabytes; the book needs the CPU build, which PyTorch's own index has. Only the standard library is
there when this runs.
"""

import ast
import os
import subprocess
import sys
import urllib.request

LISTED = "requirements.txt"
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"
# pip's settings, and the variables from which uv takes the same.
SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "constraint": "UV_CONSTRAINT",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
}


def handed_on(listed):
    r"""Return uv's variables for what `pip config list` printed.

    >>> handed_on("global.index-url='https://a.org'\n:env:.index-url='https://b.org'\ninstall.find-links='x\\ny'")
    {'UV_DEFAULT_INDEX': 'https://b.org', 'UV_FIND_LINKS': 'x,y'}
    """
    found = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        found[name] = ast.literal_eval(value)
    variables = {}
    for setting, variable in SETTINGS.items():
        # As in pip, the environment counts most and the section [global] least.
        for section in ("global", "install", ":env:"):
            if value := found.get(f"{section}.{setting}"):
                variables[variable] = ("," if setting == "find-links" else " ").join(value.split())
    return variables


def settings():
    """Return uv's variables for pip's settings here; what is set for uv itself counts more."""
    listed = [sys.executable, "-m", "pip", "config", "list"]
    found = handed_on(subprocess.run(listed, capture_output=True, text=True, check=True).stdout)
    return {name: value for name, value in found.items() if name not in os.environ}


def reachable(url):
    """Whether a server answers there."""
    try:
        urllib.request.urlopen(url, timeout=10).close()
    except OSError:
        return False
    return True


def run(*words, **variables):
    """Run a module with this Python; return whether it succeeded."""
    done = subprocess.run([sys.executable, "-m", *words], env=os.environ | variables, check=False)
    return done.returncode == 0


def install(pins, listed=LISTED):
    """Install all pins and the book's own package, by uv or else by pip; return whether that succeeded."""
    own = ("--quiet", "--no-deps", "--no-build-isolation", "--editable", ".")
    steps = [("--requirement", listed), own] if listed == LISTED else [("--no-deps", "--requirement", listed)]
    variables = settings()
    cpu = sys.platform == "linux" and "torch" in pins and "UV_NO_INDEX" not in variables
    if cpu and not (cpu := reachable(f"{CPU_WHEELS}/torch/")):
        say(
            f"{CPU_WHEELS} does not answer: PyTorch is taken from where pip looks. "
            "That may be the CUDA build, several gigabytes."
        )
    if "uv" in pins:
        # Without pyproject.toml, where `make lock` reads what the CPU build needs: a CUDA build needs more.
        # Of two versions the higher is taken, wherever it lies, as by pip.
        uv = ["uv", "pip", "install", "--no-config", "--python", sys.executable]
        uv += ["--index-strategy", "unsafe-best-match"]
        # Where Python may not keep what it compiles, each start would compile the packages again.
        options = ["--compile-bytecode"] if sys.dont_write_bytecode else []
        options += ["--torch-backend", "cpu"] if cpu else []
        options += [] if sys.stderr.isatty() else ["--quiet"]
        done = run("pip", "install", "--quiet", pins["uv"])
        if done and all(run(*uv, *options, *step, **variables) for step in steps):
            return True
        say("uv could not install that, so pip does, which takes a few minutes.")
    extra = ["--extra-index-url", CPU_WHEELS] if cpu else []
    return all(run("pip", "install", "--quiet", *extra, *step) for step in steps)


def say(sentence):
    print(sentence, file=sys.stderr, flush=True)


def main(listed=LISTED):
    with open(listed, encoding="utf-8") as file:
        pins = {line.partition("==")[0]: line.strip() for line in file}
    say(f"Installing {len(pins)} packages into {sys.prefix}: a minute or two the first time.")
    if not install(pins, listed):
        return 1
    if "torch" in pins:
        command = [sys.executable, "-c", "import torch"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            why = (done.stderr.strip() or "no reason given").splitlines()[-1]
            say(f"PyTorch was installed, but cannot be imported here: {why}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
