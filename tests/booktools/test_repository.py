"""The repository behind the launch buttons and links: from the environment, else from git, else none."""

import html
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
from sphinx.errors import ConfigError

from booktools import notebooks
from booktools.sphinx import repository

UNREACHABLE = (
    "",
    "/srv/book.git",
    "file:///srv/book",
    "https://git.org/a/book",
    "../b",
    "https://github.com/a",
)
REACHABLE = (
    "https://github.com/someone/a.book",
    "https://github.com/someone/a.book.git",
    "https://github.com/someone/a.book/",
    "https://someone:secret@github.com/someone/a.book.git",
    "git@github.com:someone/a.book.git",
    "ssh://git@github.com:22/someone/a.book.git",
)
ORIGIN = "git@github.com:Someone/a.book.git"
OTHER = {"BOOK_REPOSITORY_URL": "https://gitlab.com/other/book", "BOOK_BRANCH": "v2"}
CLASS = "https://hub.example.org/hub/user-redirect/git-pull?repo="
CONF = """
extensions = ['myst_nb', 'sphinx_design', 'booktools.sphinx.repository']
myst_enable_extensions = ['colon_fence', 'substitution']
root_doc = 'running'
html_theme = 'sphinx_book_theme'
html_theme_options = {'launch_buttons': {}}
# Other pages are not there to be linked.
suppress_warnings = ['myst.xref_missing']
"""


def test_what_binder_can_reach_is_a_repository_and_no_secret_stays_in_its_address():
    assert {repository.repository_url(address) for address in UNREACHABLE} == {None}
    assert {repository.repository_url(address) for address in REACHABLE} == {REACHABLE[0]}


def test_a_wrong_url_in_the_environment_is_an_error_that_names_it(monkeypatch):
    monkeypatch.setenv("BOOK_REPOSITORY_URL", "somewhere")
    with pytest.raises(ConfigError, match=r"BOOK_REPOSITORY_URL .* 'somewhere'"):
        repository.configure(SimpleNamespace(), SimpleNamespace(html_theme_options={}))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("origin", "environment", "links"),
    [
        (None, {}, []),
        (
            ORIGIN,
            {},
            [
                "https://mybinder.org/v2/gh/Someone/a.book/text?urlpath=lab/tree/chapters",
                "</span>https://github.com/Someone/a.book\n",
                f"{CLASS}https://github.com/Someone/a.book&branch=text&urlpath=lab/tree/a.book/chapters",
                'rel="canonical" href="https://someone.github.io/a.book/running.html"',
            ],
        ),
        (
            ORIGIN,
            OTHER | {"BOOK_URL": "https://other.org/book"},
            [
                "https://mybinder.org/v2/gl/other%2Fbook/v2?urlpath=lab/tree/chapters",
                "</span>https://gitlab.com/other/book\n",
                f"{CLASS}https://gitlab.com/other/book&branch=v2&urlpath=lab/tree/book/chapters",
                'rel="canonical" href="https://other.org/book/running.html"',
            ],
        ),
        (ORIGIN, OTHER, ["</span>https://gitlab.com/other/book\n"]),
    ],
    ids=["none", "git's", "the environment's", "without a public address"],
)
def test_the_page_on_running_has_the_links_of_the_repository_there_is(tmp_path, origin, environment, links):
    """The page is built as it stands, by Sphinx alone."""
    subprocess.run(["git", "init", "--quiet", "--initial-branch=text", tmp_path], check=True)
    if origin:
        subprocess.run(["git", "config", "remote.origin.url", origin], cwd=tmp_path, check=True)
    shutil.copy(notebooks.ROOT / "chapters/appendix/running.md", tmp_path)
    (tmp_path / "conf.py").write_text(CONF)
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("BOOK_")}
    environment = inherited | environment | {"PYTHONPATH": str(notebooks.ROOT)}
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "html", ".", "out"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page = html.unescape((tmp_path / "out" / "running.html").read_text(encoding="utf-8"))
    assert [link for link in links if link not in page] == []
    assert ("built without a public repository" in page) == (not links)
    if not links:
        assert not any(link in page for link in ("mybinder.org/v2", "</span>clone", CLASS, "canonical"))
    assert "{{" not in page
