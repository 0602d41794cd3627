"""The repository behind the launch buttons: from the environment, else from git, else none."""

import os
import shutil
import subprocess
import sys
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from sphinx.errors import ConfigError

from booktools import notebooks
from booktools.sphinx import repository


@pytest.fixture
def options(tmp_path, monkeypatch):
    """Return a function that configures a book in a git repository with a given origin."""
    monkeypatch.chdir(tmp_path)
    for name in ("BOOK_REPOSITORY_URL", "BOOK_BRANCH", "BOOK_URL", "BOOK_PDF"):
        monkeypatch.delenv(name, raising=False)
    subprocess.run(["git", "init", "--quiet", "--initial-branch=text", "."], check=True)

    def configured(origin=None, **environment):
        if origin:
            subprocess.run(["git", "config", "remote.origin.url", origin], check=True)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        start = {"launch_buttons": {"notebook_interface": "jupyterlab"}, "repository_url": ""}
        config = SimpleNamespace(html_theme_options=start, myst_substitutions={})
        app = SimpleNamespace(tags=set())
        repository.configure(app, config)
        configured.words, configured.tags = config.myst_substitutions, app.tags
        return config.html_theme_options | {"public": config.html_baseurl}

    return configured


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "/srv/git/book.git",
        "file:///srv/book",
        "https://git.example.org/a/book",
        "../book",
        "https://github.com/a",
    ],
)
def test_an_origin_that_binder_cannot_reach_or_none_gives_no_buttons_and_no_links(options, origin):
    assert options(origin) == {"launch_buttons": {}, "public": ""}
    assert options.tags == set()
    assert "http" not in str(options.words)


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


def test_the_public_address_is_that_of_the_pages_of_the_repository_unless_another_is_named(options):
    assert options("git@github.com:Someone/book.git")["public"] == "https://someone.github.io/book/"
    assert options("git@gitlab.com:someone/book.git")["public"] == ""
    assert options(BOOK_URL="https://a.org/b")["public"] == "https://a.org/b/"


def test_with_a_repository_the_page_on_running_has_its_links(options):
    options("git@github.com:someone/a.book.git", BOOK_PDF="book.pdf")
    words = options.words
    assert options.tags == {"repository", "pdf"}
    binder = "https://mybinder.org/v2/gh/someone/a.book/text?urlpath=lab/tree/chapters"
    assert words["start_binder"].endswith(f"]({binder})")
    assert "git clone https://github.com/someone/a.book\n" in words["clone"]
    link = urlsplit(words["class_link"].split()[1])
    assert (link.netloc, link.path) == ("hub.example.org", "/hub/user-redirect/git-pull")
    asked = {"repo": ["https://github.com/someone/a.book"], "branch": ["text"]}
    assert parse_qs(link.query) == asked | {"urlpath": ["lab/tree/a.book/chapters"]}
    assert "(https://someone.github.io/a.book/book.pdf)" in words["pdf_link"]


@pytest.mark.parametrize("known", [True, False])
def test_the_page_on_running_is_the_same_with_and_without_a_repository_but_for_the_links(tmp_path, known):
    """The page is built as it stands, by Sphinx alone."""
    shutil.copy(notebooks.ROOT / "chapters/appendix/running.md", tmp_path / "running.md")
    (tmp_path / "conf.py").write_text(
        "extensions = ['myst_nb', 'booktools.sphinx.repository']\n"
        "myst_enable_extensions = ['colon_fence', 'substitution']\nroot_doc = 'running'\n"
        "html_theme = 'sphinx_book_theme'\nhtml_theme_options = {'launch_buttons': {}}\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("BOOK_")}
    environment["PYTHONPATH"] = str(notebooks.ROOT)
    if known:
        environment |= {"BOOK_REPOSITORY_URL": "https://gitlab.com/other/book", "BOOK_BRANCH": "v2"}
        environment |= {"BOOK_URL": "https://other.org/book", "BOOK_PDF": "book.pdf"}
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "html", ".", "out"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "out" / "running.html").read_text(encoding="utf-8")
    assert ("https://mybinder.org/v2/gl/other%2Fbook/v2?urlpath=lab/tree/chapters" in page) == known
    assert ("https://gitlab.com/other/book" in page) == known
    assert ("hub.example.org/hub/user-redirect/git-pull?repo=" in page) == known
    assert ('href="https://other.org/book/book.pdf"' in page) == known
    assert ("built without a public repository" in page) != known
    assert "{{" not in page
