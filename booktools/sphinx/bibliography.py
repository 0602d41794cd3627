"""The style of the bibliography and of citations: both call an entry the same, "Williams, 1992"."""

import functools
import unicodedata

from pybtex.database import Entry
from pybtex.plugin import register_plugin
from pybtex.richtext import Text
from pybtex.style.formatting.unsrt import Style
from pybtex.style.labels import BaseLabelStyle
from pybtex.style.template import node
from pydata_sphinx_theme.short_link import ShortenLinkTransform
from sphinxcontrib.bibtex.plugin import register_plugin as register_bibtex_plugin
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle


def plain(latex):
    r"""Return a name as it is printed.

    >>> plain(r"Szepesv{\'a}ri, Csaba")
    'Szepesvári, Csaba'
    """
    return str(Text.from_latex(latex))


def folded(text):
    """Return a text as it is sorted: in small letters, without accents and apostrophes.

    >>> sorted(["Zhu", "Üstün", "L'Ecuyer", "van Hoof", "Lakatos"], key=folded)
    ['Lakatos', "L'Ecuyer", 'Üstün', 'van Hoof', 'Zhu']
    """
    letters = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter) and letter not in "'’")


def authors(entry):
    """Return the last names of an entry's authors, as a citation gives them."""
    names = [plain(" ".join(person.prelast_names + person.last_names)) for person in entry.persons["author"]]
    return " and ".join(names) if len(names) < 3 else f"{names[0]} et al."


def order(entry):
    """Return what entries are sorted by: authors as cited, then year, then title."""
    return folded(authors(entry)), entry.fields["year"], folded(entry.fields["title"])


class AuthorYear(BaseLabelStyle):
    """Labels such as "Sutton and Barto, 2018"; two that would be the same get a letter."""

    def format_labels(self, sorted_entries):
        labels = [f"{authors(entry)}, {entry.fields['year']}" for entry in sorted_entries]
        for i, label in enumerate(labels):
            same = labels.count(label) > 1
            yield label + ("abcdefgh"[labels[:i].count(label)] if same else "")


class BookStyle(Style):
    """Pybtex's plain style, with the labels above and in their order."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.sort = functools.partial(sorted, key=order)
        self.format_labels = AuthorYear().format_labels


def labels(entries):
    """Return the label of every entry, by its key."""
    style = BookStyle()
    entries = style.sort(entries)
    return {entry.key: label for entry, label in zip(entries, style.format_labels(entries), strict=True)}


@node
def as_labelled(children, data):
    """A citation that has the letter, too, if its entry has one."""
    entry, label = data["entry"], data["formatted_entry"].label
    fields = {**entry.fields, "year": label.rpartition(", ")[2]}
    return children[0].format_data({**data, "entry": Entry(entry.type, fields, entry.persons)})


class BookReferences(AuthorYearReferenceStyle):
    """Citations by author and year, as the bibliography labels them."""

    def inner(self, role_name):
        return as_labelled[super().inner(role_name)]


def setup(app):
    register_plugin("pybtex.style.formatting", "book", BookStyle)
    register_bibtex_plugin("sphinxcontrib.bibtex.style.referencing", "book", BookReferences)
    # The theme would print https://github.com/huggingface/trl as huggingface/trl, on paper no address.
    ShortenLinkTransform.supported_platform.clear()
    return {"parallel_read_safe": True, "parallel_write_safe": True}
