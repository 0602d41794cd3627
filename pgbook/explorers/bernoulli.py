"""One coin in two parameters: single updates, their average and their noise (chapter 6)."""

from pgbook.explorers.parts import (
    SPAN,
    axis,
    choice,
    drag,
    explorer,
    label,
    mark,
    number,
    rows,
    slider,
    view,
)
from pgbook.figures import COLORS

IN_P, IN_LOGIT = "probability p", "logit θ"
# The largest update of each: of p = 0.1 and a return of 50, and what no update in the logit reaches.
LIMIT = "(in_p ? 500 : 50)"


def bernoulli():
    r"""Return an explorer of the updates of a coin, by its probability or by its logit.

    Each row of its data "outcomes" is an outcome ``y``. It holds its probability ``q``, its ``score``, its
    ``update`` and the product ``area`` of probability and update; the ``mean`` and the ``variance`` of an
    update are the same in both. Variances in p and in the logit are in the two rows of "here", and in the
    fields ``in_p`` and ``in_logit`` of "curves", at the probability ``q``.

    Notes
    -----
    Equations ``eq-score-bernoulli-pieces``, ``eq-score-bernoulli-logit``, ``eq-bernoulli-variance-crossed``.

    >>> bernoulli()
    <explorer 'bernoulli'>
    """
    outcomes = rows(
        "outcomes",
        2,
        y="1 - datum.n",
        q="datum.y ? p : 1 - p",
        score="in_p ? (datum.y ? 1 / p : -1 / (1 - p)) : datum.y - p",
        update="(datum.y ? r1 : r0) * datum.score",
        area="datum.q * datum.update",
        mean="sum datum.area",
        variance="sum datum.q * pow(datum.update - datum.mean, 2)",
    )
    crossed = {"m": "(1 - {q}) * r1 + {q} * r0", "room": "{q} * (1 - {q})"}
    here = rows(
        "here",
        2,
        **{field: formula.format(q="p") for field, formula in crossed.items()},
        variance="datum.n ? datum.room * datum.m * datum.m : datum.m * datum.m / datum.room",
    )
    curves = rows(
        "curves",
        95,
        q="(datum.n + 3) / 100",
        **{field: formula.format(q="datum.q") for field, formula in crossed.items()},
        in_p="datum.m * datum.m / datum.room",
        in_logit="datum.m * datum.m * datum.room",
    )
    kind = f"datum.y ? '{COLORS['likely']}' : '{COLORS['rare']}'"
    parameter = f"in_p ? '{COLORS['neutral']}' : '{COLORS['true']}'"
    share = f"'y = ' + datum.y + ': ' + {number('datum.q')} + ' · ' + {number('datum.update')} + ' = '"
    coin = "data('outcomes')[0]"
    zero = "scale('areas_y', 0)"
    border = {"x": "scale('areas_x', p)", "stroke": "#000000"}

    def hand(y):
        """Return what can be dragged: the border, as wide as the tip of a finger."""
        return mark(
            "rect", name="border", x="scale('areas_x', p) - 22", width=44, y=f"range('{y}')[1]",
            y2=f"range('{y}')[0]", fill="#ffffff", fillOpacity=0, cursor="'ew-resize'",
        )  # fmt: skip

    areas = [
        mark(
            "rect",
            "outcomes",
            name="areas",
            x="scale('areas_x', datum.y ? 0 : p)",
            x2="scale('areas_x', datum.y ? p : 1)",
            y="scale('areas_y', datum.update)",
            y2=zero,
            fill=kind,
            opacity=0.75,
        ),
        mark(
            "text",
            "outcomes",
            x=f"datum.y ? 0 : {SPAN}",
            y="datum.y ? range('areas_y')[1] - 19 : range('areas_y')[0] + 5",
            align="datum.y ? 'left' : 'right'",
            text=f"{share} + {number('datum.area')}",
            fill=kind,
        ),
        mark("rule", x=0, x2=SPAN, y=f"scale('areas_y', {coin}.mean)", stroke=parameter, strokeWidth=2),
        mark("rule", y="range('areas_y')[1]", y2="range('areas_y')[0]", strokeDash="[2, 2]", **border),
        mark("symbol", x="scale('areas_x', p)", y=zero, size=110, fill="#ffffff", stroke="#000000"),
        hand("areas_y"),
    ]

    def curve(field, color, shown):
        y = f"scale('noise_y', max(datum.{field}, 1e-3))"
        return mark(
            "line", "curves", name=field, clip="noise_y", x="scale('noise_x', datum.q)", y=y, stroke=color,
            strokeWidth=f"{shown} ? 3 : 1.5",
        )  # fmt: skip

    floor, ceiling = "range('noise_y')[0]", "range('noise_y')[1]"
    at = "scale('noise_y', max(datum.variance, 1))"
    color = f"datum.n ? '{COLORS['true']}' : '{COLORS['neutral']}'"
    noise = [
        curve("in_p", COLORS["neutral"], "in_p"),
        curve("in_logit", COLORS["true"], "!in_p"),
        mark("rule", y=ceiling, y2=floor, strokeDash="[2, 2]", **border),
        mark(
            "symbol",
            "here",
            name="points",
            x="scale('noise_x', p)",
            y=at,
            size=90,
            # An arrow, if the point is below the axis.
            shape="datum.variance < 1 ? 'triangle-down' : 'circle'",
            fill=color,
        ),
        *label(
            "here",
            x="scale('noise_x', p) + (p < 0.4 ? 8 : p > 0.6 ? -8 : 0)",
            # That in p stands above its point, that in the logit below, as far as there is room.
            y=f"datum.n ? min({at} + 8, {floor} - 16) : clamp({at} - 22, {ceiling}, {floor} - 32)",
            align="p < 0.4 ? 'left' : p > 0.6 ? 'right' : 'center'",
            text=f"(datum.n ? 'in the logit ' : 'in p ') + {number('datum.variance')}",
            fill=color,
        ),
        hand("noise_y"),
    ]  # fmt: skip
    move = "clamp(round(100 * invert('areas_x', x())) / 100, 0.1, 0.9)"
    return explorer(
        "bernoulli",
        view(
            "'width: how often; height: the update'",
            180,
            areas,
            x=axis("areas_x", [0, 1]),
            y=axis("areas_y", {"signal": f"[-{LIMIT}, {LIMIT}]"}, ticks=[f"-{LIMIT}", 0, LIMIT]),
            above=22,
            below=28,
        ),
        view(
            "'variance of one update (logarithmic axis)'",
            110,
            noise,
            x=axis("noise_x", [0, 1], ticks=[0.1, 0.5, 0.9], title="p"),
            y=axis("noise_y", [1, 1e5], ticks=[1, 10, 100, 1000, 10000], format="~s", log=True),
        ),
        title=["In p, only the noise depends on p;", "in the logit, both vanish at the ends"],
        words=[
            f"'The update of ' + (in_p ? 'p' : 'the logit') + ' is ' + {number(coin + '.mean')}"
            " + ' on average,'",
            f"'with a variance of ' + {number(coin + '.variance')} + '.'",
        ],
        description="Two rectangles, one for each outcome of a coin, as wide as the outcome is probable and"
        " as high as its update; below, the variance of an update against p, on a logarithmic axis. As it"
        " opens, with p = 0.1 as the parameter, outcome 1 pays 50 and updates by 500, an area of 50; outcome"
        " 0 pays 40 and updates by minus 44, an area of minus 40. The average is 10 for every p. The variance"
        " in p is lowest in the middle and rises steeply towards both ends, where that in the logit falls.",
        controls=[
            choice("parameter", "parameter", [IN_P, IN_LOGIT]),
            slider("p", "p", 0.1, 0.1, 0.9, 0.01, on=[drag("border", move)]),
            slider("r1", "outcome 1 pays", 50, -50, 50, 5),
            slider("r0", "outcome 0 pays", 40, -50, 50, 5),
        ],
        tasks={
            "p = 0.1": {},
            "p = 0.5": {"p": 0.5},
            "p = 0.9": {"p": 0.9},
            "logit, p = 0.1": {"parameter": IN_LOGIT},
            "logit, p = 0.5": {"parameter": IN_LOGIT, "p": 0.5},
        },
        data=[outcomes, here, curves],
        signals=[{"name": "in_p", "update": f"parameter == '{IN_P}'"}],
        folded=["r1", "r0"],
        ghosts=["areas", "points"],
    )
