"""What a weight of the score climbs, for two arms (chapter 4)."""

import re

from pgbook.explorers.parts import (
    GREY,
    SPAN,
    axis,
    choice,
    drag,
    explorer,
    grip,
    label,
    mark,
    number,
    rows,
    slider,
    view,
)
from pgbook.figures import COLORS

# Policies are drawn at multiples of 1/GRID; in the corners a logarithm is taken CORNER away from them.
GRID, CORNER = 100, 1e-6

#: Each weight f, and its integral F, of an arm's probability q, where ρ draws it with probability d.
WEIGHTS = {
    "1": ("1", "q"),
    "π": ("q", "q * q / 2"),
    "cπ + 1 − c": ("c * q + 1 - c", "(1 - c) * q + c * q * q / 2"),
    "1/π": ("1 / q", "log(q)"),
    "ρ/π": ("d / q", "d * log(q)"),
    "min(1, Cρ/π)": ("min(1, cut * d / q)", "q < cut * d ? q : cut * d * (1 + log(q / (cut * d)))"),
    "1 or 0 (PPO)": (
        "a > 0 ? (q < (1 + eps) * d - 1e-9 ? 1 : 0) : q > (1 - eps) * d + 1e-9 ? 1 : 0",
        "a > 0 ? min(q, (1 + eps) * d) : max(q, (1 - eps) * d)",
    ),
    "gate (delightful)": ("a > 0 ? 1 / (1 + q) : q / (1 + q)", "a > 0 ? log(1 + q) : q - log(1 + q)"),
}


def weights():
    r"""Return an explorer of what the weighted update of two arms climbs, and where its flow ends.

    A row of its data "policies" is a probability ``p`` of arm 1: the credits ``k1`` and ``k2`` of both arms,
    and what is climbed, ``gain``, minus its value at the start. ``end`` is where the flow ends.

    Notes
    -----
    Equations ``eq-every-weight`` and ``eq-weight-credit``. The advantages are 1 and ``a2``. The start is also
    the policy :math:`\rho` that has drawn the actions.

    >>> weights()
    <explorer 'weights'>
    """

    def chosen(which, q, d, a):
        """The weight (0) or its integral (1) that was chosen, of an arm."""
        names = {"q": q, "d": d, "a": a}
        found = "0"
        for name, formulas in reversed(WEIGHTS.items()):
            one = re.sub(r"\b[qda]\b", lambda found: names[found[0]], formulas[which])
            found = f"weight == '{name}' ? ({one}) : ({found})"
        return found

    def both(which, p):
        first = chosen(which, p, "start", "1")
        second = chosen(which, f"(1 - {p})", "(1 - start)", "a2")
        return first, second

    def climbed(p):
        first, second = both(1, p)
        return f"(({first}) + a2 * ({second}))"

    def pull(p):
        """The credit of arm 1 minus that of arm 2: the flow of π₁ goes the way of its sign."""
        first, second = both(0, p)
        return f"(({first}) - a2 * ({second}))"

    first, second = both(0, "datum.p")
    here = f"way * (datum.n - round({GRID} * start))"
    formulas = {
        "p": f"clamp(datum.n / {GRID}, {CORNER}, {1 - CORNER})",
        "k1": first,
        "k2": f"a2 * ({second})",
        "gain": f"{climbed('datum.p')} - start_value",
        "beyond": here,
        "stops": f"datum.beyond > 0 && way * (datum.k1 - datum.k2) <= 1e-12 ? datum.beyond : {2 * GRID}",
    }
    policies = rows("policies", GRID + 1, **formulas)
    # The first policy that pulls back, and between it and the one before, where nothing pulls.
    back = f"clamp((datum.n - way) / {GRID}, {CORNER}, {1 - CORNER})"
    rest = f"(datum.n - way + way * {pull(back)} / ({pull(back)} - datum.k1 + datum.k2)) / {GRID}"
    # PPO's weight jumps, so its flow rests on an edge: that of arm 1, or of a blamed arm 2, if it is later.
    edge = "max((1 + eps) * start, a2 < 0 ? 1 - (1 - eps) * (1 - start) : 0)"
    rest = f"weight == '1 or 0 (PPO)' ? {edge} : {rest}"
    corner = f"datum.steps > {GRID} ? (way > 0 ? 1 : 0)"
    last = f"clamp(datum.end, {CORNER}, {1 - CORNER})"
    policies["transform"] += [
        {"type": "joinaggregate", "ops": ["min"], "fields": ["stops"], "as": ["steps"]},
        {"type": "formula", "as": "rest", "expr": f"way != 0 && datum.beyond == datum.steps ? ({rest}) : -1"},
        {"type": "joinaggregate", "ops": ["max"], "fields": ["rest"], "as": ["found"]},
        {"type": "formula", "as": "end", "expr": f"way == 0 ? start : {corner} : datum.found"},
        {"type": "formula", "as": "reached", "expr": f"datum.n ? 0 : {climbed(last)} - start_value"},
    ]

    true, dropped = COLORS["true"], COLORS["dropped"]
    color = f"weight == '1' ? '{true}' : '{dropped}'"
    one, two = COLORS["likely"], COLORS["rare"]
    stop = "data('policies')[0]"

    def curve(name, field, y, low, high, **style):
        """A curve, and an arrow at each end where it leaves the view."""
        inside = f"scale('{y}', clamp(datum.{field}, {low - 1}, {high + 1}))"
        arrows = []
        for n, x in [(1, 5), (GRID - 1, SPAN - 5)]:
            value = f"data('policies')[{n}].{field}"
            text = f"{value} > {high} ? '▲' : {value} < {low} ? '▼' : ''"
            place = f"{value} > {high} ? range('{y}')[1] + 1 : range('{y}')[0] - 13"
            arrows.append(
                mark("text", x=x, y=place, text=text, align="'center'", fontSize=12, fill=style["stroke"])
            )
        return [
            mark("line", "policies", name=name, clip=y, x="scale('p_x', datum.p)", y=inside, **style),
            *arrows,
        ]

    def tag(n, field, text, align, fill):
        value = f"clamp(data('policies')[{n}].{field}, -0.75, 1.25)"
        place = {"x": f"{8 if align == 'left' else SPAN - 8}", "y": f"scale('credit_y', {value}) - 17"}
        return label(None, **place, text=f"'{text}'", align=f"'{align}'", fill=fill)

    credits = [
        *curve("credit2", "k2", "credit_y", -1, 1.5, stroke=two, strokeWidth=2, strokeDash="[6, 3]"),
        *curve("credit1", "k1", "credit_y", -1, 1.5, stroke=one, strokeWidth=2),
        *tag(2, "k2", "arm 2", "left", two),
        *tag(GRID - 2, "k1", "arm 1", "right", one),
        mark(
            "rect",
            name="here",
            x="scale('p_x', start) - 0.5",
            width=1,
            y="range('credit_y')[1]",
            y2="range('credit_y')[0]",
            fill=GREY,
        ),
    ]
    path = f"(datum.p - start) * (datum.p - {stop}.end) <= 1e-9"
    hills = [
        *curve("hill", "gain", "gain_y", -0.25, 0.25, stroke=color, strokeWidth=2),
        mark(
            "line",
            "policies",
            name="path",
            clip="gain_y",
            x="scale('p_x', datum.p)",
            y="scale('gain_y', clamp(datum.gain, -1.25, 1.25))",
            stroke=color,
            strokeWidth=5,
            defined=path,
        ),
        mark(
            "symbol",
            name="end",
            x=f"scale('p_x', {stop}.end)",
            y=f"scale('gain_y', clamp({stop}.reached, -0.25, 0.25))",
            size=170,
            stroke=color,
            strokeWidth=2.5,
            fill="#ffffff",
        ),
        mark(
            "symbol",
            name="ball",
            x="scale('p_x', start)",
            y="scale('gain_y', 0)",
            size=130,
            fill=color,
            stroke="#000000",
        ),
        grip("hand", "scale('p_x', start)", "scale('gain_y', 0)"),
    ]
    hand = drag("hand", f"clamp(round({GRID} * invert('p_x', x())) / {GRID}, 0.02, 0.98)")
    reached = f"{stop}.end + (1 - {stop}.end) * a2"
    return explorer(
        "weights",
        view(
            "'credit A f(π) of each arm'",
            100,
            credits,
            x=axis("credit_x", [0, 1]),
            y=axis("credit_y", [-1, 1.5], ticks=[-1, 0, 1]),
            above=6,
            below=8,
        ),
        view(
            "'what is climbed, minus its value at the start'",
            150,
            hills,
            x=axis("p_x", [0, 1], ticks=[0, 0.25, 0.5, 0.75], format=".2~f", title="π₁"),
            y=axis("gain_y", [-0.25, 0.25], ticks=[-0.2, -0.1, 0, 0.1, 0.2], format=".1f"),
            above=6,
        ),
        title=["The weight f decides what is climbed:", "inside, it turns where credits meet"],
        words=[
            f"'f = ' + weight + ', advantages 1 and ' + {number('a2')} + '.'",
            f"'From π₁ = ' + format(start, '.2f') + ' the flow goes to ' + {number(f'{stop}.end')} + '.'",
            f"'There J = ' + {number(reached)} + '; the most is ' + {number('max(1, a2)')} + '.'",
        ],
        description="Two arms with advantages 1 and 0.9, against the probability of arm 1. Above, their"
        " credits, as it opens 1 and 0.9 everywhere. Below, what is climbed, as it opens a straight line that"
        " rises by 0.1 from left to right; the flow from 0.3 goes to 1.",
        controls=[
            choice("weight", "weight f", [*WEIGHTS]),
            slider("start", "start: π₁ = ρ₁", 0.3, 0.02, 0.98, 0.01, on=[hand]),
            slider("A2", "arm 2 has A =", 0.9, -1, 1, 0.1),
            slider("c", "c", 0.3, 0, 1, 0.05),
            slider("cut", "C", 2, 1, 4, 0.25),
            slider("eps", "ε", 0.2, 0.05, 0.5, 0.05),
        ],
        tasks={
            "divided": {},
            "not divided": {"weight": "π"},
            "rare held back": {"weight": "cπ + 1 − c"},
            "ratio cut": {"weight": "min(1, Cρ/π)"},
            "PPO's clip": {"weight": "1 or 0 (PPO)"},
            "delightful": {"weight": "gate (delightful)", "A2": 1},
        },
        data=[policies],
        signals=[
            {"name": "a2", "update": "weight == 'gate (delightful)' ? (A2 < 0 ? -1 : 1) : A2"},
            {"name": "start_value", "update": climbed("start")},
            {"name": "start_pull", "update": pull("start")},
            {"name": "way", "update": "start_pull > 1e-12 ? 1 : start_pull < -1e-12 ? -1 : 0"},
        ],
        folded=["c", "cut", "eps"],
        ghosts=["hill", "credit1", "credit2", "ball", "end"],
    )
