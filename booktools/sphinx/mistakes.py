"""The directive `named-mistakes`: every wrong version that has a name, by kind, linked to what refutes it."""

import tomllib
from collections import Counter, defaultdict

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from booktools import notebooks, questions
from booktools.sphinx.checks import check_reference, place, shown, table

KINDS = notebooks.ROOT / "chapters/appendix/mistakes.toml"


def kinds():
    """Return each kind of mistakes with ``what`` they have in common and their ``names``."""
    return tomllib.loads(KINDS.read_text(encoding="utf-8"))


class NamedMistakes(SphinxDirective):
    """A section for each kind: what its mistakes have in common, and a table of them."""

    def run(self):
        self.env.note_dependency(str(KINDS))
        found = defaultdict(lambda: defaultdict(list))  # the checks that refute a mistake, by its sentence
        for path in notebooks.paths():
            self.env.note_dependency(str(path))
            seen = Counter()
            for label, names in questions.named(notebooks.load(path)):
                at = place(label, seen)
                for name, why in names:
                    found[name][why or ""].append(check_reference("", label=label, place=at))
        sections = [self._section(kind, about, found) for kind, about in kinds().items()]
        for name in found.keys() - {name for about in kinds().values() for name in about["names"]}:
            logging.getLogger(__name__).warning("%s has no kind for the mistake %r", KINDS.name, name)
        return sections

    def _section(self, kind, about, found):
        rows = [
            [shown(name), [part for link in links for part in (link, nodes.Text(" "))], shown(why)]
            for name in about["names"]
            for why, links in found[name].items()
        ]
        section = nodes.section(ids=[nodes.make_id(kind)], names=[nodes.fully_normalize_name(kind)])
        section += [
            nodes.title(text=kind),
            nodes.paragraph(text=about["what"]),
            table(("mistake", "refuted by", "what is wrong with it"), rows, (3, 2, 6), "mistakes"),
        ]
        return section


def setup(app):
    app.add_directive("named-mistakes", NamedMistakes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
