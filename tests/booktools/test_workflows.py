"""The workflows ask for no more than they need, run nothing unpinned, and call commands that exist."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from nbval.plugin import get_sanitize_patterns
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
PATHS = sorted((ROOT / ".github/workflows").glob("*.yml"))
# PyYAML would read the key `on` as True; this is YAML 1.2, where it is a string.
WORKFLOWS = {path.stem: YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")) for path in PATHS}
JOBS = {(name, key): job for name, workflow in WORKFLOWS.items() for key, job in workflow["jobs"].items()}
COMMANDS = [line for job in JOBS.values() for s in job["steps"] for line in s.get("run", "").splitlines()]


def test_zizmor_finds_no_permission_too_many_nothing_unpinned_and_no_way_in():
    zizmor = shutil.which("zizmor", path=Path(sys.executable).parent)
    command = [zizmor, "--offline", "--no-progress", "--quiet", "--format=plain", "--strict-collection", ROOT]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_actions_are_githubs_own_at_named_versions_without_secrets_and_every_run_ends():
    text = "".join(path.read_text(encoding="utf-8") for path in PATHS)
    own = re.findall(r"uses: actions/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", text, re.MULTILINE)
    assert len(own) == text.count("uses: ")
    assert "secrets." not in text
    assert all("concurrency" in workflow for workflow in WORKFLOWS.values())
    assert all(job["timeout-minutes"] <= 90 for job in JOBS.values())


def test_the_book_is_tested_on_every_system_and_on_the_python_of_binder():
    linux, others = JOBS["test", "everything"], JOBS["test", "text"]
    assert set(WORKFLOWS["test"]["on"]) == {"push", "pull_request"}
    assert "make test SLOW=1" in [step.get("run") for step in linux["steps"]]
    assert others["strategy"]["matrix"]["os"] == ["macos-latest", "windows-latest"]
    for matrix in (linux["strategy"]["matrix"], others["strategy"]["matrix"]):
        assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]
    binder = (ROOT / ".binder/runtime.txt").read_text().strip().removeprefix("python-")
    assert binder in linux["strategy"]["matrix"]["python"]


def test_where_the_slow_tests_run_the_proofs_are_checked_too():
    job = JOBS["test", "everything"]
    runs = [step.get("run", "") for step in job["steps"]]
    assert {"REQUIRE_BROWSER": 1, "REQUIRE_COQ": 1}.items() <= job["env"].items()
    install = "apt-get install --yes --no-install-recommends coq libcoq-coquelicot"
    assert any(install in run for run in runs[: runs.index("make test SLOW=1")])
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert "chromium coq libcoq-coquelicot" in ci
    assert "REQUIRE_BROWSER=1 REQUIRE_COQ=1 REQUIRE_OTTER=1 make test SLOW=1" in ci


def test_where_the_slow_tests_run_sheets_are_graded_too():
    job = JOBS["test", "everything"]
    runs = [step.get("run") for step in job["steps"]]
    assert job["env"]["REQUIRE_OTTER"] == 1
    assert runs.index("make assignments") < runs.index("make test SLOW=1")
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert ci.index("\nmake assignments\n") < ci.index("make test SLOW=1")


def test_only_a_tested_push_to_main_is_published_and_knows_its_repository():
    publish, deploy = JOBS["test", "publish"], JOBS["test", "deploy"]
    assert publish["needs"] == ["everything", "text"]
    assert publish["if"] == "github.event_name == 'push' && github.ref == 'refs/heads/main'"
    assert deploy["needs"] == "publish"
    (make,) = [step for step in publish["steps"] if step.get("run") == "make book"]
    assert make["env"]["BOOK_REPOSITORY_URL"] == "${{ github.server_url }}/${{ github.repository }}"
    assert make["env"]["BOOK_BRANCH"] == "${{ github.ref_name }}"
    # Who may write the pages runs no code of the repository; and nobody else may.
    assert all(re.match("actions/(configure|deploy)-pages@", step["uses"]) for step in deploy["steps"])
    assert [key for key, job in JOBS.items() if "permissions" in job] == [("test", "deploy")]


def test_the_weekly_run_takes_newer_versions_and_make_keeps_them():
    job = JOBS["weekly", "newest"]
    runs = [step.get("run") for step in job["steps"]]
    assert runs[runs.index("touch .venv/installed") + 1].startswith("make book ")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    assert {"VENV := .venv", "INSTALLED := $(VENV)/installed"} <= set(makefile)
    # One of the two ignores the limits, and may fail.
    assert job["continue-on-error"] == "${{ matrix.versions == 'there are' }}"
    (sed,) = [run for run in runs if run and run.startswith("sed")]
    pattern = re.search("s/(.*)/.1/", sed)[1]
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    without = re.sub(pattern, r"\1", project, flags=re.MULTILINE)
    assert re.findall('^    "[a-z-]+[<=>]', without, re.MULTILINE) == []


def test_whatever_breaks_in_the_weekly_run_is_in_the_log_that_its_summary_quotes():
    job = JOBS["weekly", "newest"]
    *steps, last = job["steps"]
    assert last["if"] == "failure()"
    assert "tail --lines 30 weekly.log" in last["run"]
    assert job["defaults"]["run"]["shell"] == "bash"
    can_break = [step["run"] for step in steps if re.search("install |make |pytest", step.get("run", ""))]
    assert len(can_break) == 4
    assert [run for run in can_break if not run.endswith(" 2>&1 | tee --append weekly.log")] == []


def test_every_make_target_and_file_that_is_named_exists():
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    for command in COMMANDS:
        if command.startswith("make "):
            words = command.split(" 2>&1 |")[0].split()
            assert {word for word in words[1:] if "=" not in word} <= set(targets), command
        named = re.findall(r"(?:-r |--nbval-sanitize-with |--ignore=)(\S+)", command)
        assert all((ROOT / path).exists() for path in named), command


def test_text_only_ignores_what_a_figure_shows_and_nothing_else():
    given = (ROOT / ".github/text-only.cfg").read_text(encoding="utf-8")
    ((regex, replacement),) = get_sanitize_patterns(given)
    assert re.sub(regex, replacement, '<svg width="1">\n <path d="M 1 2"/>\n</svg>\n') == "(figure)\n"
    assert re.sub(regex, replacement, "π(a) = 0.500 <svg\n") == "π(a) = 0.500 <svg\n"
