"""Launch and repository buttons, links to Binder and the public address: right, or absent.

The repository is taken from the environment (BOOK_REPOSITORY_URL, BOOK_BRANCH), else from git's
`origin`; without a repository on a public host there are no buttons and no links, and "Run it yourself"
says so. The address at which the book is published is BOOK_URL, else that of GitHub Pages; without one,
nothing refers to it.
"""

import os
import re
import subprocess
from urllib.parse import urlencode

from docutils import nodes
from sphinx.errors import ConfigError
from sphinx_exercise.nodes import exercise_enumerable_node

# Hosts that Binder and the theme can link to.
_HOSTS = ("github.com", "gitlab.com")
_BINDER, _HUB = "https://mybinder.org", "https://hub.example.org"
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


def pages_url(repository):
    """Return the address at which GitHub Pages shows a repository's book, or nothing.

    >>> pages_url("https://github.com/Someone/book")
    'https://someone.github.io/book/'
    >>> pages_url("https://github.com/someone/someone.github.io")
    'https://someone.github.io/'
    >>> pages_url("https://gitlab.com/someone/book")
    ''
    """
    host, owner, name = repository.split("/")[2:]
    site = f"{owner.lower()}.github.io"
    if host != "github.com":
        return ""
    return f"https://{site}/" if name.lower() == site else f"https://{site}/{name}/"


def binder_url(repository, branch, path):
    """Return the address at which Binder opens a file or folder in JupyterLab, as the theme's button has it.

    >>> binder_url("https://github.com/someone/book", "main", "chapters/01_question.ipynb")
    'https://mybinder.org/v2/gh/someone/book/main?urlpath=lab/tree/chapters/01_question.ipynb'
    >>> binder_url("https://gitlab.com/someone/book", "main", "chapters")
    'https://mybinder.org/v2/gl/someone%2Fbook/main?urlpath=lab/tree/chapters'
    """
    host, owner, name = repository.split("/")[2:]
    place = f"gh/{owner}/{name}" if host == "github.com" else f"gl/{owner}%2F{name}"
    return f"{_BINDER}/v2/{place}/{branch}?urlpath=lab/tree/{path}"


def words(repository, branch):
    """Return what "Run it yourself" puts into its text, empty where there is nothing to link to."""
    found = dict.fromkeys(("start_binder", "clone", "class_link"), "")
    if repository:
        start = binder_url(repository, branch, "chapters")
        # By nbgitpuller, everyone on a JupyterHub gets the repository.
        place = f"lab/tree/{repository.rsplit('/', 1)[1]}/chapters"
        pulled = urlencode({"repo": repository, "branch": branch, "urlpath": place}, safe="/:")
        found["start_binder"] = f"[Start all chapters on Binder]({start})"
        found["clone"] = f"```sh\ngit clone {repository}\n```"
        found["class_link"] = f"```none\n{_HUB}/hub/user-redirect/git-pull?{pulled}\n```"
    return found


def configure(app, config):
    """Fill in the theme's repository and launch buttons and the public address, or take them out."""
    named = os.environ.get("BOOK_REPOSITORY_URL", "")
    url = repository_url(named or git("config", "--get", "remote.origin.url"))
    if named and not url:
        raise ConfigError(f"BOOK_REPOSITORY_URL must name a repository on {_HOSTS}, but it is {named!r}")
    options = config.html_theme_options
    public = os.environ.get("BOOK_URL") or (pages_url(url) if url else "")
    config.html_baseurl = public and public.rstrip("/") + "/"
    branch = os.environ.get("BOOK_BRANCH") or git("branch", "--show-current") or "main"
    config.myst_substitutions = {**(config.myst_substitutions or {}), **words(url, branch)}
    if url:
        app.tags.add("repository")
        options |= {"repository_url": url, "repository_branch": branch}
        options |= {"use_repository_button": True}
        options["launch_buttons"]["binderhub_url"] = _BINDER
    else:
        options["launch_buttons"] = {}
        options.pop("repository_url", None)


def invite(app, doctree, document):
    """Put a link to Binder below the title of each section with exercises, if there is a repository."""
    options = app.config.html_theme_options
    if not options.get("repository_url") or not app.env.doc2path(document).endswith(".ipynb"):
        return
    url = binder_url(options["repository_url"], options["repository_branch"], f"{document}.ipynb")
    for section in {exercise.parent for exercise in doctree.findall(exercise_enumerable_node)}:
        link = nodes.reference("", "Try it in Binder", refuri=url)
        rest = nodes.Text(": this chapter in JupyterLab, with nothing to install.")
        section.insert(1, nodes.paragraph("", "", link, rest, classes=["binder"]))


def git(*words):
    """Return what git answers in this folder, or nothing."""
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def setup(app):
    app.connect("config-inited", configure, priority=100)
    app.connect("doctree-resolved", invite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
