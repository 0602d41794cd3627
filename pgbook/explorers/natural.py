"""Fifty updates by the plain gradient and by the natural one, from the same start (chapter 11)."""

from pgbook.explorers.parts import each, explorer, mark, rows, slider, total
from pgbook.explorers.triangle import (
    HEIGHT,
    START,
    corner,
    dots,
    line,
    returns,
    softmax,
    start,
    trail,
    triangle,
    written,
)
from pgbook.figures import COLORS

# Updates of step size 1; a dot marks every EVERY of them.
STEPS, EVERY = 50, 5
# Of what the best arm pays: when a learner has arrived.
ENOUGH = 0.95


def natural():
    r"""Return an explorer of gradient ascent in the logits of three arms, plain and natural.

    The two rows of its data "learners" are the plain and the natural gradient: the policies ``p0`` … ``p50``
    after so many updates of step size 1, and ``after``, the first of them at which the expected return is
    95 % of what the best arm pays (51 if none is).

    Notes
    -----
    Equations ``eq-update-jvp`` and ``eq-natural-gradient-softmax``; the natural path is that of
    ``eq-multiplicative-weights``.

    >>> natural()
    <explorer 'natural'>
    """
    formulas = {"p0": START}
    for k in range(STEPS):
        p, J, v, w = (f"datum.{name}{k}" for name in "pJvw")
        formulas[f"J{k}"] = total(f"{p}[#] * r[#]")
        # The step of the logits: π ⊙ (r - J), or r minus its mean.
        formulas[f"v{k}"] = f"datum.n ? {each('r[#] - mean')} : {each(f'{p}[#] * (r[#] - {J})')}"
        formulas[f"w{k}"] = each(f"{p}[#] * exp({v}[#])")
        formulas[f"p{k + 1}"] = softmax(w)
    policies = [f"datum.p{k}" for k in range(STEPS + 1)]
    formulas |= {
        "policies": f"[{', '.join(policies)}]",
        "points": f"[{', '.join(map(corner, policies))}]",
        "path": line("slice(datum.points, 0, shown + 1)"),
        f"J{STEPS}": total(f"{policies[-1]}[#] * r[#]"),
        # J never falls, so the first update that is enough is the number of those that are not.
        "after": " + ".join(f"(datum.J{k} < {ENOUGH} * max(r1, r2, r3) ? 1 : 0)" for k in range(STEPS + 1)),
    }
    marks = rows(
        "steps",
        2 * (STEPS // EVERY),
        kind="datum.n % 2",
        update=f"{EVERY} * (1 + floor(datum.n / 2))",
    )
    plain, straight = COLORS["true"], COLORS["baseline"]

    def said(kind, name):
        here = f"data('learners')[{kind}]"
        return (
            f"'{name}: ' + ({here}.after > shown ? 'not yet 95 % of the best'"
            f" : '95 % of the best from update ' + {here}.after)"
        )

    legend = [
        mark("text", x=0, y=f"scale('simplex_y', 0) - {HEIGHT - down:.1f}", text=repr(name), fill=color)
        for name, color, down in [("plain (wide)", plain, 0), ("natural", straight, 20)]
    ]
    return explorer(
        "natural",
        triangle(
            f"'a dot after every {EVERY} updates'",
            [
                trail(
                    "paths",
                    "datum.path",
                    "learners",
                    stroke=f"datum.n ? '{straight}' : '{plain}'",
                    strokeWidth="datum.n ? 2 : 6",
                    opacity="datum.n ? 1 : 0.4",
                ),
                dots(
                    "dots",
                    "data('learners')[datum.kind].policies[datum.update]",
                    "steps",
                    size="datum.update <= shown ? 50 : 0",
                    fill=f"datum.kind ? '{straight}' : '{plain}'",
                ),
                *legend,
            ],
            {"fill": "#ffffff", "stroke": "#000000", "strokeWidth": 1.5, "size": 160},
        ),
        title=["The plain gradient neglects rare arms,", "the natural one asks only what is paid"],
        words=[
            f"'From ' + {written(START)} + ', ' + shown + (shown == 1 ? ' update:' : ' updates:')",
            said(0, "plain"),
            said(1, "natural"),
        ],
        description="A triangle of policies over three arms that pay 1, 0.9 and 0. As it opens, a circle at"
        " (0.01, 0.60, 0.39), on the edge between arms 2 and 3, is the start of two learners, by the plain"
        " gradient and by the natural one. They have made no update yet.",
        controls=[
            slider("shown", "updates shown", 0, 0, STEPS, 1),
            *returns(1, 0.9, 0),
            *start(0.01, 0.6),
        ],
        tasks={
            "rare best arm": {},
            "even start": {"shown": STEPS, "start1": 0.33, "start2": 0.33},
            "one arm pays": {"shown": STEPS, "r2": 0, "start1": 0.02, "start2": 0.49},
        },
        data=[rows("learners", 2, **formulas), marks],
        signals=[{"name": "r", "update": "[r1, r2, r3]"}, {"name": "mean", "update": "(r1 + r2 + r3) / 3"}],
        folded=["start1", "start2"],
        ghosts=["paths", "dots"],
    )
