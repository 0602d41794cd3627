"""The licences of everything the book uses: `make licences` writes LICENSES-THIRD-PARTY.md.

Licences are those that the packages themselves declare. A package that is not installed here keeps its line.
"""

import re
from importlib import metadata

from booktools import notebooks

PAGE = notebooks.ROOT / "LICENSES-THIRD-PARTY.md"
HEAD = """# Licences of what this book uses

Every package that `requirements.txt` pins, with the licence that the package declares. None of them is part
of this repository. `make licences` writes this page; the tests compare it with what is installed.

| Package | Licence |
| --- | --- |
"""
FOOT = """
The built book contains files of these: MathJax (in `_static/mathjax`, from `sphinx-mathjax-offline`;
Apache-2.0), Bootstrap (in the theme; MIT), Font Awesome Free (in the theme; icons CC BY 4.0, fonts OFL-1.1,
code MIT), clipboard.js (from `sphinx-copybutton`; MIT), Vega, Vega-Lite and Vega-Embed (from
`vl-convert-python`; BSD-3-Clause), MiniSearch (in `_static/places.js`, from npm; MIT), reveal.js (in
`downloads/slides`, from `sphinx-revealjs`; MIT), and style sheets and
scripts of Sphinx, its theme and extensions, under the licences above.
"""
# One name for what packages write in several ways.
SAME = {
    "MIT License": "MIT",
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "BSD License": "BSD",
}
# Packages that do not say it in their metadata.
SAID_ELSEWHERE = {
    "axe-playwright-python": "MIT (in its LICENSE file; the axe-core it contains is MPL-2.0)",
    "docutils": "public domain, but for parts under PSF-2.0, BSD-2-Clause and GPL-3.0 (in its COPYING file)",
}


def pins():
    """Return the names of all pinned packages."""
    lines = (notebooks.ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return sorted({line.partition("==")[0] for line in lines})


def declared(name):
    """Return the licence of an installed package, or None if it is not installed.

    >>> declared("no-such-package")
    """
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    if name in SAID_ELSEWHERE:
        return SAID_ELSEWHERE[name]
    classifiers = [line.split(" :: ")[-1] for line in about.get_all("Classifier", []) if "License ::" in line]
    words = about.get("License-Expression") or "; ".join(SAME.get(word, word) for word in classifiers)
    return words or SAME.get(about.get("License"), about.get("License"))


def listed():
    """Return the licences that the page lists, by package."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    return dict(re.findall(r"^\| ([a-z0-9][\w.-]*) \| (.+) \|$", text, re.MULTILINE))


def page(before):
    """Return the page, with the lines from before for what is not installed."""
    found = {name: declared(name) or before.get(name, "unknown") for name in pins()}
    return HEAD + "".join(f"| {name} | {licence} |\n" for name, licence in found.items()) + FOOT


if __name__ == "__main__":
    PAGE.write_text(page(listed()), encoding="utf-8")
