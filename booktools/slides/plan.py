"""The plan of "Teaching with this book": its sessions, from the built pages, and what their rows name."""

import posixpath
import re
from collections import namedtuple
from functools import cached_property

from booktools import notebooks, pdf

PLAN = "chapters/appendix/teaching"

Row = namedtuple("Row", "minutes part places")


class Book:
    """The built pages, each read once."""

    def __init__(self, built=notebooks.HTML):
        self.built, self.pages = built, {}

    def page(self, name):
        if name not in self.pages:
            self.pages[name] = pdf.soup(self.built / f"{name}.html")
        return self.pages[name]

    def article(self, name):
        return self.page(name).select_one("article.bd-article")

    @cached_property
    def sessions(self):
        """The title of each session and its rows, by number."""
        found = {}
        for heading in self.article(PLAN).select("section[id^=session-] > h3"):
            number, title = re.fullmatch(r"Session (\d+): (.*?)#?", heading.get_text()).groups()
            found[int(number)] = title, [_row(*line("td")) for line in heading.parent.select("tbody tr")]
        return found


def _row(minutes, part):
    places = []
    for link in part.select("a[href*='#']"):
        path, _, place = link["href"].partition("#")
        places.append((posixpath.normpath(f"{PLAN}/../{path}").removesuffix(".html"), place))
    return Row(int(minutes.get_text()), part.p, places)
