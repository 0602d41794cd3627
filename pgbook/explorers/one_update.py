"""What one update does to six logits, and what updates do on average (chapters 1 and 4)."""

import altair as alt

from pgbook.explorers.parts import WIDTH, explorer, slider, status, switch
from pgbook.figures import COLORS

# The thread's policy: logits (log 5, 0, 0, 0, 0, 0) have the probabilities (0.5, 0.1, 0.1, 0.1, 0.1, 0.1).
# A slider stops at whole steps, and is to stop here and at 0: 23 steps of 0.07.
LOG_5, STEP = 1.61, 0.07


def one_update():
    r"""Return an explorer of one update and of its mean, for a softmax policy of six actions.

    Each row of its data is an action :math:`b` and holds ``pi``, the ``score`` of the action taken,
    :math:`\delta_{ab} - \pi_b`, this ``update``, and the ``expected`` one.

    Notes
    -----
    Equations ``eq-softmax``, ``eq-one-update`` and ``eq-expected-update``; with 1/π switched off,
    ``eq-distorted-returns``.

    >>> one_update()
    <explorer 'one-update'>
    """
    actions = (
        alt.Chart(alt.sequence(1, 7, as_="action"))
        .transform_calculate(z="[z1, z2, z3, z4, z5, z6][datum.action - 1]")
        .transform_calculate(weight="exp(datum.z)")
        .transform_joinaggregate(total="sum(weight)")
        .transform_calculate(pi="datum.weight / datum.total")
        # This update: (R - β) times the score, times π of the action taken if there is no division.
        .transform_calculate(taken="datum.action == a ? 1 : 0")
        .transform_calculate(pi_if_taken="datum.taken * datum.pi")
        .transform_joinaggregate(pi_taken="sum(pi_if_taken)")
        .transform_calculate(score="datum.taken - datum.pi")
        .transform_calculate(update="(R - beta) * (division ? 1 : datum.pi_taken) * datum.score")
        # The expected one: every action, as often as it is taken.
        .transform_calculate(r="datum.taken || others ? R : 0")
        .transform_calculate(credit="(datum.r - beta) * (division ? 1 : datum.pi)")
        .transform_calculate(share="datum.pi * datum.credit")
        .transform_joinaggregate(mean="sum(share)")
        .transform_calculate(expected="datum.pi * (datum.credit - datum.mean)")
    )
    unit = "(division ? ', the push per unit of return' : '')"
    average = "'the average of many praises what ' + (division ? 'pays' : 'is likely and pays')"
    role = f"division ? '{COLORS['true']}' : '{COLORS['dropped']}'"

    def bars(field, digits, title, color):
        y = alt.Y(f"{field}:Q", axis=alt.Axis(values=[0], grid=True, labels=False, ticks=False, domain=False))
        base = alt.Chart().encode(
            x=alt.X("action:O", axis=None),
            y=y.title(None).scale(padding=16, nice=False),
        )
        columns = base.mark_bar(color=color).encode(
            opacity=alt.condition("datum.taken", alt.value(1), alt.value(0.6))
        )
        labels = base.mark_text(dy=alt.expr(f"datum.{field} < -1e-9 ? 9 : -8")).encode(
            text=alt.Text(f"{field}:Q", format=f".{digits}f")
        )
        return alt.layer(columns, labels, title=alt.Title(title), width=WIDTH, height=64)

    names = alt.Chart().transform_calculate(label="'action ' + datum.action")
    names = names.mark_text(baseline="top").encode(
        x=alt.X("action:O", axis=None), text="label:N", y=alt.value(0)
    )
    words = status(
        alt.Chart().transform_filter("datum.taken"),
        "'Action ' + a + (others ? ' and all others pay ' : ' alone pays ') + R + ': its own logit moves'",
        "'by ' + format(datum.update, '.1f') + ' when it is taken, and by ' + format(datum.expected, '.1f')"
        " + ' on average.'",
    )
    logits = [
        slider("z1", "logit z₁", LOG_5, -3.01, 3.01, STEP),
        *[
            slider(f"z{b}", f"logit z{sub}", 0, -3, 3, 0.1)
            for b, sub in zip(range(2, 7), "₂₃₄₅₆", strict=True)
        ],
    ]
    return explorer(
        "one-update",
        actions,
        words,
        bars("pi", 2, "the policy π", COLORS["neutral"]),
        bars("score", 2, alt.expr(f"'score of action ' + a + {unit}"), COLORS["true"]),
        bars("update", 1, alt.expr("'one update, if action ' + a + ' is taken'"), alt.expr(role)),
        bars("expected", 1, "the average of many updates", alt.expr(role)),
        names.properties(width=WIDTH, height=14),
        title=alt.expr(f"['One update praises what was done,', {average}]"),
        description="Four rows of six bars, one for each action. As it opens, the policy is 0.5 for action 1"
        " and 0.1 for the others, and action 1 is taken and alone pays 50. Its score is 0.5, and minus 0.1"
        " for the others. One update moves its logit by 25 and the others by minus 5; on average it is 12.5"
        " and minus 2.5.",
        params=[
            slider("a", "action taken", 1, 1, 6, 1),
            slider("R", "return R", 50, -50, 100, 5),
            switch("others", "others pay R too", False),
            switch("division", "divide by π", True),
            *logits,
            slider("beta", "baseline β", 0, -50, 100, 5),
        ],
    )
