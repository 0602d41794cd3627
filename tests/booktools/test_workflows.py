"""The workflows ask for no more than they need, run nothing unpinned, and call commands that exist."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from nbval.plugin import get_sanitize_patterns
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
PATHS = sorted((ROOT / ".github/workflows").glob("*.y*ml"))
# PyYAML would read the key `on` as True; this is YAML 1.2, where it is a string.
WORKFLOWS = {path.stem: YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")) for path in PATHS}
JOBS = [(name, key, job) for name, workflow in WORKFLOWS.items() for key, job in workflow["jobs"].items()]
STEPS = [(name, step) for name, _, job in JOBS for step in job["steps"]]
COMMANDS = [(name, line) for name, step in STEPS for line in step.get("run", "").splitlines()]

every_workflow = pytest.mark.parametrize("name", WORKFLOWS)


def test_the_workflows_are_these():
    assert sorted(WORKFLOWS) == ["links", "publish", "test", "weekly"]


@every_workflow
def test_a_workflow_reads_the_repository_and_only_the_deploying_job_writes_and_only_to_pages(name):
    assert WORKFLOWS[name]["permissions"] == {"contents": "read"}
    for key, job in WORKFLOWS[name]["jobs"].items():
        deploys = (name, key) == ("publish", "deploy")
        assert job.get("permissions") == ({"pages": "write", "id-token": "write"} if deploys else None)


def test_only_the_deploying_job_deploys_and_it_runs_no_code_of_the_repository():
    deploying = [(name, key) for name, key, job in JOBS if "actions/deploy-pages" in str(job)]
    assert deploying == [("publish", "deploy")]
    assert all(
        re.match("actions/(configure|deploy)-pages@", s["uses"]) for s in job("publish", "deploy")["steps"]
    )


@every_workflow
def test_a_workflow_ends_and_does_not_run_twice_at_once(name):
    assert set(WORKFLOWS[name]["concurrency"]) == {"group", "cancel-in-progress"}
    assert all(job["timeout-minutes"] <= 90 for job in WORKFLOWS[name]["jobs"].values())


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_actions_are_githubs_own_and_pinned_to_a_commit(path):
    lines = [line.strip(" -") for line in path.read_text(encoding="utf-8").splitlines()]
    for uses in (line for line in lines if line.startswith("uses:")):
        assert re.fullmatch(r"uses: actions/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", uses), uses


def test_the_same_action_is_pinned_to_the_same_commit_everywhere():
    pins = {step["uses"] for _, step in STEPS if "uses" in step}
    assert len(pins) == len({pin.partition("@")[0] for pin in pins})


def test_nothing_that_others_write_is_run_as_a_command_and_no_secret_is_used():
    assert [command for _, command in COMMANDS if "${{" in command] == []
    for name, path in zip(WORKFLOWS, PATHS, strict=True):
        assert not {"pull_request_target", "issue_comment", "issues"} & set(WORKFLOWS[name]["on"])
        assert "secrets." not in path.read_text(encoding="utf-8")


def test_no_checkout_leaves_its_token_behind():
    checkouts = [step for _, step in STEPS if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_the_book_is_tested_on_every_system_and_on_the_python_of_binder():
    linux, others = job("test", "everything"), job("test", "text")
    assert set(WORKFLOWS["test"]["on"]) == {"push", "pull_request"}
    assert linux["runs-on"] == "ubuntu-latest"
    assert linux["env"]["REQUIRE_BROWSER"] == 1
    assert "make test SLOW=1" in [step.get("run") for step in linux["steps"]]
    assert others["strategy"]["matrix"]["os"] == ["macos-latest", "windows-latest"]
    for matrix in (linux["strategy"]["matrix"], others["strategy"]["matrix"]):
        assert matrix["python"] == ["3.11", "3.12", "3.13"]
    binder = (ROOT / ".binder/runtime.txt").read_text().strip().removeprefix("python-")
    assert binder in linux["strategy"]["matrix"]["python"]


def test_only_a_tested_push_to_main_is_published():
    assert WORKFLOWS["publish"]["on"] == {
        "workflow_run": {
            "workflows": [WORKFLOWS["test"]["name"]],
            "types": ["completed"],
            "branches": ["main"],
        }
    }
    run = "github.event.workflow_run"
    build = job("publish", "build")
    assert build["if"] == f"{run}.event == 'push' && {run}.conclusion == 'success'"
    assert build["steps"][0]["with"]["ref"] == f"${{{{ {run}.head_sha }}}}"
    assert job("publish", "deploy")["needs"] == "build"


def test_the_published_book_knows_its_repository():
    (make,) = [step for step in job("publish", "build")["steps"] if step.get("run") == "make book"]
    assert make["env"]["BOOK_REPOSITORY_URL"] == "${{ github.server_url }}/${{ github.repository }}"
    assert make["env"]["BOOK_BRANCH"] == "${{ github.event.workflow_run.head_branch }}"


def test_the_weekly_run_takes_the_newest_versions_and_make_keeps_them():
    weekly = [command for name, command in COMMANDS if name == "weekly"]
    installed = weekly.index('.venv/bin/python -m pip install --editable ".[book,test]"')
    assert weekly[installed + 1 :][:2] == ["touch .venv/installed", "make book"]
    assert not any("requirements.txt" in command for command in weekly)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    assert {"VENV := .venv", "INSTALLED := $(VENV)/installed"} <= set(makefile)


def test_every_make_target_and_file_that_is_named_exists():
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    for _, command in COMMANDS:
        called = (
            [word for word in command.split()[1:] if "=" not in word] if command.startswith("make ") else []
        )
        assert set(called) <= set(targets), command
        named = re.findall(r"(?:-r |--nbval-sanitize-with |--ignore=)(\S+)", command)
        assert all((ROOT / path).exists() for path in named), command


def test_text_only_ignores_what_a_figure_shows_and_nothing_else():
    ((regex, replacement),) = get_sanitize_patterns(
        (ROOT / ".github/text-only.cfg").read_text(encoding="utf-8")
    )
    assert re.sub(regex, replacement, '<svg width="1">\n <path d="M 1 2"/>\n</svg>\n') == "(figure)\n"
    assert re.sub(regex, replacement, "π(a) = 0.500 <svg\n") == "π(a) = 0.500 <svg\n"


def test_actionlint_has_nothing_to_say():
    if (actionlint := shutil.which("actionlint")) is None:
        pytest.skip("actionlint is not installed (see https://github.com/rhysd/actionlint)")
    done = subprocess.run([actionlint, *PATHS], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def job(workflow, key):
    return WORKFLOWS[workflow]["jobs"][key]
