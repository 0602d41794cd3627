"""Launch and repository buttons that are right, or absent.

The repository is taken from the environment (BOOK_REPOSITORY_URL, BOOK_BRANCH), else from git's
`origin`; without a repository on a public host there are no buttons.
"""

import os
import re
import subprocess

from sphinx.errors import ConfigError

# Hosts that Binder and the theme can link to.
_HOSTS = ("github.com", "gitlab.com")
_ADDRESS = re.compile(
    r"(?:https?://(?:[^/@]+@)?|ssh://(?:[^/@]+@)?|[^/@:]+@)(?P<host>[^/:]+)(?::\d+)?[/:](?P<path>[^?#]+?)(?:\.git)?/?$"
)


def repository_url(address):
    """Return the web page of the repository at a git address, or None if Binder cannot reach it.

    >>> repository_url("git@github.com:someone/book.git")
    'https://github.com/someone/book'
    >>> repository_url("https://someone:secret@gitlab.com/someone/book")
    'https://gitlab.com/someone/book'
    >>> repository_url("/srv/git/book.git")
    """
    match = _ADDRESS.match(address)
    if not match or match["host"] not in _HOSTS or match["path"].count("/") != 1:
        return None
    return f"https://{match['host']}/{match['path']}"


def configure(app, config):
    """Fill in the theme's repository and launch buttons, or take them out."""
    named = os.environ.get("BOOK_REPOSITORY_URL", "")
    url = repository_url(named or git("config", "--get", "remote.origin.url"))
    if named and not url:
        raise ConfigError(f"BOOK_REPOSITORY_URL must name a repository on {_HOSTS}, but it is {named!r}")
    options = config.html_theme_options
    if not url:
        options["launch_buttons"] = {}
        options.pop("repository_url", None)
        return
    options["repository_url"] = url
    options["repository_branch"] = os.environ.get("BOOK_BRANCH") or git("branch", "--show-current") or "main"
    options["launch_buttons"]["binderhub_url"] = "https://mybinder.org"
    options["use_repository_button"] = options["use_issues_button"] = True


def git(*words):
    """Return what git answers in this folder, or nothing."""
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def setup(app):
    app.connect("config-inited", configure, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
