"""What raising one logit does to six probabilities, and what the Jacobian promises (chapter 3)."""

from pgbook.explorers.parts import (
    axis,
    bars,
    drag,
    explorer,
    mark,
    places,
    rows,
    slider,
    view,
)
from pgbook.figures import COLORS

# Changes of a probability are drawn up to here. No logit that moves by at most 2 changes one by more, and no
# slope is more than 1/4, so nothing is ever cut.
TOP = 0.5


def raise_logit():
    r"""Return an explorer of one logit that is moved, for a softmax policy of six actions.

    Action 1 leads the others, which are equally likely. Each row of its data "actions" is an action :math:`a`
    and holds its probability before (``pi``) and ``after``, the ``change``, and what is ``promised`` to first
    order, :math:`\Delta\,\pi_a(\delta_{ab} - \pi_b)`.

    Notes
    -----
    Equations ``eq-softmax`` and ``eq-softmax-jacobian``.

    >>> raise_logit()
    <explorer 'raise-logit'>
    """
    actions = rows(
        "actions",
        6,
        action="datum.n + 1",
        raised="datum.action == b ? 1 : 0",
        # The lead of the running example, log 5, is the slider's 1.6.
        z="datum.action > 1 ? 0 : lead == 1.6 ? log(5) : lead",
        weight="exp(datum.z)",
        total="sum datum.weight",
        pi="datum.weight / datum.total",
        new_weight="exp(datum.z + delta * datum.raised)",
        new_total="sum datum.new_weight",
        after="datum.new_weight / datum.new_total",
        change="datum.after - datum.pi",
        pi_b="sum datum.raised * datum.pi",
        promised="delta * datum.pi * (datum.raised - datum.pi_b)",
    )
    chosen = "data('actions')[b - 1]"
    # Any other action: b is 1 to 6, so this is action 2 or action 1.
    other = "data('actions')[b == 1 ? 1 : 0]"
    kind = f"datum.action == 1 ? '{COLORS['likely']}' : '{COLORS['rare']}'"
    left, wide = "scale('pi_x', datum.action)", "bandwidth('pi_x')"

    def outline(field, y, name):
        """The outline of a bar from zero."""
        ends = {"y": f"scale('{y}', datum.{field})", "y2": f"scale('{y}', 0)"}
        return mark(
            "rect", "actions", name=name, x=left, width=wide, **ends, stroke="#000000", strokeWidth=1.5
        )

    pi = bars(
        "pi", "actions", "datum.action", "pi_x", "pi_y", "datum.after",
        fill=kind, opacity="datum.raised ? 1 : 0.6", digits=3, low=0, high=1, cursor="ns-resize",
    )  # fmt: skip
    change = bars(
        "change", "actions", "datum.action", "pi_x", "change_y", "datum.change",
        fill=kind, opacity="datum.raised ? 1 : 0.6", digits=3, low=-TOP, high=TOP,
    )  # fmt: skip

    # The numbers stand beyond the bars and the outlines, whichever are longer.
    def beyond(numbers, y, field, before):
        end = f"scale({y!r}, {{0}}(datum.{field}, datum.{before}, 0))"
        place = f"datum.{field} < -0.0005 ? {end.format('min')} + 3 : {end.format('max')} - 15"
        numbers["encode"]["update"] |= {"y": {"signal": place}}

    beyond(pi[-2], "pi_y", "after", "pi")
    beyond(change[-1], "change_y", "change", "promised")

    # The bar of the action that is held stands at y where its log-odds have grown by delta.
    odds, held = "log({0} / (1 - {0}))", "data('actions')[held - 1]"
    at = "clamp(invert('pi_y', y()), 0.001, 0.999)"
    to = f"round(10 * clamp({odds.format(at)} - {odds.format(held + '.pi')}, -2, 2)) / 10"
    down = {"type": "pointerdown", "markname": "pi_held"}

    def pulled(update):
        return [drag("pi_held", update), {"events": {**down, "type": "click"}, "update": update}]

    x = places("pi_x", [1, 2, 3, 4, 5, 6])
    return explorer(
        "raise-logit",
        view(
            "'π, and what it was (outlines)'",
            64,
            [outline("pi", "pi_y", "before"), *pi],
            x=x,
            y=axis("pi_y", [0, 1], ticks=[0, 1], grid=False),
            above=14,
            below=20,
        ),
        view(
            "'change (bars), Δ times column ' + b + ' (outlines)'",
            160,
            [*change, outline("promised", "change_y", "promised")],
            x={**x, "name": "change_x"},
            y=axis("change_y", [-TOP, TOP], ticks=[-TOP, 0, TOP], format=".1f", grid=False),
            above=14,
            below=17,
        ),
        title=["What one action gains, all others lose,", "each the same fraction of what it had"],
        words=[
            f"'Action ' + b + (delta < 0 ? ' loses ' : ' gains ') + format(abs({chosen}.change), '.4f')"
            f" + ', promised ' + format(abs({chosen}.promised), '.4f') + ';'",
            f"'the others have ' + format(100 * {other}.after / {other}.pi, '.1f') + ' % of what they had.'",
        ],
        description="Two rows of six bars, one for each action. As it opens, the policy was 0.5 for action 1"
        " and 0.1 for the others, and the logit of action 1 is raised by 1. Action 1 gains 0.231, a little"
        " less than the outlined 0.250 that the Jacobian promises. Each of the others loses 0.046, and the"
        " outline says 0.050.",
        controls=[
            slider("b", "logit raised", 1, 1, 6, 1, on=pulled("held")),
            slider("delta", "by Δ", 1, -2, 2, 0.1, on=pulled(to)),
            slider("lead", "lead of action 1", 1.6, 0, 8, 0.1),
        ],
        tasks={"raise the likely one": {}, "raise a rare one": {"b": 2}, "nearly certain": {"lead": 8}},
        data=[actions],
        signals=[{"name": "held", "value": 1, "on": [{"events": down, "update": "datum.action"}]}],
        ghosts=["pi"],
    )
