"""The number that a reference shows is looked up in a page that is at hand.

Sphinx reads the whole page from the disk for each ``{numref}``, which was a quarter of the time of a build.
"""

import functools

from sphinx.domains.std import StandardDomain


class AtHand:
    """The environment, with the last pages that were asked for; who asks here changes none of them."""

    def __init__(self, env):
        self.env, self.get_doctree = env, functools.lru_cache(maxsize=4)(env.get_doctree)

    def __getattr__(self, name):
        return getattr(self.env, name)


class Numbers(StandardDomain):
    """Sphinx's own domain, which asks for pages here."""

    def _resolve_numref_xref(self, env, fromdocname, builder, *reference):
        vars(builder).setdefault("at_hand", AtHand(env))
        return super()._resolve_numref_xref(builder.at_hand, fromdocname, builder, *reference)


def setup(app):
    """Register the domain in the place of Sphinx's."""
    app.add_domain(Numbers, override=True)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
