"""`booktools.install`: pip's settings reach uv, PyTorch is the CPU build, and what goes wrong is said."""

import http.server
import os
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest
import uv

from booktools import install

PINS = {"uv": "uv==1.2", "torch": "torch==2.13.0"}


def wheel(folder, version):
    """Write a wheel that calls itself PyTorch."""
    info = f"torch-{version}.dist-info"
    with zipfile.ZipFile(folder / f"torch-{version}-py3-none-any.whl", "w") as made:
        made.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n")
        made.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        made.writestr(f"{info}/RECORD", f"{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")


@pytest.fixture
def commands(monkeypatch):
    """Return a function that installs with commands that succeed as told, and returns those commands."""

    def installed(reachable=True, fails=None):
        ran = []

        def run(*words, **variables):
            ran.append(" ".join(words))
            return words[0] != fails

        monkeypatch.setattr(install, "run", run)
        monkeypatch.setattr(install, "reachable", lambda url, found: reachable)
        assert install.install(PINS)
        return ran

    return installed


def test_uv_finds_what_pips_settings_name_and_prefers_the_cpu_build(tmp_path, monkeypatch):
    wheel(tmp_path, "2.13.0")
    wheel(tmp_path, "2.13.0+cpu")
    (tmp_path / "pip.conf").write_text(f"[install]\nno-index = true\nfind-links = {tmp_path}\n")
    for name in ("PIP_FIND_LINKS", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setattr(install, "run", lambda *words, **variables: asked.append((words, variables)) or True)
    asked = []
    assert install.install(PINS)
    (_, (words, variables), _) = asked
    assert "--no-index" in words
    words = [word for word in words if word not in ("--requirement", "requirements.txt")]
    command = [sys.executable, "-m", *words, "--target", tmp_path / "into", "torch==2.13.0"]
    subprocess.run(command, env=os.environ | variables, check=True)
    assert (tmp_path / "into/torch-2.13.0+cpu.dist-info").exists()


def test_each_setting_is_handed_on_and_uv_knows_it(monkeypatch):
    for setting in install.SETTINGS:
        value = "7" if "timeout" in setting else f"{setting} two"
        monkeypatch.setenv(f"PIP_{setting.upper().replace('-', '_')}", value)
    variables, known = install.handed_on(install.settings()), Path(uv.find_uv_bin()).read_bytes()
    for setting, variable in install.SETTINGS.items():
        separator = "," if setting == "find-links" else " "
        assert variables[variable] == ("7" if "timeout" in setting else f"{setting}{separator}two")
        # A proxy's name is put together at run time; that uv asks it was tried.
        assert variable == "ALL_PROXY" or variable.encode() in known


def test_no_index_may_be_said_and_denied(commands, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert "--no-index" in commands(reachable=False)[1]
    monkeypatch.setenv("PIP_NO_INDEX", "0")
    assert "--no-index" not in commands()[1]


def test_settings_that_pip_cannot_read_are_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "pip.conf").write_text("find-links = here\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    with pytest.raises(SystemExit, match=r"^pip cannot read its settings: .*pip\.conf"):
        install.settings()


def test_an_index_is_reached_by_pips_proxy_and_not_with_a_certificate_that_is_missing(monkeypatch):
    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *words):
            pass

    asked, url = [], "http://wheels.invalid/torch/"
    with http.server.HTTPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        proxy = f"http://127.0.0.1:{server.server_port}"
        assert install.reachable(url, {"proxy": proxy})
        assert not install.reachable(url, {"proxy": proxy, "cert": "missing.pem"})
        server.shutdown()
    assert asked == [url]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, PyPI's PyTorch is the CPU build")
def test_the_cpu_build_is_asked_for_where_its_index_answers(commands, capsys):
    assert "--torch-backend cpu" in commands()[1]
    assert capsys.readouterr().err == ""
    assert not any("cpu" in command for command in commands(reachable=False))
    assert "/whl/cpu does not answer" in capsys.readouterr().err


def test_another_list_is_installed_alone_without_what_it_would_bring_along(monkeypatch):
    asked = []
    monkeypatch.setattr(install, "run", lambda *words, **variables: asked.append(words) or True)
    monkeypatch.setattr(install, "reachable", lambda url, found: True)
    assert install.install(PINS, "other.txt")
    (_, words) = asked
    assert words[-3:] == ("--no-deps", "--requirement", "other.txt")


def test_pip_takes_over_from_uv_and_says_so(commands, capsys):
    ran = commands(fails="uv")
    assert [command.split()[0] for command in ran] == ["pip", "uv", "pip", "pip"]
    assert ran[2].endswith("--requirement requirements.txt")
    assert (install.CPU_WHEELS in ran[2]) == (sys.platform == "linux")
    assert capsys.readouterr().err == "uv could not install that, so pip does, which takes a few minutes.\n"


def test_a_pytorch_that_cannot_be_imported_is_an_error_with_its_reason(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "requirements.txt").write_text("torch==2.13.0\n")
    (tmp_path / "torch.py").write_text("raise ImportError('libcudart.so.13: cannot open shared object file')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(install, "install", lambda *given: True)
    assert install.main() == 1
    assert capsys.readouterr().err.endswith(
        "PyTorch was installed, but cannot be imported here: "
        "ImportError: libcudart.so.13: cannot open shared object file\n"
    )
