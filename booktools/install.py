"""Installs what `requirements.txt` pins, and the book's own package, for the Python that runs this.

Another list may be named: of that, only what it pins is installed, and nothing that this would bring along.

uv takes a third of pip's time, but reads none of pip's settings (a mirror, a folder of wheels, a
certificate), so they are handed on. If uv cannot, pip does it. On Linux, PyPI's PyTorch is a CUDA build of
several gigabytes; the book needs the CPU build, which PyTorch's own index has. Only the standard library is
there when this runs.
"""

import ast
import os
import ssl
import subprocess
import sys
import urllib.parse
import urllib.request

LISTED = "requirements.txt"
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"
# pip's settings, and the variables from which uv takes the same.
SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "constraint": "UV_CONSTRAINT",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
}


def counting(listed):
    r"""Return the settings that count of those that `pip config list` printed.

    >>> counting("global.proxy='a:1'\n:env:.proxy='b:2'\ninstall.find-links='x\\ny'\nlist.format='json'")
    {'proxy': 'b:2', 'find-links': 'x\ny'}
    """
    found = {}
    # As in pip, the environment counts most and the section [global] least.
    for section in ("global", "install", ":env:"):
        for line in listed.splitlines():
            name, _, value = line.partition("=")
            if name.startswith(f"{section}."):
                found[name.removeprefix(f"{section}.")] = ast.literal_eval(value)
    return found


def handed_on(found):
    r"""Return uv's variables for pip's settings.

    >>> handed_on({"index-url": "https://a.org", "find-links": "x\ny"})
    {'UV_DEFAULT_INDEX': 'https://a.org', 'UV_FIND_LINKS': 'x,y'}
    """
    return {
        variable: ("," if setting == "find-links" else " ").join(found[setting].split())
        for setting, variable in SETTINGS.items()
        if found.get(setting)
    }


def settings():
    """Return pip's settings here; a sentence instead of a traceback if pip cannot read them."""
    listed = [sys.executable, "-m", "pip", "config", "list"]
    done = subprocess.run(listed, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"pip cannot read its settings: {' '.join(done.stderr.split()) or 'no reason given'}")
    return counting(done.stdout)


def reachable(url, found):
    """Whether a server answers there, by the certificates and the proxy of pip's settings."""
    try:
        context = ssl.create_default_context(cafile=found.get("cert") or None)
        if client := found.get("client-cert"):
            context.load_cert_chain(client)
        if urllib.parse.urlsplit(url).hostname in found.get("trusted-host", "").split():
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        proxy = found.get("proxy")
        opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=context),
            urllib.request.ProxyHandler({"http": proxy, "https": proxy} if proxy else None),
        )
        opener.open(url, timeout=10).close()
    except OSError:
        return False
    return True


def run(*words, **variables):
    """Run a module with this Python; return whether it succeeded."""
    done = subprocess.run([sys.executable, "-m", *words], env=os.environ | variables, check=False)
    return done.returncode == 0


def install(pins, listed=LISTED):
    """Install all pins and the book's own package, by uv or else by pip; return whether that succeeded."""
    own = ("--no-deps", "--no-build-isolation", "--editable", ".")
    steps = [("--requirement", listed), own] if listed == LISTED else [("--no-deps", "--requirement", listed)]
    found = settings()
    alone = found.get("no-index", "").lower() in ("1", "true", "t", "yes", "y", "on")
    cpu = sys.platform == "linux" and "torch" in pins and not alone
    if cpu and not (cpu := reachable(f"{CPU_WHEELS}/torch/", found)):
        say(
            f"{CPU_WHEELS} does not answer: PyTorch is taken from where pip looks. "
            "That may be the CUDA build, several gigabytes."
        )
    quiet = [] if sys.stderr.isatty() else ["--quiet"]
    if "uv" in pins:
        # Without pyproject.toml, where `make lock` reads what the CPU build needs: a CUDA build needs more.
        # Of two versions the higher is taken, wherever it lies, as by pip.
        uv = ["uv", "pip", "install", "--no-config", "--python", sys.executable]
        uv += ["--index-strategy", "unsafe-best-match"]
        # Where Python may not keep what it compiles, each start would compile the packages again.
        options = ["--compile-bytecode"] if sys.dont_write_bytecode else []
        options += ["--torch-backend", "cpu"] if cpu else []
        options += ["--no-index"] if alone else []
        # What is set for uv itself counts more.
        variables = {name: value for name, value in handed_on(found).items() if name not in os.environ}
        done = run("pip", "install", "--quiet", pins["uv"])
        if done and all(run(*uv, *options, *quiet, *step, **variables) for step in steps):
            return True
        say("uv could not install that, so pip does, which takes a few minutes.")
    extra = ["--extra-index-url", CPU_WHEELS] if cpu else []
    return all(run("pip", "install", *quiet, *extra, *step) for step in steps)


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
