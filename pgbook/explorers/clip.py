"""What PPO's clip leaves of the gradient of one token (chapter 12)."""

from pgbook.explorers.parts import GREY, axis, drag, explorer, grip, label, mark, rows, slider, switch, view
from pgbook.figures import COLORS

# The ratios that are drawn, and how near to an edge of the interval one is on it.
LAST, NEAR = 2, 1e-9


def clip():
    r"""Return an explorer of PPO's :math:`\ell = \min(w \hat A, \operatorname{clip}(w)\,\hat A)`.

    The row of its data "token" holds ``ell`` at the ratio ``w``, whether the token is ``dead``, and the
    ``slope``. The rows of "parts" have the same fields, for what lies from ``low`` to ``high``: below, inside
    and above the interval. "corners" are the points between which ``ell`` is straight. On an edge of the
    interval the slope is that of the inside, as in torch.

    Notes
    -----
    Equation ``eq-ppo-dead-zone``.

    >>> clip()
    <explorer 'clip'>
    """

    def fields(w):
        clipped = f"clamp({w}, 1 - eps, 1 + eps) * A"
        above, below = f"{w} > 1 + eps + {NEAR}", f"{w} < 1 - eps - {NEAR}"
        return {
            "ell": f"minimum ? min({w} * A, {clipped}) : {clipped}",
            "dead": f"minimum ? (A > 0 && {above} || A < 0 && {below}) : A != 0 && ({above} || {below})",
            "slope": "datum.dead ? 0 : A",
        }

    token = rows("token", 1, w="w", **fields("w"))
    low, high = "[0, 1 - eps, 1 + eps][datum.n]", f"[1 - eps, 1 + eps, {LAST}][datum.n]"
    parts = rows("parts", 3, low=low, high=high, **fields("(datum.low + datum.high) / 2"))
    corners = rows("corners", 4, w=f"[0, 1 - eps, 1 + eps, {LAST}][datum.n]", **fields("datum.w"))

    at = "scale('w_x', datum.w)"
    between = {"x": "scale('w_x', datum.low)", "x2": "scale('w_x', datum.high)"}
    true, dead = COLORS["true"], COLORS["dropped"]
    color = f"datum.dead ? '{dead}' : '{true}'"

    def zones(y):
        """Return the dead zones, and the edges of the interval."""
        ends = {"y": f"range('{y}')[0]", "y2": f"range('{y}')[1]"}
        edge = f"datum.n % 3 ? '{GREY}' : null"
        return [
            mark(
                "rect",
                "parts",
                name="zone",
                **between,
                **ends,
                fill=dead,
                fillOpacity="datum.dead ? 0.16 : 0",
            ),
            mark("rule", "corners", x=at, **ends, stroke=edge, strokeDash="[3, 3]"),
        ]

    ell, slope = "data('token')[0].ell", "data('token')[0].slope"
    y, zero = "scale('ell_y', datum.ell)", "scale('ell_y', 0)"
    middle, foot = "(scale('w_x', datum.low) + scale('w_x', datum.high)) / 2", "range('ell_y')[0] - 18"
    name = "datum.dead ? 'dead' : datum.n == 1 ? '1 ± ε' : ''"
    ink = f"datum.dead ? '{dead}' : '{GREY}'"
    ends = {
        "x": "scale('w_x', 0)",
        "x2": f"scale('w_x', {LAST})",
        "y": zero,
        "y2": f"scale('ell_y', {LAST} * A)",
    }
    gain = [
        *zones("ell_y"),
        mark("text", "parts", x=middle, y=foot, text=name, align="'center'", fill=ink),
        mark("rule", **ends, stroke=GREY, strokeDash="[5, 4]"),
        mark("line", "corners", name="ell", x=at, y=y, stroke=true, strokeWidth=2.5),
        mark("symbol", "token", name="point", x=at, y=y, size=130, fill=color, stroke="#000000"),
        grip("hand", "scale('w_x', w)", f"scale('ell_y', {ell})"),
    ]

    def number(value):
        return f"replace(format({value}, '.2f'), '-', '−')"

    y, zero = "scale('slope_y', datum.slope)", "scale('slope_y', 0)"
    # Across the line of zero from the bar, where nothing else is.
    beside, across = f"max(18, {at})", f"{zero} + (datum.slope > 0 ? 3 : -17)"
    slopes = [
        *zones("slope_y"),
        mark("rect", "parts", name="slopes", **between, y=y, y2=zero, fill=true, opacity=0.3),
        mark("rect", "token", name="slope", x=f"{at} - 4", width=8, y=y, y2=zero, fill=color),
        *label("token", x=beside, y=across, text=number("datum.slope"), align="'center'"),
    ]

    # What is said: the token is where the slope jumps, or dead, or without advantage, or alive.
    jump = f"A != 0 && (minimum ? abs(w - 1 - (A > 0 ? eps : -eps)) : abs(abs(w - 1) - eps)) < {NEAR}"
    weight = number(f"w * {slope}")

    def said(on_edge, dead, without, alive):
        return f"{jump} ? {on_edge} : data('token')[0].dead ? {dead} : A == 0 ? {without} : {alive}"

    def across(name, **options):
        return axis(name, [0, LAST], **options) | {"range": [8, 300]}

    hand = drag("hand", f"clamp(round(100 * invert('w_x', x())) / 100, 0, {LAST})")
    y, x = axis("ell_y", [-LAST, LAST], ticks=[-2, -1, 0, 1, 2]), across("ell_x")
    gain = view("'ℓ, which is maximised; dashed: w Â'", 132, gain, x=x, y=y, above=6, below=8)
    x = across("w_x", ticks=[0, 0.5, 1, 1.5], title="ratio w")
    y = axis("slope_y", [-1.3, 1.3], ticks=[-1, 0, 1])
    slopes = view("'the slope of ℓ'", 76, slopes, x=x, y=y, above=6)
    return explorer(
        "clip",
        gain,
        slopes,
        title=[
            "=minimum ? 'Praise ends above, blame below;' : 'Clipped alone, ℓ is flat on both sides,'",
            "=minimum ? 'what went the other way comes back' : 'and brings no ratio back'",
        ],
        words=[
            f"'Ratio ' + format(w, '.2f') + ', advantage ' + {number('A')} + ': ℓ = ' + {number(ell)} + '.'",
            said(
                "'On an edge, where the slope jumps'",
                "'Slope 0: dead. Whatever moves this ratio'",
                "'Slope 0: where the advantage is 0,'",
                f"'Slope ' + {number(slope)} + ': alive. The weight w Â = ' + {weight}",
            ),
            said(
                f"'between 0 and ' + {number('A')} + '.'",
                "'now, it is not the token itself.'",
                "'nothing is praised or blamed.'",
                "'of its score ' + (A > 0 ? 'raises' : 'lowers') + ' the ratio.'",
            ),
        ],
        description="What PPO maximises for one token, and its slope, against the ratio from 0 to 2. As it"
        " opens, advantage and ratio are 1: ℓ rises with slope 1 up to the ratio 1.2 and is flat above, where"
        " a shaded zone is called dead.",
        controls=[
            slider("w", "ratio w", 1, 0, LAST, 0.01, on=[hand]),
            slider("A", "advantage Â", 1, -1, 1, 0.1),
            switch("minimum", "minimum", True),
            slider("eps", "ε", 0.2, 0.05, 0.5, 0.05),
        ],
        tasks={
            "fresh": {},
            "praised, likelier": {"w": 1.3},
            "praised, rarer": {"w": 0.7},
            "blamed, likelier": {"w": 1.3, "A": -1},
            "blamed, rarer": {"w": 0.7, "A": -1},
        },
        data=[token, parts, corners],
        folded=["eps"],
        ghosts=["ell", "point", "slope"],
    )
