"""The style of the bibliography: an entry is labelled as the text cites it, "Williams, 1992"."""

from pybtex.plugin import register_plugin
from pybtex.richtext import Text
from pybtex.style.formatting.unsrt import Style
from pybtex.style.labels import BaseLabelStyle


def plain(latex):
    r"""Return a name as it is printed.

    >>> plain(r"Szepesv{\'a}ri, Csaba")
    'Szepesvári, Csaba'
    """
    return str(Text.from_latex(latex))


def authors(entry):
    """Return the last names of an entry's authors, as a citation gives them."""
    names = [plain(" ".join(person.prelast_names + person.last_names)) for person in entry.persons["author"]]
    return " and ".join(names) if len(names) < 3 else f"{names[0]} et al."


class AuthorYear(BaseLabelStyle):
    """Labels such as "Sutton and Barto, 2018"; two that would be the same get a letter."""

    def format_labels(self, sorted_entries):
        labels = [f"{authors(entry)}, {entry.fields['year']}" for entry in sorted_entries]
        for i, label in enumerate(labels):
            same = labels.count(label) > 1
            yield label + ("abcdefgh"[labels[:i].count(label)] if same else "")


class BookStyle(Style):
    """Pybtex's plain style, sorted by author, with the labels above."""

    default_sorting_style = "author_year_title"

    def __init__(self, **settings):
        super().__init__(**settings)
        self.format_labels = AuthorYear().format_labels


def setup(app):
    register_plugin("pybtex.style.formatting", "book", BookStyle)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
