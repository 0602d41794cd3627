"""Where learning ends from every start, with and without the division (chapter 4)."""

import altair as alt

from pgbook.explorers.parts import WIDTH, each, explorer, slider, status, switch, total
from pgbook.figures import COLORS

# Starts are multiples of 1/GRID inside the triangle. A path takes STEPS steps, in each of which the logit
# that moves most moves by LENGTH: the path of the flow, at another speed.
GRID, STEPS, LENGTH = 10, 40, 0.35


def simplex():
    r"""Return an explorer of the flow of the expected update on the policies of three arms.

    A row of its data is a start: the policies ``p0`` … ``p40`` along its path, and ``value``, the expected
    return where the path ends. The last row, where ``own`` is true, is the start that the reader chooses.

    Notes
    -----
    Equations ``eq-update-jvp`` and, without the division, ``eq-distorted-returns``; the triangle is that of
    `pgbook.figures.simplex_xy`.

    >>> simplex()
    <explorer 'simplex'>
    """
    starts = (
        alt.Chart(alt.sequence((GRID - 2) ** 2 + 1, as_="n"))
        .transform_calculate(own=f"datum.n == {(GRID - 2) ** 2}")
        .transform_calculate(i=f"1 + floor(datum.n / {GRID - 2})", j=f"1 + datum.n % {GRID - 2}")
        .transform_filter(f"datum.own || datum.i + datum.j < {GRID}")
        .transform_calculate(pi1=f"datum.own ? start1 : datum.i / {GRID}")
        .transform_calculate(pi2=f"datum.own ? min(start2, 0.98 - start1) : datum.j / {GRID}")
        .transform_calculate(z0="[log(datum.pi1), log(datum.pi2), log(1 - datum.pi1 - datum.pi2)]")
    )
    for k in range(STEPS + 1):
        z, p, c, g = (f"datum.{name}{k}[#]" for name in "zpcg")
        starts = starts.transform_calculate(**{f"p{k}": each(f"exp({z}) / {total(f'exp({z})')}")})
        if k == STEPS:
            break
        # The expected update π ⊙ (c - π·c), where arm b is credited with r_b, or with π_b r_b undivided.
        largest = f"max({', '.join(f'abs(datum.g{k}[{arm}])' for arm in range(3))}, 1e-9)"
        starts = (
            starts.transform_calculate(**{f"c{k}": each(f"[r1, r2, r3][#] * (division ? 1 : {p})")})
            .transform_calculate(**{f"g{k}": each(f"{p} * ({c} - {total(f'{p} * {c}')})")})
            .transform_calculate(**{f"z{k + 1}": each(f"{z} + {LENGTH} * {g} / {largest}")})
        )
    starts = (
        starts.transform_calculate(value=total(f"datum.p{STEPS}[#] * [r1, r2, r3][#]"))
        .transform_calculate(best="max(r1, r2, r3) - datum.value < 0.005 ? 1 : 0")
        .transform_calculate(counted="datum.own ? 0 : datum.best")
        .transform_joinaggregate(reached="sum(counted)", starts="count()")
    )

    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.2, 1.2], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-0.1, 0.96], nice=False))
    color = alt.value(alt.expr(f"division ? '{COLORS['true']}' : '{COLORS['dropped']}'"))

    def at(chart, p):
        """Place a row where its policy lies in the triangle."""
        return chart.transform_calculate(x=f"{p}[1] + {p}[2] / 2", y=f"sqrt(0.75) * {p}[2]")

    arms = alt.Chart(alt.sequence(1, 5, as_="arm")).transform_calculate(
        corner="[[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]][datum.arm - 1]"
    )
    edges = at(arms, "datum.corner").mark_line(color=COLORS["neutral"], strokeWidth=1)
    labels = (
        at(arms.transform_filter("datum.arm < 4"), "datum.corner")
        .transform_calculate(
            label="'arm ' + datum.arm + ' pays ' + format([r1, r2, r3][datum.arm - 1], '.2f')"
        )
        .mark_text(dy=alt.expr("datum.y > 0.5 ? -14 : 16"), fontSize=13)
    )
    paths = alt.Chart().transform_calculate(
        step=f"sequence({STEPS + 1})", p="[" + ", ".join(f"datum.p{k}" for k in range(STEPS + 1)) + "]"
    )
    paths = at(paths.transform_flatten(["step", "p"]), "datum.p").mark_line()
    paths = paths.encode(x, y, alt.Order("step:O"), alt.Detail("n:N"), color=color)
    thin = paths.transform_filter("!datum.own").encode(size=alt.value(1), opacity=alt.value(0.6))
    thick = paths.transform_filter("datum.own").encode(size=alt.value(3))
    dots = at(alt.Chart(), "datum.p0").mark_point(opacity=1, strokeWidth=1.5)
    dots = dots.encode(
        x,
        y,
        stroke=color,
        fill=alt.condition("datum.best", color, alt.value("white")),
        size=alt.condition("datum.own", alt.value(160), alt.value(40)),
    )
    policy = "'(' + format({0}[0], '.2f') + ', ' + format({0}[1], '.2f') + ', ' + format({0}[2], '.2f') + ')'"
    words = status(
        alt.Chart().transform_filter("datum.own"),
        "(division ? 'With' : 'Without') + ' the division, ' + datum.reached + ' of ' + (datum.starts - 1)"
        " + ' starts (the filled dots)'",
        "'end where it pays most.'",
        f"'Your start ' + {policy.format('datum.p0')}"
        f" + ' ends at ' + {policy.format(f'datum.p{STEPS}')} + '.'",
    )
    triangle = alt.layer(
        edges.encode(x, y, alt.Order("arm:O")), thin, labels.encode(x, y, text="label:N"), thick, dots
    )
    return explorer(
        "simplex",
        starts,
        words,
        triangle.properties(width=WIDTH, height=303),
        title=["Without the division, the start", "decides where learning ends"],
        description="A triangle of policies over three arms that pay 1, 0.9 and 0.2. As it opens, with the"
        " division, paths from 36 starts all lead to the corner of arm 1, some of them after a detour towards"
        " arm 2. Without the division, paths that start near arm 2 or arm 3 end there.",
        params=[
            switch("division", "divide by π", True),
            slider("r1", "arm 1 pays", 1, 0, 1, 0.05),
            slider("r2", "arm 2 pays", 0.9, 0, 1, 0.05),
            slider("r3", "arm 3 pays", 0.2, 0, 1, 0.05),
            slider("start1", "your start: π₁", 0.1, 0.01, 0.9, 0.01),
            slider("start2", "your start: π₂", 0.8, 0.01, 0.9, 0.01),
        ],
    )
