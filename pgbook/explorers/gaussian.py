"""Four estimates of one gradient of a Gaussian policy, and how noisy each is (chapter 7)."""

import altair as alt

from pgbook.explorers.parts import WIDTH, choice, explorer, inside, slider, status
from pgbook.figures import COLORS

SQUARE, WAVE = "(x − k)²", "cos(kx)"

# For the action x = μ + σε, the exact means of the cost f, of f ε² (which is the best baseline), of f² ε² and
# of f'², and the gradient of the mean cost in μ. Here d = μ − k, w = kσ and c = kμ.
SQUARE_MOMENTS = {
    "mean": "d*d + sigma*sigma",
    "best": "d*d + 3*sigma*sigma",
    "squares": "pow(d, 4) + 18 * d*d * sigma*sigma + 15 * pow(sigma, 4)",
    "slopes": "4 * (d*d + sigma*sigma)",
    "gradient": "2 * d",
}
WAVE_MOMENTS = {
    "mean": "exp(-w*w/2) * cos(c)",
    "best": "(1 - w*w) * exp(-w*w/2) * cos(c)",
    "squares": "(1 + (1 - 4*w*w) * exp(-2*w*w) * cos(2*c)) / 2",
    "slopes": "k*k * (1 - exp(-2*w*w) * cos(2*c)) / 2",
    "gradient": "-k * exp(-w*w/2) * sin(c)",
}
# f ε/σ, (f − β) ε/σ for two β, and f': the colour of each, and how its line is broken.
ESTIMATES = {
    "score function": ("true", []),
    "mean cost as baseline": ("baseline", [6, 4]),
    "best baseline": ("baseline", []),
    "pathwise": ("pathwise", []),
}


def gaussian():
    r"""Return an explorer of the variances of four estimates of :math:`\partial\,\mathbb{E}[f]/\partial\mu`.

    The only row of its data holds the ``gradient`` and ``v0`` … ``v3``, the variances of the score-function
    estimate without a baseline, with the mean cost and with the best constant as baseline, and of the
    pathwise estimate.

    Notes
    -----
    Equations ``eq-variance-mean`` to ``eq-variance-mean-path``; for the wave ``eq-variance-cosine-score`` and
    ``eq-variance-cosine-path``, with σ.

    >>> gaussian()
    <explorer 'gaussian'>
    """
    both = {
        name: f"cost == '{SQUARE}' ? {SQUARE_MOMENTS[name]} : {WAVE_MOMENTS[name]}" for name in SQUARE_MOMENTS
    }
    moments = (
        alt.Chart(alt.sequence(1, as_="n"))
        .transform_calculate(**both)
        .transform_calculate(v0="datum.squares / (sigma*sigma) - datum.gradient * datum.gradient")
        .transform_calculate(
            v1="datum.v0 + (datum.mean - 2 * datum.best) * datum.mean / (sigma*sigma)",
            v2="datum.v0 - datum.best * datum.best / (sigma*sigma)",
            v3="datum.slopes - datum.gradient * datum.gradient",
        )
    )
    words = status(
        alt.Chart().transform_calculate(least="min(datum.v0, datum.v1, datum.v2, datum.v3)"),
        "'The exact gradient in μ is ' + format(datum.gradient, '.3f') + '. The quietest estimate:'",
        f"{list(ESTIMATES)}[indexof([datum.v0, datum.v1, datum.v2, datum.v3], datum.least)]"
        " + ', with a variance of ' + format(datum.least, '.3~g') + '.'",
    )

    at = alt.X(
        "x:Q", title="action x", scale=alt.Scale(domain=[-5, 5], nice=False), axis=alt.Axis(tickCount=5)
    )
    grid = alt.Chart(alt.sequence(121, as_="n"))
    cost = grid.transform_calculate(x="(datum.n - 60) / 12").transform_calculate(
        f=f"cost == '{SQUARE}' ? pow(datum.x - k, 2) : cos(k * datum.x)"
    )
    cost = cost.mark_line(clip=True, color=COLORS["neutral"]).encode(
        at.axis(None),
        alt.Y(
            "f:Q", axis=None, scale=alt.Scale(domain=alt.ExprRef(f"cost == '{SQUARE}' ? [0, 9] : [-1, 3]"))
        ),
    )
    draws = (
        grid.transform_calculate(noise="(datum.n - 60) / 20")
        .transform_calculate(x="mu + sigma * datum.noise")
        .transform_calculate(
            density="exp(-datum.noise * datum.noise / 2) / (sigma * sqrt(2 * PI))",
            f=f"cost == '{SQUARE}' ? pow(datum.x - k, 2) : cos(k * datum.x)",
            slope=f"cost == '{SQUARE}' ? 2 * (datum.x - k) : -k * sin(k * datum.x)",
            mean=both["mean"],
            best=both["best"],
        )
        .transform_calculate(score="datum.noise / sigma")
        .transform_calculate(
            e0="datum.f * datum.score",
            e1="(datum.f - datum.mean) * datum.score",
            e2="(datum.f - datum.best) * datum.score",
            e3="datum.slope",
        )
    )
    density = draws.mark_area(color=COLORS["true"], opacity=0.25).encode(
        at.axis(None), alt.Y("density:Q", axis=None)
    )
    policy = alt.layer(density, cost).resolve_scale(y="independent")

    numbers = [0, 1, 2, 3]
    roles, dashes = zip(*ESTIMATES.values(), strict=True)
    color = alt.Color("estimate:N", legend=None)
    color = color.scale(domain=numbers, range=[COLORS[role] for role in roles])
    dash = alt.StrokeDash("estimate:N", legend=None).scale(domain=numbers, range=list(dashes))
    curves = draws.transform_calculate(
        estimate="[0, 1, 2, 3]", value="[datum.e0, datum.e1, datum.e2, datum.e3]"
    )
    curves = curves.transform_flatten(["estimate", "value"]).mark_line(clip=True)
    curves = curves.encode(at, alt.Y("value:Q", axis=inside(tickCount=3, labelBound=True)), color, dash)
    score = draws.mark_line(clip=True, color=COLORS["neutral"], strokeDash=[2, 3], strokeWidth=1)
    curves = alt.layer(score.encode(at, alt.Y("score:Q")), curves)

    labels = [f"{name} (dashed)" if dash else name for name, (_, dash) in ESTIMATES.items()]
    bars = alt.Chart().transform_calculate(
        estimate="[0, 1, 2, 3]", variance="[datum.v0, datum.v1, datum.v2, datum.v3]"
    )
    bars = bars.transform_flatten(["estimate", "variance"]).transform_calculate(
        shown="clamp(datum.variance, 0.001, 10000)",
        label=f"{labels}[datum.estimate] + ': ' + format(datum.variance, ',.4~r')",
    )
    row = alt.Y("estimate:O", axis=None, scale=alt.Scale(paddingInner=0.75, paddingOuter=0.4))
    length = alt.X(
        "shown:Q", title="variance", scale=alt.Scale(type="log", domain=[0.001, 10000], nice=False)
    )
    length = length.axis(values=[0.01, 1, 100, 10000], format=",~g")
    noise = bars.mark_bar().encode(length, row, color, x2=alt.datum(0.001))
    names = bars.mark_text(align="left", dy=-15).encode(row, alt.Text("label:N"), color, x=alt.value(0))
    return explorer(
        "gaussian",
        moments,
        words,
        policy.properties(width=WIDTH, height=90, title="the policy (filled) and the cost (line)"),
        curves.properties(
            width=WIDTH, height=120, title="one estimate, if action x is drawn (grey: the score)"
        ),
        alt.layer(noise, names).properties(width=WIDTH, height=170, title="variance of one estimate"),
        title=["Four estimates of one gradient:", "which is quiet depends on the cost and on σ"],
        description="A normal density with mean 1 and standard deviation 1 under the parabola of the cost x"
        " squared. Below, the four estimates of the gradient as functions of the action: the score-function"
        " estimate swings widely, with a baseline less, the pathwise estimate is a straight line. Four"
        " bars give their variances as it opens: 30 for the score function, 18 with the mean cost as"
        " baseline, 14 with the best baseline, 4 for the pathwise estimate.",
        params=[
            choice("cost", "cost f(x)", [SQUARE, WAVE]),
            slider("mu", "mean μ", 1, -2, 2, 0.1),
            slider("sigma", "std σ", 1, 0.1, 1, 0.05),
            slider("k", "k", 0, 0, 3, 0.1),
            alt.param(name="d", expr="mu - k"),
            alt.param(name="w", expr="k * sigma"),
            alt.param(name="c", expr="k * mu"),
        ],
    )
