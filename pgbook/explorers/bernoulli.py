"""One coin in two parameters: single updates, their average and their noise (chapter 6)."""

import altair as alt

from pgbook.explorers.parts import WIDTH, choice, explorer, inside, slider, status
from pgbook.figures import COLORS

IN_P, IN_LOGIT = "probability p", "logit θ"


def bernoulli():
    r"""Return an explorer of the updates of a coin, by its probability or by its logit.

    A row of its data is a parameter (``in_p`` or not) and a probability ``q``. It holds the scores ``s1`` and
    ``s0`` of both outcomes, their updates ``g1`` and ``g0``, and the ``mean`` and ``variance`` of an update.
    The row of the reader's choice has ``chosen``.

    Notes
    -----
    Equations ``eq-score-bernoulli-pieces`` and ``eq-score-bernoulli-logit``.

    >>> bernoulli()
    <explorer 'bernoulli'>
    """
    coins = (
        alt.Chart(alt.sequence(182, as_="n"))
        .transform_calculate(in_p="datum.n < 91", q="(5 + datum.n % 91) / 100")
        .transform_calculate(
            s1="datum.in_p ? 1 / datum.q : 1 - datum.q",
            s0="datum.in_p ? -1 / (1 - datum.q) : -datum.q",
        )
        .transform_calculate(g1="r1 * datum.s1", g0="r0 * datum.s0")
        .transform_calculate(mean="datum.q * datum.g1 + (1 - datum.q) * datum.g0")
        .transform_calculate(
            variance="datum.q * pow(datum.g1 - datum.mean, 2) + (1 - datum.q) * pow(datum.g0 - datum.mean, 2)"
        )
        .transform_calculate(
            shown=f"datum.in_p == (parameter == '{IN_P}')",
            chosen=f"datum.in_p == (parameter == '{IN_P}') && abs(datum.q - p) < 0.005",
        )
    )
    words = status(
        alt.Chart().transform_filter("datum.chosen"),
        "'y = 1, ' + format(100 * p, '.0f') + ' % of the time: score ' + format(datum.s1, '.2f')"
        " + ', update ' + format(datum.g1, '.1f')",
        "'y = 0, ' + format(100 - 100 * p, '.0f') + ' % of the time: score ' + format(datum.s0, '.2f')"
        " + ', update ' + format(datum.g0, '.1f')",
        "'On average ' + format(datum.mean, '.2f') + ', with variance ' + format(datum.variance, ',.1f')",
    )

    # To the left of 0 there is room for the labels of the y axis.
    unit = {
        "scale": alt.Scale(domain=[-0.15, 1], nice=False),
        "axis": alt.Axis(values=[0, 0.2, 0.4, 0.6, 0.8, 1]),
    }
    share = alt.X("from:Q", title="probability", **unit)
    outcomes = (
        alt.Chart()
        .transform_filter("datum.chosen")
        .transform_calculate(
            y="[1, 0]", **{"from": "[0, datum.q]"}, to="[datum.q, 1]", update="[datum.g1, datum.g0]"
        )
        .transform_flatten(["y", "from", "to", "update"])
        .transform_calculate(middle="(datum.from + datum.to) / 2", label="'y = ' + datum.y")
    )
    color = alt.Color(
        "y:N", legend=None, scale=alt.Scale(domain=[0, 1], range=[COLORS["rare"], COLORS["likely"]])
    )
    height = alt.Y("update:Q", axis=inside(tickCount=4), scale=alt.Scale(padding=18))
    boxes = outcomes.mark_rect(opacity=0.7).encode(
        share, alt.X2("to:Q"), height, color=color, y2=alt.datum(0)
    )
    names = outcomes.mark_text(dy=alt.expr("datum.update < 0 ? 9 : -9")).encode(
        alt.X("middle:Q"), height, alt.Text("label:N"), color=color
    )
    average = alt.Chart().transform_filter("datum.chosen").mark_rule(color=COLORS["true"], strokeWidth=2)
    average = average.encode(alt.Y("mean:Q"), x=alt.datum(0), x2=alt.datum(1))
    areas = alt.layer(boxes, names, average)
    areas = areas.properties(
        width=WIDTH,
        height=150,
        title="width: how often; height: the update; line: the average",
    )

    at = alt.X("q:Q", title="p", **unit)
    noise = alt.Y("clipped:Q", axis=inside(values=[1, 100, 10000], format=","))
    noise = noise.scale(type="log", domain=[1, 2e5], nice=False, clamp=True)
    curves = alt.Chart().transform_calculate(clipped="max(datum.variance, 1e-3)")
    lines = curves.mark_line(clip=True, color=COLORS["neutral"]).encode(at, noise, alt.Detail("in_p:N"))
    shown = curves.transform_filter("datum.shown").mark_line(clip=True, color=COLORS["true"], strokeWidth=3)
    here = curves.transform_filter("datum.chosen").mark_point(
        filled=True, size=90, opacity=1, color=COLORS["true"]
    )
    ends = curves.transform_filter("datum.q == (datum.in_p ? 0.35 : 0.65)").transform_calculate(
        label="datum.in_p ? 'in p' : 'in the logit'"
    )
    ends = ends.mark_text(dy=-11).encode(at, noise, alt.Text("label:N"))
    variances = alt.layer(lines, shown.encode(at, noise), here.encode(at, noise), ends)
    return explorer(
        "bernoulli",
        coins,
        words,
        areas,
        variances.properties(width=WIDTH, height=130, title="variance of one update"),
        title=["In p, only the noise depends on p;", "in the logit, both shrink towards the ends"],
        description="Two rectangles, one for each outcome of a coin, as wide as the outcome is probable and"
        " as high as its update; below, the variance of an update against p, on a logarithmic axis. As it"
        " opens, with p = 0.1 as the parameter, outcome 1 pays 50 and updates by 500, outcome 0 pays 40 and"
        " updates by minus 44; the average is 10 for every p. The variance in p is lowest in the middle and"
        " rises steeply towards both ends, where that in the logit falls.",
        params=[
            choice("parameter", "parameter", [IN_P, IN_LOGIT]),
            slider("p", "p", 0.1, 0.05, 0.95, 0.01),
            slider("r1", "outcome 1 pays", 50, -50, 50, 5),
            slider("r0", "outcome 0 pays", 40, -50, 50, 5),
        ],
    )
