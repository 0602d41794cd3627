"""How the variance of an update depends on the baseline (chapter 9)."""

import altair as alt

from pgbook.explorers.parts import WIDTH, each, explorer, inside, slider, status, total
from pgbook.figures import COLORS

# Variances above are drawn at the edge.
TOP = 800
# The reader's baseline, the mean return and the best baseline.
ROLES = ["true", "dropped", "baseline"]


def baseline():
    r"""Return an explorer of the variance :math:`V(\beta)` of one update, with the running policy.

    A row of its data is a baseline ``b`` with its ``variance``. Every row also holds ``J``, ``best`` (best
    baseline) and the variances ``at_J`` and ``at_best``; the row of the reader's baseline has ``chosen``.

    Notes
    -----
    Equations ``eq-score-length`` and ``eq-baseline-softmax``.

    >>> baseline()
    <explorer 'baseline'>
    """
    pi, r, length = "datum.pi[#]", "datum.r[#]", "datum.length[#]"

    def variance(b):
        """Mean square of (r_A − b) s(A), minus the square of its mean, which does not depend on b."""
        return f"{total(f'{pi} * pow({r} - {b}, 2) * {length}', 6)} - datum.squared_gradient"

    baselines = (
        alt.Chart(alt.sequence(72, as_="n"))
        .transform_calculate(chosen="datum.n == 71", b="datum.n == 71 ? beta : datum.n - 10")
        .transform_calculate(pi=each("# == 0 ? pi1 : (1 - pi1) / 5", 6), r="[r1, r2, rest, rest, rest, rest]")
        .transform_calculate(norm=total(f"{pi} * {pi}", 6), J=total(f"{pi} * {r}", 6))
        .transform_calculate(length=each(f"1 - 2 * {pi} + datum.norm", 6))
        .transform_calculate(squared_gradient=total(f"pow({pi} * ({r} - datum.J), 2)", 6))
        .transform_calculate(best=f"{total(f'{pi} * {length} * {r}', 6)} / {total(f'{pi} * {length}', 6)}")
        .transform_calculate(
            variance=variance("datum.b"), at_J=variance("datum.J"), at_best=variance("datum.best")
        )
    )
    words = status(
        alt.Chart().transform_filter("datum.chosen"),
        "'Your baseline β = ' + beta + ' leaves a variance of ' + format(datum.variance, ',.1f') + ','",
        "'the mean J = ' + format(datum.J, '.1f') + ' leaves ' + format(datum.at_J, ',.1f') + ','",
        "'the best β* = ' + format(datum.best, '.1f') + ' leaves ' + format(datum.at_best, ',.1f') + '.'",
    )

    # To the left of -10 there is room for the labels of the y axis.
    at = alt.X("b:Q", title="baseline β", scale=alt.Scale(domain=[-18, 60], nice=False))
    at = at.axis(values=[0, 10, 20, 30, 40, 50, 60])
    # Below 0 there is room for the names of marks that stand there.
    high = alt.Y("variance:Q", scale=alt.Scale(domain=[-80, TOP], nice=False))
    high = high.axis(inside(values=[0, 200, 400, 600, 800]))
    parabola = alt.Chart().transform_filter("!datum.chosen").mark_line(clip=True, color=COLORS["neutral"])
    marks = (
        alt.Chart()
        .transform_filter("datum.chosen")
        .transform_calculate(
            name="['yours', 'J', 'β*']",
            b="[datum.b, datum.J, datum.best]",
            variance=f"[min(datum.variance, {TOP}), min(datum.at_J, {TOP}), datum.at_best]",
        )
        .transform_flatten(["name", "b", "variance"])
    )
    kinds = ["yours", "J", "β*"]
    color = alt.Color("name:N", legend=None).scale(domain=kinds, range=[COLORS[role] for role in ROLES])
    shape = alt.Shape("name:N", legend=None).scale(domain=kinds, range=["circle", "square", "diamond"])
    points = marks.mark_point(filled=True, size=120, opacity=1).encode(at, high, color, shape)
    # The curve leaves a mark towards the best baseline downwards and away from it upwards. "yours" stands
    # above the mark on the inner side, J below it on the outer one, β* below.
    names = marks.mark_text(
        dx=alt.expr(
            "datum.name == 'yours' ? clamp(2 * (datum.best - datum.b), -20, 20)"
            " : datum.name == 'J' ? (datum.b < datum.best ? -15 : 15) : 0"
        ),
        dy=alt.expr("datum.name == 'yours' ? -16 : datum.name == 'J' ? 7 : 16"),
    )
    names = names.encode(at, high, alt.Text("name:N"), color)
    view = alt.layer(parabola.encode(at, high), points, names)
    return explorer(
        "baseline",
        baselines,
        words,
        view.properties(width=WIDTH, height=220, title="variance of one update"),
        title=["A good baseline calms the update,", "and the mean return is not always the best"],
        description="A parabola: the variance of one update against the baseline, with three marks. As it"
        " opens, action 1 has probability 0.5 and alone pays 50. Baseline 0 leaves a variance of 187.5, the"
        " mean return J = 25 leaves 250, and the best baseline, 10.7 at the lowest point, leaves 107.1.",
        params=[
            slider("beta", "your baseline β", 0, -10, 60, 1),
            slider("pi1", "probability π₁", 0.5, 0.05, 0.95, 0.05),
            slider("r1", "action 1 pays", 50, 0, 60, 1),
            slider("r2", "action 2 pays", 0, 0, 60, 1),
            slider("rest", "actions 3–6 pay", 0, 0, 60, 1),
        ],
    )
