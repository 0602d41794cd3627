"""The book's picture: how often an action is taken, how hard it is pushed, what that makes on average.

It is computed and drawn when the book is built, with `pgbook`: for the landing page (the directive
`cover`) and, with the title, for what other sites show of a link to the book.
"""

import os
import re
from pathlib import Path

import matplotlib as mpl
import numpy as np
import vl_convert
from sphinx.directives.patches import Figure

from pgbook import figures, policies

RETURN = 50
PANELS = ("how often\nit is taken", "how hard it is\npushed when taken", "the push\non average")


def numbers():
    """Return the three pairs of the picture, each for the likely and for a rare action.

    If an action alone pays, an update pushes its logit by the return times ``1 - π``, when it is taken.

    >>> numbers()
    [[0.5, 0.1], [25.0, 45.0], [12.5, 4.5]]
    """
    policy = policies.Categorical(np.log([0.5, 0.1, 0.1, 0.1, 0.1, 0.1]))
    often = policy.probs
    push = RETURN * np.diag(policy.score(np.arange(6)))
    return [values[:2].round(10).tolist() for values in (often, push, often * push)]


def draw(axes, size=10):
    """Draw the three panels."""
    colors = [figures.COLORS["likely"], figures.COLORS["rare"]]
    often, pushes, averages = numbers()
    tops = max(often), max(pushes), max(pushes)  # the pushes and their averages have one scale
    for ax, title, values, top in zip(axes, PANELS, (often, pushes, averages), tops, strict=True):
        ax.bar([0, 1], values, color=colors, width=0.7)
        for x, value, color in zip([0, 1], values, colors, strict=True):
            ax.text(x, value, f"{value:g}", ha="center", va="bottom", color=color, size=size)
        ax.set_title(title, size=size)
        ax.set(xlim=(-0.7, 1.7), ylim=(0, 1.2 * top))
        ax.spines["left"].set_visible(False)
        ax.set_xticks([0, 1], ["likely", "rare"])
        ax.set_yticks([])
        ax.tick_params(length=0, labelsize=size)
        for label, color in zip(ax.get_xticklabels(), colors, strict=True):
            label.set_color(color)
    for ax, sign in zip(axes[1:], "×=", strict=True):
        ax.text(-0.1, 0.45, sign, transform=ax.transAxes, ha="center", va="center", size=1.6 * size)


def picture():
    """Return the picture as SVG text."""
    with mpl.rc_context(figures.STYLE):
        fig, axes = figures.subplots(1, 3, height=1.9)
        draw(axes)
        return figures.canonical_svg(fig)


def card(path):
    """Write the picture below the title, as a PNG of the size that other sites expect."""
    with mpl.rc_context(figures.STYLE | {"figure.constrained_layout.use": False}):
        fig, axes = figures.subplots(1, 3, width=12, height=6.3)
        fig.subplots_adjust(left=0.08, right=0.92, bottom=0.1, top=0.55)
        draw(axes, size=20)
        fig.text(0.08, 0.84, "Why divide by π?", size=52)
        fig.text(0.08, 0.74, "Policy gradients, derived, drawn and checked", size=25, color="#444444")
        fig.savefig(path, dpi=100)


def icon(svg):
    """Return the favicon as PNG, square for phones, which round it themselves."""
    return vl_convert.svg_to_png(re.sub(r' rx="6"', "", svg), scale=180 / 32)


class Cover(Figure):
    """The picture, as a figure without a number; options as for ``figure``."""

    required_arguments = 0

    def run(self):
        env = self.state.document.settings.env
        for module in (figures, policies):
            env.note_dependency(module.__file__)
        folder = Path(env.app.outdir).parent / "cover"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cover.svg").write_text(picture(), encoding="utf-8")
        self.arguments = [os.path.relpath(folder / "cover.svg", Path(env.doc2path(env.docname)).parent)]
        self.options["figclass"] = ["cover"]
        return super().run()


def write(app, error):
    """Write the bitmaps that phones and other sites ask for."""
    if error or app.builder.name != "html":
        return
    static = Path(app.outdir) / "_static"
    (static / "icon.png").write_bytes(icon((static / "favicon.svg").read_text(encoding="utf-8")))
    if app.config.html_baseurl:
        card(static / "card.png")


def setup(app):
    app.add_directive("cover", Cover)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
