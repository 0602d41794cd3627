"""Where learning ends from every start, with and without the division (chapter 4)."""

from pgbook.explorers.parts import each, explorer, rows, switch, total
from pgbook.explorers.triangle import (
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

# Starts are multiples of 1/GRID inside the triangle. A path takes STEPS steps, in each of which the logit
# that moves most moves by LENGTH: the path of the flow, at another speed.
GRID, STEPS, LENGTH = 10, 40, 0.35


def simplex():
    r"""Return an explorer of the flow of the expected update on the policies of three arms.

    A row of its data "starts" is a start: the policies ``p0`` … ``p40`` along its path, and ``value``, the
    expected return where the path ends. The last row, where ``own`` is 1, is the start that the reader sets.

    Notes
    -----
    Equations ``eq-update-jvp`` and, without the division, ``eq-distorted-returns``; the triangle is that of
    `pgbook.figures.simplex_xy`.

    >>> simplex()
    <explorer 'simplex'>
    """
    begins = [[i / GRID, j / GRID] for i in range(1, GRID) for j in range(1, GRID - i)]
    formulas = {
        "own": f"datum.n == {len(begins)} ? 1 : 0",
        "begin": f"{begins}[datum.n]",
        "p0": f"datum.own ? {START} : [datum.begin[0], datum.begin[1], 1 - datum.begin[0] - datum.begin[1]]",
    }
    for k in range(STEPS):
        # The expected update g = π ⊙ (c - π·c), where arm b is credited with r_b, or with π_b r_b undivided.
        p, g, w = (f"datum.{name}{k}" for name in "pgw")
        credit = f"r[#] * (division ? 1 : {p}[#])"
        formulas[f"g{k}"] = each(f"{p}[#] * ({credit} - {total(f'{p}[#] * {credit}')})")
        longest = f"max({', '.join(f'abs({g}[{arm}])' for arm in range(3))}, 1e-9)"
        formulas[f"w{k}"] = each(f"{p}[#] * exp({LENGTH} * {g}[#] / {longest})")
        formulas[f"p{k + 1}"] = softmax(w)
    formulas |= {
        "path": line(f"[{', '.join(corner(f'datum.p{k}') for k in range(STEPS + 1))}]"),
        "value": total(f"datum.p{STEPS}[#] * r[#]"),
        "best": "max(r1, r2, r3) - datum.value < 0.005 ? 1 : 0",
        "counted": "datum.own ? 0 : datum.best",
        "reached": "sum datum.counted",
    }
    color = f"division ? '{COLORS['true']}' : '{COLORS['dropped']}'"
    own = f"data('starts')[{len(begins)}]"
    alike, all_of_them = "extent(r)[0] == extent(r)[1]", f"{own}.reached == {len(begins)}"
    return explorer(
        "simplex",
        triangle(
            "'a dot is a start; filled: the best arm wins'",
            [
                trail(
                    "paths",
                    "datum.path",
                    "starts",
                    stroke=color,
                    strokeWidth=1,
                    opacity="datum.own ? 0 : 0.6",
                ),
                trail("own", f"{own}.path", stroke=color, strokeWidth=3),
                dots(
                    "dots",
                    "datum.p0",
                    "starts",
                    stroke=color,
                    strokeWidth=1.5,
                    size=40,
                    opacity="datum.own ? 0 : 1",
                    fill=f"datum.best ? ({color}) : 'white'",
                ),
            ],
            {
                "stroke": "#000000",
                "strokeWidth": 1.5,
                "size": 160,
                "fill": f"{own}.best ? ({color}) : 'white'",
            },
        ),
        title=[
            f"={alike} ? 'Where all arms pay the same,' : (division ? 'With' : 'Without')"
            f" + ' the division, ' + ({all_of_them} ? 'every start' : 'the start')",
            f"={alike} ? 'no policy is better than another' : {all_of_them} ? 'leads to where most is paid'"
            " : 'decides where learning ends'",
        ],
        words=[
            f"{alike} ? 'All arms pay ' + format(r1, '.2f') + ': from every start all' : "
            "(division ? 'With' : 'Without')"
            f" + ' 1/π, ' + {own}.reached + ' of {len(begins)} starts end where'",
            f"({alike} ? 'is paid that can be.' : 'most is paid (filled dots).') + ' Yours goes from'",
            f"{written(f'{own}.p0')} + ' to ' + {written(f'{own}.p{STEPS}')} + '.'",
        ],
        description="A triangle of policies over three arms that pay 1, 0.9 and 0.2. As it opens, with the"
        " division, paths from 36 starts all lead to the corner of arm 1, some of them after a detour towards"
        " arm 2. Without the division, paths that start near arm 2 or arm 3 end there.",
        controls=[
            switch("division", "divide by π", True),
            *returns(1, 0.9, 0.2),
            *start(0.1, 0.8),
        ],
        tasks={
            "pay 1, 0.9, 0.2": {},
            "without 1/π": {"division": False},
            "alike, without 1/π": {"division": False, "r2": 0.95, "r3": 0.9},
            "alike": {"r2": 0.95, "r3": 0.9},
        },
        data=[rows("starts", len(begins) + 1, **formulas)],
        signals=[{"name": "r", "update": "[r1, r2, r3]"}],
        folded=["start1", "start2"],
        ghosts=["own"],
    )
