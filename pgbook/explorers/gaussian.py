"""Four estimates of one gradient of a Gaussian policy, and how noisy each is (chapter 7)."""

from pgbook.explorers.parts import (
    GREY,
    SPAN,
    axis,
    choice,
    drag,
    explorer,
    grip,
    mark,
    number,
    rows,
    slider,
    view,
)
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
# f ε/σ, (f − β) ε/σ for two β, and f'.
ESTIMATES = ["score function", "mean baseline", "best baseline", "pathwise"]
FILLS = [COLORS[role] for role in ("true", "baseline", "baseline", "pathwise")]

# Of the cost, of an estimate (to both sides), and of a variance, this much is drawn.
LOW, HIGH, ESTIMATE, VARIANCE = (f"(square ? {a} : {b})" for a, b in [(0, -1), (9, 1), (20, 4), (120, 3)])
HAND = "'ew-resize'"


def gaussian():
    r"""Return an explorer of the noise of four estimates of :math:`\partial\,\mathbb{E}[f]/\partial\mu`.

    Its data "estimates" hold the ``variance`` of each: of the score-function estimate without a baseline,
    with the mean cost and with the best constant as baseline, and of the pathwise estimate. The rows of
    "draws" are actions ``x``, with their ``density``, their cost ``f``, and ``e0`` … ``e3``, the estimates
    if x is drawn.

    Notes
    -----
    Equations ``eq-variance-mean`` to ``eq-variance-mean-path``; for the wave ``eq-variance-cosine-score`` and
    ``eq-variance-cosine-path``, with σ.

    >>> gaussian()
    <explorer 'gaussian'>
    """
    f = "square ? pow(datum.x - k, 2) : cos(k * datum.x)"
    costs = rows("costs", 101, x="datum.n / 10 - 5", f=f)
    draws = rows(
        "draws",
        61,
        noise="datum.n / 10 - 3",
        x="mu + sigma * datum.noise",
        density="exp(-datum.noise * datum.noise / 2) / (sigma * sqrt(2 * PI))",
        f=f,
        score="datum.noise / sigma",
        e0="datum.f * datum.score",
        e1="(datum.f - mean) * datum.score",
        e2="(datum.f - best) * datum.score",
        e3="square ? 2 * (datum.x - k) : -k * sin(k * datum.x)",
    )
    estimates = rows("estimates", 4, variance="variances[datum.n]")

    def drawn(kind, data, name, field, y, **options):
        x, y = "scale('draws_x', datum.x)", {"y": f"scale('{y}', datum.{field})", "clip": y}
        return mark(kind, data, name=name, x=x, **y, strokeWidth=2, **options)

    peak = "1 / (sigma * sqrt(2 * PI))"
    foot, top = "scale('policy_y', 0)", f"scale('policy_y', min(1, {peak}))"
    centre, spread = "scale('draws_x', mu)", "scale('draws_x', mu + sigma)"
    knob = {"y": foot, "size": 110, "fill": "#ffffff", "stroke": "#000000"}
    policy = [
        drawn(
            "area", "draws", "policy", "density", "policy_y", y2=foot, cursor=HAND,
            fill=FILLS[0], fillOpacity=0.3,
        ),
        mark("rule", x=centre, x2=spread, y=foot, stroke="#000000", strokeWidth=2),
        mark("symbol", x=centre, **{**knob, "y": top}),
        mark("symbol", x=spread, **knob),
        grip("centre", centre, top),
        grip("spread", spread, foot),
        mark("text", x=f"{centre} + 9", y=f"{top} - 4", text=f"{peak} > 1 ? '▲ ' + {number(peak)} : ''"),
        mark("text", x=f"{spread} + 9", y=f"{foot} - 17", text="'σ'"),
    ]  # fmt: skip
    curves = [
        drawn("line", "draws", f"e{j}", f"e{j}", "draws_y", stroke=FILLS[j], strokeDash=dash)
        for j, dash in enumerate(["[]", "[6, 4]", "[]", "[]"])
    ]
    curves.append(
        mark(
            "text", "exits", x="scale('draws_x', datum.x)", align="'center'", fontSize=11,
            y="datum.value > 0 ? range('draws_y')[1] - 1 : range('draws_y')[0] - 10",
            text="datum.value > 0 ? '▲' : '▼'", fill=f"{FILLS}[+slice(datum.estimate, 1)]",
        )
    )  # fmt: skip
    row, fill, long = "scale('bars_y', datum.n)", f"{FILLS}[datum.n]", f"min(datum.variance, {VARIANCE})"
    baselines = f"['', ' ' + {number('mean')} + ' (dashed)', ' ' + {number('best')}, '']"
    bars = [
        mark(
            "rect", "estimates", name="bars", x=0, x2=f"scale('bars_x', {long})",
            y=f"{row} + 17", height=5, fill=fill,
        ),
        mark("text", "estimates", x=0, y=row, text=f"{ESTIMATES}[datum.n] + {baselines}[datum.n]"),
        mark("text", "estimates", x=SPAN - 4, y=row, align="'right'", text=number("datum.variance")),
        mark(
            "text", "estimates", x=SPAN + 2, y=f"{row} + 12", fill=fill, fontSize=11,
            text=f"datum.variance > {VARIANCE} ? '▶' : ''",
        ),
    ]  # fmt: skip

    def actions(name, ticks=(), title=""):
        return axis(f"{name}_x", [-5, 5], ticks=ticks, title=title)

    def moved(name, label, start, low, high, step, to, *marks):
        update = f"clamp(round(({to}) * {round(1 / step)}) / {round(1 / step)}, {low}, {high})"
        return slider(name, label, start, low, high, step, on=[drag(knob, update) for knob in marks])

    variances = [0, f"{VARIANCE} / 2", VARIANCE]
    pointer = "invert('draws_x', x())"
    least = "min(variances[0], variances[1], variances[2], variances[3])"
    return explorer(
        "gaussian",
        view(
            "'the policy: the density of action x'", 52, policy, below=8,
            x=actions("policy"), y=axis("policy_y", [0, 1], ticks=[0, 1]),
        ),
        view(
            "'its cost, ' + cost", 34, [drawn("line", "costs", "cost", "f", "cost_y", stroke=GREY)], below=4,
            x=actions("cost"), y=axis("cost_y", {"signal": f"[{LOW}, {HIGH}]"}, ticks=[LOW, HIGH]),
        ),
        view(
            "'one estimate, if action x is drawn'", 96, curves,
            x=actions("draws", [-4, -2, 0, 2, 4], "x"),
            y=axis("draws_y", {"signal": f"[-{ESTIMATE}, {ESTIMATE}]"}, ticks=[f"-{ESTIMATE}", 0, ESTIMATE]),
        ),
        view(
            "'variance of one estimate'", 96, bars,
            x=axis("bars_x", {"signal": f"[0, {VARIANCE}]"}, ticks=variances, grid=False),
            y=axis("bars_y", [4, 0]),
        ),
        title=["Four estimates of one gradient:", "which is quiet depends on cost and σ"],
        words=[
            f"'The exact gradient in μ is ' + {number('gradient')} + '.'",
            f"{least} < 1e-9 ? 'Three estimates have no variance at all.' : 'Quietest: '"
            f" + {ESTIMATES}[indexof(variances, {least})]"
            f" + ', ' + ({least} < 0.005 ? 'below 0.01' : {number(least)}) + '.'",
        ],
        description="A normal density with mean 1 and standard deviation 1, and the parabola of the cost x"
        " squared. Below, the four estimates of the gradient as functions of the action: the score-function"
        " estimate swings widely, with a baseline less, the pathwise estimate is a straight line. Four bars"
        " give their variances as it opens: 30 for the score function, 18 with the mean cost as baseline,"
        " 14 with the best baseline, 4 for the pathwise estimate.",
        controls=[
            choice("cost", "cost f(x)", [SQUARE, WAVE]),
            moved("sigma", "std σ", 1, 0.1, 1, 0.05, f"{pointer} - mu", "spread"),
            moved("mu", "mean μ", 1, -2, 2, 0.1, f"{pointer} - grip", "policy", "centre"),
            slider("k", "k", 0, 0, 3, 0.1),
        ],
        tasks={
            "square, σ = 1": {},
            "square, σ = 0.1": {"sigma": 0.1},
            "wave, k = 1": {"cost": WAVE, "k": 1},
            "wave, k = 2": {"cost": WAVE, "k": 2},
        },
        data=[costs, draws, exits(), estimates],
        signals=signals(pointer),
        ghosts=["policy", "bars"],
    )  # fmt: skip


def signals(pointer):
    """Return the moments, the variances, and how far from its mean the pointer holds the density."""
    both = {name: f"square ? {SQUARE_MOMENTS[name]} : {WAVE_MOMENTS[name]}" for name in SQUARE_MOMENTS}
    updates = {"square": f"cost == '{SQUARE}'", "d": "mu - k", "w": "k * sigma", "c": "k * mu", **both}
    updates["plain"] = "squares / (sigma*sigma) - gradient * gradient"
    updates["variances"] = (
        "[plain, plain + (mean - 2 * best) * mean / (sigma*sigma), plain - best * best / (sigma*sigma),"
        " slopes - gradient * gradient]"
    )
    held = [{"type": "pointerdown", "markname": name} for name in ("policy", "centre")]
    grip = {"name": "grip", "value": 0, "on": [{"events": held, "update": f"{pointer} - mu"}]}
    return [*({"name": name, "update": update} for name, update in updates.items()), grip]


def exits():
    """Return, for each estimate, the draws where its curve has just left the picture or will return."""
    inside = f"isValid(datum.{{0}}) && abs(datum.{{0}}) <= {ESTIMATE}"
    near = f"({inside.format('before')} || {inside.format('after')})"
    transform = [
        # Three rows of each draw, so that the same estimate of the draw before is three rows above.
        {"type": "fold", "fields": ["e0", "e1", "e2"], "as": ["estimate", "value"]},
        {
            "type": "window",
            "ops": ["lag", "lead"],
            "params": [3, 3],
            "fields": ["value", "value"],
            "as": ["before", "after"],
        },
        {"type": "filter", "expr": f"abs(datum.value) > {ESTIMATE} && {near}"},
    ]
    return {"name": "exits", "source": "draws", "transform": transform}
