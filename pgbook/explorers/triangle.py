"""The triangle of policies over three arms, and a start in it that can be dragged (chapters 4, 9 and 11)."""

from pgbook.explorers.parts import GREY, LINE, SIZE, WIDTH, axis, drag, each, mark, slider, total, view

# Of the triangle: its side, and its height.
SIDE = 320
HEIGHT = 0.75**0.5 * SIDE
# Each arm of a start has at least this probability.
LEAST = 0.01
RETURNS = ["r1", "r2", "r3"]
START = "[start1, start2, 1 - start1 - start2]"


def triangle(title, marks, start, more_lines=0):
    """Return the view of the triangle of `pgbook.figures.simplex_xy`, with what each arm pays at its corner.

    Parameters
    ----------
    title : str
        An expression.
    marks : list of dict
        Below the start.
    start : dict
        How the start, which can be dragged, is drawn.
    more_lines : int
        Of the title, below its first.
    """

    def outline(name, **style):
        edges = f"'M0,0L{SIDE},0L{SIDE / 2},{-HEIGHT:.1f}Z'"
        return mark(
            "path", name=name, path=edges, x="scale('simplex_x', 0)", y="scale('simplex_y', 0)", **style
        )

    corners = [
        mark("text", x=x, y=f"scale('simplex_y', {y}) + {dy}", text=_pays(arm), align=repr(align))
        for arm, x, y, dy, align in [
            (1, 0, 0, 6, "left"),
            (2, WIDTH, 0, 6, "right"),
            (3, WIDTH / 2, 0.75**0.5, -SIZE - 6, "center"),
        ]
    ]
    # Above all, and invisible: where a press sets the start.
    inside = outline("triangle", fill="#ffffff", fillOpacity=0, cursor="'crosshair'")
    point = dots("start", START, cursor="'move'", **start)
    x = axis("simplex_x", [0, 1]) | {"range": [(WIDTH - SIDE) / 2, (WIDTH + SIDE) / 2]}
    return view(
        title,
        HEIGHT,
        [outline(None, stroke=GREY, strokeWidth=1), *corners, *marks, inside, point],
        x=x,
        y=axis("simplex_y", [0, 0.75**0.5]),
        above=SIZE + 6 + more_lines * LINE,
    )


def _pays(arm):
    return f"'arm {arm} pays ' + format(r{arm}, '.2f')"


def returns(*values):
    """Return the sliders of what the arms pay."""
    return [
        slider(name, f"arm {arm} pays", value, 0, 1, 0.05)
        for arm, name, value in zip([1, 2, 3], RETURNS, values, strict=True)
    ]


def start(first, second):
    """Return the sliders of a start, which is also set by a press in the triangle, and dragged."""
    third = f"round(100 * clamp(invert('simplex_y', y()) / sqrt(0.75), {LEAST}, {1 - 2 * LEAST})) / 100"
    across = f"clamp(invert('simplex_x', x()) - {third} / 2, {LEAST}, {1 - LEAST} - {third})"
    pointed = {"start2": f"round(100 * {across}) / 100"}
    pointed["start1"] = f"round(100 * (1 - {third}) - 100 * {across}) / 100"
    events = [drag(name, "")["events"] for name in ("start", "triangle")]
    events.append({"type": "click", "markname": "triangle"})

    def one(name, other, label, value):
        # Where the other's slider leaves no room, this one gives way. (Vega allows no cycle of signals.)
        room = f"min({name}, round({100 * (1 - LEAST)} - 100 * {other}) / 100)"
        moved = {"source": "window", "type": "input", "filter": f"event.target.name == '{other}'"}
        on = [{"events": moved, "update": room}, {"events": events, "update": pointed[name]}]
        return slider(name, label, value, LEAST, 1 - 2 * LEAST, 0.01, on=on)

    return [
        one("start1", "start2", "start: π₁", first),
        one("start2", "start1", "start: π₂", second),
    ]


def corner(p):
    """Return the expression of where the policy ``p`` lies, in the units of `trail`.

    >>> corner("p")
    '[320 * (p[1] + p[2] / 2), -277.128 * p[2]]'
    """
    return f"[{SIDE} * ({p}[1] + {p}[2] / 2), {-HEIGHT:.3f} * {p}[2]]"


def line(points):
    """Return the expression of a line through these places, for `trail`."""
    return f"{{type: 'LineString', coordinates: {points}}}"


def trail(name, geometry, data=None, **style):
    """Return a mark, or one for each row of data, of GeoJSON: an expression whose places are by `corner`.

    Vega draws it faster than an SVG path, which it would read first. Dots have a radius of 4.
    """
    place = {"x": "scale('simplex_x', 0)", "y": "scale('simplex_y', 0)"}
    drawn = mark("shape", data, name=name, geometry=geometry, **place, **style)
    return drawn | {"transform": [{"type": "geoshape", "field": "geometry", "pointRadius": 4}]}


def dots(name, p, data=None, **style):
    """Return a dot at the policy ``p``, or one for each row of data."""
    return mark(
        "symbol",
        data,
        name=name,
        x=f"scale('simplex_x', {p}[1] + {p}[2] / 2)",
        y=f"scale('simplex_y', sqrt(0.75) * {p}[2])",
        **style,
    )


def written(p):
    """Return the expression of a policy as text."""
    return "'(' + " + " + ', ' + ".join(f"format({p}[{arm}], '.2f')" for arm in range(3)) + " + ')'"


def softmax(weights):
    """Return the expression of weights divided by their sum."""
    return each(f"{weights}[#] / {total(f'{weights}[#]')}")
