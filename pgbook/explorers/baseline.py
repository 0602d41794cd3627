"""How the variance of an update depends on the baseline (chapter 9)."""

from pgbook.explorers.parts import GREY, axis, drag, explorer, grip, mark, number, rows, slider, view
from pgbook.figures import COLORS

# Variances are drawn up to here; the arrow of a higher one stands at the edge.
TOP = 800
LOW, HIGH = -10, 60
# The reader's baseline, the mean return and the best baseline.
SHAPES = "['circle', 'square', 'diamond']"
FILLS = repr([COLORS["true"], COLORS["dropped"], COLORS["baseline"]])


def baseline():
    r"""Return an explorer of the variance :math:`V(\beta)` of one update, for six actions.

    The rows of its data "actions" hold the mean return ``J``, the ``best`` baseline and what the parabola is
    made of. Each row of "points" is a baseline ``b`` with its ``variance``: the reader's, ``J`` and ``best``.
    Each row of "curve" is another, between the two where the variance leaves the picture.

    Notes
    -----
    Equations ``eq-score-length``, ``eq-optimal-baseline`` and ``eq-baseline-softmax``.

    >>> baseline()
    <explorer 'baseline'>
    """
    # The slider's 0.17 stands for the uniform policy's 1/6.
    first_pi = "(pi1 == 0.17 ? 1 / 6 : pi1)"
    rest_pi = f"(1 - {first_pi}) / 5"
    actions = rows(
        "actions",
        6,
        pi=f"[{first_pi}, {rest_pi}][min(datum.n, 1)]",
        r="[r1, r2, rest, rest, rest, rest][datum.n]",
        norm="sum datum.pi * datum.pi",
        J="sum datum.pi * datum.r",
        length="1 - 2 * datum.pi + datum.norm",
        mean_length="sum datum.pi * datum.length",
        best="sum datum.pi * datum.length * datum.r / datum.mean_length",
        # The lowest point: mean square of (r - best) s, less the squared mean, which no baseline changes.
        mean_square="sum datum.pi * datum.length * pow(datum.r - datum.best, 2)",
        squared_mean="sum pow(datum.pi * (datum.r - datum.J), 2)",
    )
    world = "data('actions')[0]"
    lowest = f"{world}.mean_square - {world}.squared_mean"
    variance = f"{lowest} + {world}.mean_length * pow(datum.b - {world}.best, 2)"
    wide = f"sqrt(max(0, {TOP} - ({lowest})) / {world}.mean_length)"
    first, last = (f"clamp({world}.best {sign} {wide}, {LOW - 3}, {HIGH + 3})" for sign in "-+")
    curve = rows("curve", 61, b=f"lerp([{first}, {last}], datum.n / 60)", variance=variance)
    points = rows(
        "points",
        3,
        b=f"[beta, {world}.J, {world}.best][datum.n]",
        variance=variance,
        beyond=f"datum.variance > {TOP} + 1e-9",
        text="replace(format(datum.variance, ',.1f'), /^-?0.0$/, '0.0')",
    )
    at, height = "scale('baseline_x', datum.b)", f"scale('baseline_y', clamp(datum.variance, 0, {TOP}))"
    fill, zero = f"{FILLS}[datum.n]", "scale('baseline_y', 0)"
    key = "[4, 76, 210][datum.n]"
    yours = "data('points')[0].variance"

    def symbol(x, y, **options):
        size = "[90, 80, 100][datum.n]"
        return mark("symbol", "points", x=x, y=y, size=size, fill=fill, **options)

    marks = [
        mark("line", "curve", name="parabola", x=at, y=height, stroke=GREY, strokeWidth=2),
        # Every variance also as a height from zero.
        mark("rect", "points", name="height", x=f"{at} - 1", width=2, y=height, y2=zero, fill=fill),
        symbol(
            at,
            f"{height} + (datum.beyond ? 6 : 0)",
            name="point",
            shape=f"datum.beyond ? 'triangle-up' : {SHAPES}[datum.n]",
            stroke="datum.n ? null : '#000000'",
            strokeWidth=1.5,
            zindex="datum.n ? 0 : 1",
        ),
        grip("hand", "scale('baseline_x', beta)", f"scale('baseline_y', min({yours}, {TOP}))"),
        symbol(key, "baseline_key", shape=f"{SHAPES}[datum.n]"),
        mark(
            "text",
            "points",
            x=f"{key} + 10",
            y="baseline_key",
            text="['yours', 'mean return J', 'best, β*'][datum.n]",
            fill=fill,
            baseline="'middle'",
        ),
    ]
    x = axis("baseline_x", [LOW - 3, HIGH + 3], ticks=[0, 10, 20, 30, 40, 50], title="baseline β")
    y = axis("baseline_y", [-30, TOP], ticks=[0, 200, 400, 600, 800])
    text = "data('points')[{}].text"
    hand = drag("hand", f"clamp(round(invert('baseline_x', x())), {LOW}, {HIGH})")
    return explorer(
        "baseline",
        view("'variance V(β) of one update'", 220, marks, x=x, y=y, above=26),
        title=["A good baseline calms the update,", "and the mean is not always the best"],
        words=[
            f"'Yours, β = ' + {number('beta', 0)} + ', leaves a variance of ' + {text.format(0)} + ','",
            f"'the mean, J = ' + format({world}.J, '.1f') + ', leaves ' + {text.format(1)} + ','",
            f"'and the best, β* = ' + format({world}.best, '.1f') + ', leaves ' + {text.format(2)} + '.'",
        ],
        description="A parabola: the variance of one update against the baseline, with three points. As it"
        " opens, action 1 has probability 0.5 and alone pays 50. Baseline 0 leaves a variance of 187.5, the"
        " mean return J = 25 leaves 250, and the best baseline, 10.7 at the lowest point, leaves 107.1.",
        controls=[
            slider("beta", "your baseline β", 0, LOW, HIGH, 1, on=[hand]),
            slider("pi1", "probability π₁", 0.5, 0.05, 0.95, 0.01),
            slider("r1", "action 1 pays", 50, 0, 60, 1),
            slider("r2", "action 2 pays", 0, 0, 60, 1),
            slider("rest", "actions 3–6 pay", 0, 0, 60, 1),
        ],
        tasks={
            "only action 1 pays": {},
            "only 2 to 6 pay": {"r1": 0, "r2": 50, "rest": 50},
            "all pay 50": {"r2": 50, "rest": 50},
        },
        data=[actions, curve, points],
        signals=[{"name": "baseline_key", "update": f"scale('baseline_y', {TOP}) - 14"}],
        folded=["r1", "r2", "rest"],
        ghosts=["parabola", "height", "point"],
    )
