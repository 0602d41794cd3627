"""What one update does to six logits, and what updates do on average (chapters 1 and 4)."""

from pgbook.explorers.parts import (
    GREY,
    axis,
    bars,
    drag,
    explorer,
    number,
    places,
    rows,
    slider,
    switch,
    view,
)
from pgbook.figures import COLORS

# The thread's policy: logits (log 5, 0, 0, 0, 0, 0) have the probabilities (0.5, 0.1, 0.1, 0.1, 0.1, 0.1).
# A slider stops at whole steps, and is to stop here and at 0: 23 steps of 0.07; its 1.61 stands for log 5.
LOG_5, STEP = 1.61, 0.07
# Both rows of updates are drawn up to here.
TOP = 50


def one_update():
    r"""Return an explorer of one update and of its mean, for a softmax policy of six actions.

    Each row of its data "actions" is an action :math:`b` and holds ``pi``, the ``score`` of the action taken,
    :math:`\delta_{ab} - \pi_b`, this ``update``, and the ``expected`` one.

    Notes
    -----
    Equations ``eq-softmax``, ``eq-one-update`` and ``eq-expected-update``; with 1/π switched off,
    ``eq-distorted-returns``.

    >>> one_update()
    <explorer 'one-update'>
    """
    actions = rows(
        "actions",
        6,
        action="datum.n + 1",
        z=f"[z1 == {LOG_5} ? log(5) : z1, z2, z3, z4, z5, z6][datum.n]",
        weight="exp(datum.z)",
        total="sum datum.weight",
        pi="datum.weight / datum.total",
        # This update: (R - β) times the score, times π of the action taken if there is no division.
        taken="datum.action == a ? 1 : 0",
        pi_taken="sum datum.taken * datum.pi",
        score="datum.taken - datum.pi",
        update="(R - beta) * (division ? 1 : datum.pi_taken) * datum.score",
        # The expected one: every action, as often as it is taken.
        r="datum.taken || others ? R : 0",
        credit="(datum.r - beta) * (division ? 1 : datum.pi)",
        mean="sum datum.pi * datum.credit",
        expected="datum.pi * (datum.credit - datum.mean)",
    )
    taken = "data('actions')[a - 1]"
    unit = "(division ? ', the push per unit of return' : '')"
    role = f"division ? '{COLORS['true']}' : '{COLORS['dropped']}'"
    kind = f"datum.action == 1 ? '{COLORS['likely']}' : '{COLORS['rare']}'"

    def row(field, title, height, low, high, fill, **options):
        y = axis(f"{field}_y", [low, high], ticks=sorted({low, 0, high}), grid=False)
        here = bars(
            field, "actions", "datum.action", f"{field}_x", f"{field}_y", f"datum.{field}",
            fill=fill, opacity="datum.taken ? 1 : 0.6", low=low, high=high, **options,
        )  # fmt: skip
        x = places(f"{field}_x", [1, 2, 3, 4, 5, 6])
        return view(title, height, here, x=x, y=y, above=14, below=17)

    # A bar that is pulled to π has the logit log π/(1 - π) plus the log of the others' weights.
    low = "clamp(invert('pi_y', y()), 0.02, 0.98)"
    others = "(data('actions')[0].total - data('actions')[{0}].weight)"
    logit = f"clamp(log({low} / (1 - {low})) + log({others}), -3, 3)"
    held = {
        "name": "held",
        "value": 0,
        "on": [{"events": {"type": "pointerdown", "markname": "pi_held"}, "update": "datum.action"}],
    }

    def of(name, b, *args):
        update = f"held == {b} ? round({logit.format(b - 1)} / {args[-1]}) * {args[-1]} : {name}"
        tap = {"events": {"type": "click", "markname": "pi_held"}, "update": update}
        return slider(name, *args, on=[drag("pi_held", update), tap])

    logits = [
        of("z1", 1, "logit z₁", LOG_5, -3.01, 3.01, STEP),
        *[
            of(f"z{b}", b, f"logit z{sub}", 0, -3, 3, 0.1)
            for b, sub in zip(range(2, 7), "₂₃₄₅₆", strict=True)
        ],
    ]
    return explorer(
        "one-update",
        row("pi", "'how often: the policy π'", 36, 0, 1, kind, cursor="ns-resize"),
        row("score", f"'score of action ' + a + {unit}", 40, -1, 1, GREY),
        row("update", "'one update, if action ' + a + ' is taken'", 64, -TOP, TOP, role),
        row("expected", "'the average of many, on the same scale'", 64, -TOP, TOP, role),
        title=[
            f"='One update ' + ({taken}.update > 1e-9 ? 'praises what was done,'"
            f" : {taken}.update < -1e-9 ? 'blames what was done,' : 'changes nothing,')",
            "=abs(extent(pluck(data('actions'), 'expected'))[1]) < 1e-9 ? 'on average nothing changes'"
            " : division ? 'averages favour what pays more' : R > beta ? 'averages favour what is likely"
            " and pays' : 'averages weigh all returns by π again'",
        ],
        words=[
            "'Action ' + a + (others ? ' and all others pay ' : ' alone pays ')"
            f" + {number('R', 0)} + ': its logit moves'",
            f"'by ' + format({taken}.update, '.2f') + ' when taken, by '"
            f" + format({taken}.expected, '.2f') + ' on average.'",
        ],
        description="Four rows of six bars, one for each action. As it opens, the policy is 0.5 for action 1"
        " and 0.1 for the others, and action 1 is taken and alone pays 50. Its score is 0.5, and minus 0.1"
        " for the others. One update moves its logit by 25 and the others by minus 5; on average it is 12.5"
        " and minus 2.5.",
        controls=[
            slider("a", "action taken", 1, 1, 6, 1),
            switch("others", "others pay R too", False),
            switch("division", "divide by π", True),
            slider("R", "return R", 50, -50, 100, 5),
            *logits,
            slider("beta", "baseline β", 0, -50, 100, 5),
        ],
        tasks={
            "only action 1 pays": {},
            "only action 2 pays": {"a": 2},
            "all pay": {"a": 2, "others": True},
            "all pay, β = 50": {"a": 2, "others": True, "beta": 50},
            "all pay, undivided": {"others": True, "division": False},
        },
        data=[actions],
        signals=[held],
        folded=["R", "beta", *(f"z{b}" for b in range(1, 7))],
        ghosts=["pi", "score", "update", "expected"],
    )
