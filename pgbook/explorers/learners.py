"""Learners who sample, step by step, on the triangle of policies (chapters 4 and 9)."""

from pgbook.explorers import triangle
from pgbook.explorers.parts import choice, each, explorer, rows, slider, switch, total
from pgbook.explorers.triangle import corner, line, trail
from pgbook.figures import COLORS

LEARNERS, STEPS = 48, 60
# A learner's luck: the stream s ← 16807 s mod 2³¹ - 1 of Park and Miller (1988), in whole numbers, which are
# exact. All learners share one stream, of which each has the next STEPS numbers.
FACTOR, MODULUS, SEED = 16807, 2147483647, 411
SEEDS = [SEED * pow(FACTOR, STEPS * learner, MODULUS) % MODULUS for learner in range(LEARNERS)]
# So many arrows would stand along an edge of the triangle.
GRID = 10


def learners_division():
    r"""Return an explorer of 48 learners on three arms, who divide by π or do not.

    A row of its data "learners" is a learner: its policies ``p0`` … ``p60`` after each step. The last row,
    where ``expected`` is true, makes the expected update in each step. To play is to read one after another.

    Notes
    -----
    Equations ``eq-one-update`` and ``eq-update-jvp``; without the division, ``eq-without-division`` and
    ``eq-distorted-returns``.

    >>> learners_division()
    <explorer 'learners-division'>
    """
    return _learners(
        "learners-division",
        title=[
            "=division ? 'With 1/π expected updates find what' : 'Without 1/π most learners keep to'",
            "=division ? 'pays most, given time; samples scatter' : 'the arm that was likely at the start'",
        ],
        description="A triangle of policies over three arms, which pay 1, 0.5 and 0.2. As it opens, 48"
        " learners stand at the policy (0.2, 0.6, 0.2), near arm 2. Small arrows show where the expected"
        " update leads from every policy: to arm 1. Most of the learners go there, step by step, when it is"
        " played; without the division most of them end at arm 2.",
        control=switch("division", "divide by π", True),
        fixed={"name": "baseline", "value": "none"},
        color=f"division ? '{COLORS['true']}' : '{COLORS['dropped']}'",
        alpha=1,
        start=[0.2, 0.6],
        returns=[1, 0.5, 0.2],
        tasks={
            "with 1/π": {},
            "without": {"division": False},
            "0.9 against 1": {"start1": 0.1, "start2": 0.8, "r2": 0.9},
        },
    )


def learners_baseline():
    r"""Return an explorer of 48 learners on three arms, with a baseline or none.

    Its data are those of `learners_division`.

    Notes
    -----
    Equations ``eq-baseline-unbiased`` and ``eq-update-jvp``.

    >>> learners_baseline()
    <explorer 'learners-baseline'>
    """
    return _learners(
        "learners-baseline",
        title=["A baseline takes noise from an update", "and leaves its average alone"],
        description="A triangle of policies over three arms, which all pay 1. As it opens, 48 learners stand"
        " at the policy (0.5, 0.25, 0.25), without a baseline. There are no arrows: the expected update is"
        " zero everywhere. The learners wander off all the same when it is played, and end in all three"
        " corners; with the mean return as baseline they stand still.",
        control=choice("baseline", "baseline", ["none", "mean return J", "best return"]),
        fixed={"name": "division", "value": True},
        color=f"baseline == 'none' ? '{COLORS['true']}' : '{COLORS['baseline']}'",
        alpha=2,
        start=[0.5, 0.25],
        returns=[1, 1, 1],
        tasks={
            "all pay the same": {},
            "the same, β = J": {"baseline": "mean return J"},
            "arm 2 pays more": {"r1": 0.8, "r3": 0.8},
            "arm 2, β = J": {"r1": 0.8, "r3": 0.8, "baseline": "mean return J"},
        },
    )


def _unrolled():
    """Formulas of all steps of all learners."""
    yield "expected", f"datum.n == {LEARNERS}"
    yield "s0", f"[{', '.join(map(str, SEEDS))}, 0][datum.n]"
    for k in range(STEPS):
        yield f"s{k + 1}", f"{FACTOR} * datum.s{k} % {MODULUS}"
    # The logits as weights: p is w = exp(z) divided by its sum.
    yield "w0", triangle.START
    for k in range(STEPS + 1):
        w, p, t, g = (f"datum.{field}{k}" for field in "wptg")
        yield f"p{k}", each(f"{w}[#] / {total(f'{w}[#]')}")
        if k == STEPS:
            return
        # How often each arm is taken: one of them once; on average, as often as the policy says.
        u = f"datum.s{k + 1} / {MODULUS}"
        arm = f"({u} >= {p}[0]) + ({u} >= {p}[0] + {p}[1])"
        yield f"t{k}", f"datum.expected ? {p} : one_hot[{arm}]"
        b = f"(isValid(beta) ? beta : {total(f'{p}[#] * r[#]')})"
        # The update (R - β) (e_a - π), times π of the arm where nothing divides by it.
        yield f"g{k}", each(f"{t}[#] * (r[#] - {b}) * (division ? 1 : {p}[#])")
        yield f"w{k + 1}", each(f"{p}[#] * exp(alpha * ({g}[#] - {p}[#] * {total(f'{g}[#]')}))")


def _ahead(along, across):
    """Return the expression of a place so many pixels along a row's arrow, and across it."""
    x, y = (
        f"datum.at[{axis}] + ({along} * datum.{one} {sign} {across} * datum.{other}) / datum.long"
        for axis, one, sign, other in [(0, "right", "-", "down"), (1, "down", "+", "right")]
    )
    return f"[{x}, {y}]"


def _learners(name, *, title, description, control, fixed, color, alpha, start, returns, tasks):
    # Vega computes a formula anew if a field changes that it names; the last one changes with all others.
    now = {"p": f"datum.p{STEPS} && datum['p' + step]", "J": total("datum.p[#] * r[#]")}
    now |= {f"at{k + 1}": f"datum.p[{k}] >= 0.9" for k in range(3)}
    now["point"] = corner("datum.p")
    learners = rows("learners", LEARNERS + 1, **dict(_unrolled()), **now)
    only = {"type": "filter", "expr": "!datum.expected"}
    sampled = {"name": "sampled", "source": "learners", "transform": [only]}
    # The first learner, and the expected update.
    walked = ", ".join(corner(f"datum.learner.p{k}") for k in range(STEPS + 1))
    path = line(f"slice([{walked}], 0, step + 1)")
    paths = rows("paths", 2, learner=f"data('learners')[{LEARNERS} * datum.n]", path=path)
    fields = ["J", "at1", "at2", "at3"]
    counts = {"type": "aggregate", "ops": ["mean", "sum", "sum", "sum"], "fields": fields, "as": fields}
    count = {"name": "count", "source": "sampled", "transform": [counts]}
    # The direction in which the expected update moves a policy, dπ = π ⊙ (dz - π·dz).
    field = rows(
        "field",
        GRID**2,
        i=f"floor(datum.n / {GRID})",
        j=f"datum.n % {GRID}",
        p=f"[1 - (datum.i + datum.j) / {GRID}, datum.i / {GRID}, datum.j / {GRID}]",
        c=each("r[#] * (division ? 1 : datum.p[#])"),
        dz=each(f"datum.p[#] * (datum.c[#] - {total('datum.p[#] * datum.c[#]')})"),
        dp=each(f"datum.p[#] * (datum.dz[#] - {total('datum.p[#] * datum.dz[#]')})"),
        right="datum.dp[1] + datum.dp[2] / 2",
        down="-sqrt(0.75) * datum.dp[2]",
        long="sqrt(datum.right * datum.right + datum.down * datum.down)",
        moves=f"datum.i && datum.j && datum.i + datum.j < {GRID} && datum.long > 1e-9",
        at=corner("datum.p"),
        arrow=f"[{', '.join(_ahead(*ends) for ends in [(-6, 0), (6, 0), (1, 3), (6, 0), (1, -3)])}]",
    )
    field["transform"].append({"type": "filter", "expr": "datum.moves"})

    # All dots are one mark, which takes a third of the time that 48 take, and so are all arrows.
    def together(kind, data, places):
        return f"{{type: '{kind}', coordinates: pluck(data('{data}'), '{places}')}}"

    marks = [
        trail("arrows", together("MultiLineString", "field", "arrow"), stroke=color, strokeWidth=1.5,
              opacity=0.45),
        trail("paths", "datum.path", "paths", stroke=f"datum.n ? '#000000' : ({color})",
              strokeWidth="datum.n ? 2.5 : 1.5"),
        trail("cloud", together("MultiPoint", "sampled", "point"), fill=color, fillOpacity=0.4, stroke=color),
    ]  # fmt: skip
    counted = "data('count')[0]"
    play = {
        "events": {"type": "timer", "throttle": 100},
        "update": f"!play ? step : step < {STEPS} ? min(step + speed, {STEPS}) : 0",
    }
    return explorer(
        name,
        triangle.triangle(
            "['dots: learners, and the path of one of them', 'black: the path of the expected update']",
            marks,
            {"stroke": "#000000", "strokeWidth": 1.5, "size": 250, "fill": "#ffffff", "fillOpacity": 0.01},
            more_lines=1,
        ),
        title=title,
        words=[
            f"'Step ' + step + ': ' + {counted}.at1 + ', ' + {counted}.at2 + ', ' + {counted}.at3"
            f" + ' of {LEARNERS} at arms 1, 2, 3'",
            f"'(π ≥ 0.9 there). They earn ' + format({counted}.J, '.3f') + ','",
            f"'the expected update alone earns ' + format(data('learners')[{LEARNERS}].J, '.3f') + '.'",
        ],
        description=description,
        controls=[
            switch("play", "play", False)
            | {"on": [{"events": {"signal": "step"}, "update": f"play && step < {STEPS}"}]},
            slider("step", "step", 0, 0, STEPS, 1, on=[play]),
            control,
            slider("alpha", "step size α", alpha, 0.1, 4, 0.1),
            slider("speed", "steps at a time", 1, 1, 5, 1),
            *triangle.start(*start),
            *triangle.returns(*returns),
        ],
        tasks=tasks,
        data=[learners, sampled, count, paths, field],
        signals=[
            fixed,
            {"name": "r", "update": "[r1, r2, r3]"},
            {"name": "beta", "update": "{'none': 0, 'best return': max(r1, r2, r3)}[baseline]"},
            {"name": "one_hot", "value": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]},
        ],
        folded=["speed", "start1", "start2", "r1", "r2", "r3"],
        ghosts=["cloud"],
    )  # fmt: skip
