"""House style and reproducible SVG: in the house style a figure gives the same text on every machine.

A figure made by `subplots` is displayed by returning it from a cell. It never touches pyplot, so
nothing is shown twice and no state is left behind.
"""

import hashlib
import io
import re
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib import markers
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.container import BarContainer
from matplotlib.figure import Figure

from pgbook._inputs import count, instance, positive, real_array, within_float64

#: One colour per role, the same in the whole book; told apart by colour-blind readers, and at
#: least 3:1 against both pages (dark pages invert lightness and keep the hue).
COLORS = {
    "true": "#0072B2",  # the true gradient; what REINFORCE does
    "dropped": "#D55E00",  # without 1/π, or another factor that belongs there
    "baseline": "#117733",
    "pathwise": "#C07CA9",
    "likely": "#332288",  # the likely action of the running example
    "rare": "#734A00",  # its rare actions
    "neutral": "#666666",
}

#: Five inches at 10 points. On a phone the figure shrinks by a quarter and stays readable.
WIDTH = 5.0

#: The parameters of matplotlib that `use_house_style` sets.
STYLE = {
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.prop_cycle": mpl.cycler(color=[c for role, c in COLORS.items() if role != "neutral"]),
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "svg.fonttype": "path",
    "svg.hashsalt": "pgbook",
}


class BookFigure(Figure):
    """A matplotlib figure that a notebook shows as canonical SVG, and only as that."""

    def __repr__(self):
        return f"<figure with {len(self.axes)} axes>"

    def _repr_svg_(self):
        return canonical_svg(self)


def use_house_style():
    """Set matplotlib's parameters to the house style, whatever the reader's own settings are."""
    mpl.rcdefaults()
    mpl.rcParams.update(STYLE)


def subplots(nrows=1, ncols=1, *, height=3.0, width=WIDTH, **kwargs):
    """Return a figure and its axes.

    Parameters
    ----------
    nrows, ncols : int, at least 1
    height, width : float, positive
        Size in inches.
    **kwargs
        As for ``matplotlib.figure.Figure.subplots``.

    Returns
    -------
    BookFigure, and Axes or array of Axes

    Raises
    ------
    ValueError
        If an argument is out of range or of the wrong kind.

    >>> fig, ax = subplots()
    >>> fig
    <figure with 1 axes>
    """
    rows, columns = count("nrows", nrows, least=1), count("ncols", ncols, least=1)
    fig = BookFigure(figsize=(positive("width", width), positive("height", height)))
    return fig, fig.subplots(rows, columns, **kwargs)


def simplex_xy(probs):
    """Return where the probabilities of three actions lie in an equilateral triangle of side 1.

    Parameters
    ----------
    probs : float array, shape (..., 3)
        The map is linear, so it takes changes of probabilities (which sum to 0) as well.

    Returns
    -------
    float array, shape (..., 2)
        Action 1 alone is the left corner (0, 0), action 2 the right one, action 3 the top.

    Raises
    ------
    ValueError
        If the last axis of ``probs`` is not 3, a value is not finite, or a result exceeds float64.

    >>> simplex_xy([[1, 0, 0], [0, 0.5, 0.5]]).round(3)
    array([[0.   , 0.   ],
           [0.75 , 0.433]])
    """
    probs = real_array("probs", probs)
    if probs.shape[-1:] != (3,):
        raise ValueError(f"probs must have shape (..., 3), but the shape is {probs.shape}")
    with within_float64("probs"):
        return probs @ [[0, 0], [1, 0], [0.5, np.sqrt(0.75)]]


def simplex_axes(ax, labels):
    """Draw the triangle of `simplex_xy` with a label at each corner, in place of the axes.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    labels : sequence of three str
        For the corners where actions 1, 2 and 3 are certain.

    Raises
    ------
    ValueError
        If ``ax`` is no axes, or ``labels`` are not three str.

    >>> fig, ax = subplots()
    >>> simplex_axes(ax, ["π₁ = 1", "π₂ = 1", "π₃ = 1"])
    """
    instance("ax", ax, Axes)
    if len(instance("labels", labels, Sequence)) != 3 or not all(isinstance(text, str) for text in labels):
        raise ValueError(f"labels must be three str, but they are {labels!r}")
    corners = simplex_xy(np.eye(3))
    ax.fill(*corners.T, fill=False, edgecolor=COLORS["neutral"], linewidth=0.8)
    sides = ("left", "top"), ("right", "top"), ("center", "bottom")
    for (x, y), label, (ha, va) in zip(corners, labels, sides, strict=True):
        ax.text(x, y - 0.02 if va == "top" else y + 0.02, label, ha=ha, va=va)
    # As wide as the axes, but for a margin: a point at the edge is not cut.
    ax.set(aspect="equal", xlim=(-0.02, 1.02), ylim=(-0.02, 0.89))
    ax.axis("off")


def mark_clipped(ax):
    """Put an arrowhead where a line leaves the axes at the top or at the bottom: it goes on.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With its lines, limits and scales.

    Raises
    ------
    ValueError
        If ``ax`` is no axes.

    >>> fig, ax = subplots()
    >>> (line,) = ax.plot([0, 1, 2], [1e-3, 10, 1e3])
    >>> _ = ax.set(yscale="log", ylim=(0.1, 100))
    >>> _ = ax.set(xticks=[-1, 3])
    >>> mark_clipped(ax)
    >>> print(*ax.get_xlim())
    -1.0 3.0
    >>> for head in ax.lines[1:]:
    ...     assert head.get_color() == line.get_color()
    ...     print(head.get_marker() == markers.CARETUP, *head.get_xydata().round(3))
    True [0.625 1.   ]
    False [0.375 0.   ]
    """
    instance("ax", ax, Axes)
    ax.set(xlim=ax.get_xlim(), ylim=ax.get_ylim())  # which arrowheads do not move
    for line in list(ax.lines):
        points = ax.transAxes.inverted().transform(line.get_transform().transform(line.get_xydata()))
        x, y = points.T  # in fractions of the axes, where every scale is linear
        for edge, marker, beyond in [(1, markers.CARETUP, y > 1 + 1e-9), (0, markers.CARETDOWN, y < -1e-9)]:
            before = np.flatnonzero(beyond[:-1] != beyond[1:])
            share = (edge - y[before]) / (y[before + 1] - y[before])
            at = x[before] + share * (x[before + 1] - x[before])
            at = at[(at > -1e-9) & (at < 1 + 1e-9)]
            if len(at):
                head = {"marker": marker, "ls": "", "color": line.get_color(), "clip_on": False}
                ax.plot(at, np.full(len(at), edge), transform=ax.transAxes, **head)


def canonical_svg(fig):
    """Return the figure as SVG text that does not depend on the date, the machine or the CPU.

    Coordinates have two decimals (1/100 pt): matplotlib writes six, and the last one changes with
    the vector units. Identifiers are numbered in order of appearance, below a prefix taken from
    the text itself, so that two figures on one page do not share them. Version and date are left out.

    Parameters
    ----------
    fig : matplotlib.figure.Figure

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If ``fig`` is no figure; if a bar would not be as long as its number says, because its axis is
        logarithmic, does not reach zero or cuts it off; or if it holds a bitmap, which cannot be compared
        (use ``pcolormesh`` for ``imshow``).

    >>> fig, ax = subplots()
    >>> canonical_svg(fig) == canonical_svg(fig)
    True
    """
    instance("fig", fig, Figure)
    for ax in fig.axes:
        for bars in ax.containers:
            if isinstance(bars, BarContainer):
                upright = bars.orientation == "vertical"
                axis = ax.yaxis if upright else ax.xaxis
                low, high = sorted(axis.get_view_interval())
                corners = [bar.get_bbox().get_points()[:, 1 if upright else 0] for bar in bars.patches]
                ends, slack = [0, *np.ravel(corners)], 1e-9 * (high - low)  # a stack's end is a rounded sum
                cut = np.nanmin(ends) < low - slack or np.nanmax(ends) > high + slack
                if axis.get_scale() != "linear" or cut:
                    raise ValueError(
                        "fig has bars, so their axis must be linear and hold zero and every bar whole"
                    )
    layout = _laid_out(fig)
    buffer = io.StringIO()
    try:
        with mpl.rc_context({key: STYLE[key] for key in ("svg.fonttype", "svg.hashsalt")}):
            fig.savefig(
                buffer,
                format="svg",
                transparent=True,
                metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")),
            )
    finally:
        fig.set_layout_engine(layout or "none")
    svg = re.sub(r"<\?xml.*?(?=<svg)", "", buffer.getvalue(), flags=re.DOTALL)
    if "<image" in svg:
        raise ValueError(
            "fig holds a bitmap (imshow, a smooth colorbar?), whose bytes differ between machines; "
            "draw it with pcolormesh"
        )
    svg = re.sub(rf"(?P<kept>{_KEPT})|-?\d+\.\d{{3,}}|(?<!\w)-0(?![\w.])", _rounded, svg)
    svg = re.sub(r"[ \t]+\n", "\n", svg)
    # matplotlib quotes a name that holds a " with '.
    found = (name or other for name, other in re.findall(r"""\bid=(?:"([^"]+)"|'([^']+)')""", svg))
    names = {name: f"i{number}" for number, name in enumerate(dict.fromkeys(found))}
    svg = _renamed(svg, names)
    prefix = "f" + hashlib.sha256(svg.encode()).hexdigest()[:8]
    return _renamed(svg, {short: f"{prefix}-{short}" for short in names.values()})


def _laid_out(fig):
    """Lay the figure out. Take away the engine, which would do it again to save the figure, and return it."""
    layout, before = fig.get_layout_engine(), None
    FigureCanvasSVG(fig)  # it measures text as it will be drawn
    # A layout sees the tick labels of the one before. Where nothing moved, they are the same again.
    for _ in range(3 if layout and fig.axes else 0):
        layout.execute(fig)
        places = np.array([ax.get_position().bounds for ax in fig.axes])
        if before is not None and np.allclose(places, before, rtol=0, atol=1e-9):
            break
        before = places
    # No engine at all: for the one that "none" stands for, savefig would draw the figure twice.
    with mpl.rc_context({"figure.autolayout": False, "figure.constrained_layout.use": False}):
        fig.set_layout_engine(None)
    return layout


# No coordinates: comments quote the labels, names and links are the reader's, and scale(0.015625), which
# turns font units into points, needs all its digits.
_KEPT = r"""<!--.*?-->|\b(?:id|href)=(?:"[^"]*"|'[^']*')|url\([^)]*\)|scale\([^)]*\)"""


def _rounded(match):
    text = match.group()
    if match.lastgroup == "kept":
        return text
    return f"{round(float(text), 2) + 0.0:g}" if abs(float(text)) < 1e4 else f"{float(text):.0f}"


def _renamed(svg, names):
    pattern = r"""(?<=\bid=")[^"]+|(?<=\bid=')[^']+|(?<==["']#)[^"']+|(?<=url\(#)[^")]+"""
    return re.sub(pattern, lambda match: names.get(match[0], match[0]), svg)
