"""The repository behind the launch buttons: from the environment, else from git, else none."""

import subprocess
from types import SimpleNamespace

import pytest
import repository
from sphinx.errors import ConfigError


@pytest.fixture
def options(tmp_path, monkeypatch):
    """Return a function that configures a book in a git repository with a given origin."""
    monkeypatch.chdir(tmp_path)
    for name in ("BOOK_REPOSITORY_URL", "BOOK_BRANCH", "BOOK_URL"):
        monkeypatch.delenv(name, raising=False)
    subprocess.run(["git", "init", "--quiet", "--initial-branch=text", "."], check=True)

    def configured(origin=None, **environment):
        if origin:
            subprocess.run(["git", "config", "remote.origin.url", origin], check=True)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        start = {"launch_buttons": {"notebook_interface": "jupyterlab"}, "repository_url": ""}
        config = SimpleNamespace(html_theme_options=start)
        repository.configure(None, config)
        return config.html_theme_options | {"public": config.html_baseurl}

    return configured


def test_without_a_repository_there_are_no_buttons(options):
    assert options() == {"launch_buttons": {}, "public": ""}


@pytest.mark.parametrize(
    "origin",
    [
        "/srv/git/book.git",
        "file:///srv/book",
        "https://git.example.org/a/book",
        "../book",
        "https://github.com/a",
    ],
)
def test_an_origin_that_binder_cannot_reach_gives_no_buttons(options, origin):
    assert options(origin) == {"launch_buttons": {}, "public": ""}


@pytest.mark.parametrize(
    "origin",
    [
        "https://github.com/someone/a.book",
        "https://github.com/someone/a.book.git",
        "https://github.com/someone/a.book/",
        "https://someone:secret@github.com/someone/a.book.git",
        "git@github.com:someone/a.book.git",
        "ssh://git@github.com:22/someone/a.book.git",
    ],
)
def test_the_origin_gives_the_buttons_and_no_secret(options, origin):
    configured = options(origin)
    assert configured["repository_url"] == "https://github.com/someone/a.book"
    assert configured["repository_branch"] == "text"
    assert configured["launch_buttons"]["binderhub_url"] == "https://mybinder.org"


def test_the_environment_comes_before_git(options):
    named = {"BOOK_REPOSITORY_URL": "https://gitlab.com/other/book", "BOOK_BRANCH": "v2"}
    configured = options("git@github.com:someone/book.git", **named)
    assert configured["repository_url"] == "https://gitlab.com/other/book"
    assert configured["repository_branch"] == "v2"


def test_a_wrong_url_in_the_environment_is_an_error_that_names_it(options):
    with pytest.raises(ConfigError, match=r"BOOK_REPOSITORY_URL .* 'somewhere'"):
        options(BOOK_REPOSITORY_URL="somewhere")


def test_the_public_address_is_that_of_the_pages_of_the_repository(options):
    assert options("git@github.com:Someone/book.git")["public"] == "https://someone.github.io/book/"
    assert options("git@gitlab.com:someone/book.git")["public"] == ""


def test_the_environment_names_another_public_address(options):
    assert (
        options("git@github.com:someone/book.git", BOOK_URL="https://a.org/b")["public"] == "https://a.org/b/"
    )
