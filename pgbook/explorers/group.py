"""From the rewards of a group of responses to their advantages (chapter 13)."""

from pgbook.explorers import parts
from pgbook.explorers.parts import GREY, axis, bars, drag, each, explorer, mark, number, rows, slider, view
from pgbook.figures import COLORS

RESPONSES = [1, 2, 3, 4, 5, 6]
# No advantage over the deviation is longer than √5 = 2.24, for six responses.
TOP = 2.5


def group():
    r"""Return an explorer of the advantages of a group of six responses, by their rewards.

    Each row of its data "responses" is a response with its reward ``R``, and holds ``centred``,
    :math:`R_i - \bar R`, and ``divided``, the same over the standard deviation ``S`` plus :math:`10^{-4}`,
    as in the program of chapter 13.

    Notes
    -----
    Equations ``eq-grpo-objective`` and ``eq-grpo-std-weight``.

    >>> group()
    <explorer 'group'>
    """
    rewards = f"[{', '.join(f'R{k}' for k in RESPONSES)}]"
    responses = rows(
        "responses",
        6,
        response="datum.n + 1",
        R=f"{rewards}[datum.n]",
        mean="sum datum.R / 6",
        centred="datum.R - datum.mean",
        variance="sum datum.centred * datum.centred / 6",
        S="sqrt(datum.variance)",
        divided="datum.centred / (datum.S + 1e-4)",
    )

    def places(field):
        return parts.places(f"{field}_x", RESPONSES)

    of_first = "data('responses')[0].{}".format
    left, wide, zero = "scale('R_x', datum.response)", "bandwidth('R_x')", "scale('R_y', 0)"
    mean = f"scale('R_y', {of_first('mean')})"
    whole = {"y": "scale('R_y', 1) - 8", "y2": f"{zero} + 18", "fill": "#ffffff"}
    middle = f"{left} + {wide} / 2"
    paid = [
        mark(
            "rect", "responses", name="R", x=left, width=wide, y="scale('R_y', datum.R)", y2=zero, fill=GREY
        ),
        mark("text", "responses", x=middle, y=f"{zero} + 3", text=number("datum.R"), align="'center'"),
        mark("rule", x=0, x2=302, y=mean, stroke=COLORS["baseline"], strokeDash="[4, 3]", strokeWidth=2),
        # A response is held anywhere above its place: the bar of a reward of 0 has no height.
        mark(
            "rect",
            "responses",
            name="response",
            x=f"{left} - 6",
            width=f"{wide} + 12",
            **whole,
            fillOpacity=0,
            cursor="'ns-resize'",
        ),
    ]

    def row(field, title, role, digits):
        y, name = axis(f"{field}_y", [-TOP, TOP], ticks=[-2, 0, 2], grid=False), f"datum.{field}"
        drawn = bars(
            field, "responses", "datum.response", f"{field}_x", f"{field}_y", name,
            fill=COLORS[role], low=-TOP, high=TOP, digits=digits,
        )  # fmt: skip
        return view(title, 80, drawn, x=places(field), y=y, above=14, below=10)

    pointed = "clamp(round(100 * invert('R_y', y())) / 100, 0, 1)"
    held = {"events": {"type": "pointerdown", "markname": "response"}, "update": "datum.response"}

    def reward(k):
        tapped = {"type": "click", "markname": "response"}
        hands = [
            drag("response", f"held == {k} ? {pointed} : R{k}"),
            {"events": tapped, "update": f"datum.response == {k} ? {pointed} : R{k}"},
        ]
        return slider(f"R{k}", f"reward R{'₁₂₃₄₅₆'[k - 1]}", int(k == 1), 0, 1, 0.01, on=hands)

    def paid_all(*values):
        return {f"R{k}": value for k, value in zip(RESPONSES, values, strict=True)}

    def said(equal, end, who):
        """Return a line about equal rewards, or about the advantages of who was paid best or worst."""
        found = [each(f"data('responses')[#].{field}", 6) for field in ("centred", "divided")]
        plain, divided = (
            number(f"extent({values})[{end}]", d) for values, d in zip(found, (3, 2), strict=True)
        )
        other = f"'{who} paid, advantage ' + {plain} + ', divided ' + {divided} + '.'"
        return f"extent({rewards})[0] == extent({rewards})[1] ? '{equal}' : {other}"

    title = f"'rewards; dashed: their mean, ' + {number(of_first('mean'))}"
    deviation = f"'over S + 0.0001 = ' + format({of_first('S')} + 1e-4, '.4f') + ', same scale'"
    return explorer(
        "group",
        view(title, 60, paid, x=places("R"), y=axis("R_y", [0, 1], ticks=[0, 1])),
        row("centred", "'advantage: minus the mean'", "baseline", 3),
        row("divided", deviation, "dropped", 2),
        title=["Equal pay teaches nothing; over S,", "tiny gaps count like large ones"],
        words=[
            said("All six are paid the same: a silent group,", 1, "Best"),
            said("all advantages are 0, nothing is learnt.", 0, "Worst"),
        ],
        description="Three rows of six bars, one for each response. As it opens, response 1 is paid 1 and the"
        " others 0. Minus the mean the advantages are 0.83, and minus 0.17 for the others; divided by the"
        " deviation they are 2.24 and minus 0.45.",
        controls=[reward(k) for k in RESPONSES],
        tasks={
            "one of six right": {},
            "all but one right": paid_all(0, 1, 1, 1, 1, 1),
            "nearly equal": paid_all(0.51, 0.5, 0.5, 0.5, 0.5, 0.5),
            "all the same": paid_all(0.7, 0.7, 0.7, 0.7, 0.7, 0.7),
        },
        data=[responses],
        signals=[{"name": "held", "value": 0, "on": [held]}],
        folded=[f"R{k}" for k in RESPONSES],
        ghosts=["R", "centred", "divided"],
    )
