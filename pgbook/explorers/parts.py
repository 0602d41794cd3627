"""What all explorers share: how they are stored, their controls, and the marks they are drawn with.

An explorer is a Vega specification whose signals are sliders, switches and presets. It computes in the
browser, so it answers in the built book, without a kernel, as well as in JupyterLab. Wherever Vega takes an
encoding, a number stands for itself, a text that begins with # for a colour, and any other for an expression.
"""

from collections.abc import Mapping

# JupyterLab 4 draws Vega 5. What an explorer uses is the same in later versions.
MIME = "application/vnd.vega.v5+json"

# A phone shows an explorer at nearly this width, in pixels, so SIZE is the size of the page's text there too.
WIDTH, SIZE, LINE = 340, 14, 18
# What the data have of it; the rest is for the numbers of the y axis.
SPAN = WIDTH - 40
GREY, FAINT = "#666666", "#c8c8c8"


class Explorer:
    """A Vega specification that a notebook stores as such, and as nothing else."""

    def __init__(self, name, spec):
        self.name, self._spec = name, spec

    def __repr__(self):
        return f"<explorer {self.name!r}>"

    def spec(self):
        """Return the explorer as Vega, a dict that is the same on every machine."""
        return self._spec

    def controls(self):
        """Return the signals that the reader sets, by name."""
        return {signal["name"]: signal for signal in self._spec["signals"] if "bind" in signal}

    def on_paper(self, description, **values):
        """Return the explorer with another picture for paper, and where there is no JavaScript.

        The picture shows the controls at these ``values``; ``description`` is its alternative text.

        >>> from pgbook.explorers import simplex
        >>> undivided = simplex().on_paper("Half the paths end in a corner.", division=False)
        >>> undivided.spec()["usermeta"]["picture"]
        {'description': 'Half the paths end in a corner.', 'values': {'division': False}}
        """
        unknown = set(values) - set(self.controls())
        if unknown:
            raise ValueError(f"the explorer {self.name!r} has no control {', '.join(sorted(unknown))}")
        picture = {"description": description, "values": values}
        return Explorer(self.name, {**self._spec, "usermeta": {**self._spec["usermeta"], "picture": picture}})

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {MIME: self.spec(), "text/plain": repr(self)}


def explorer(
    name, *views, title, words, description, controls, tasks, data=(), signals=(), folded=(), ghosts=()
):
    """Return the explorer made of ``views``, from top to bottom, and its controls.

    Parameters
    ----------
    name : str
    *views : dict
        By `view`.
    title : list of str
        The point it makes, in lines of at most 42 letters; a line may be an expression after "=".
    words : list of str
        Expressions of the lines that say what is shown; the page reads them out after a change.
    description : str
        What a sighted reader takes from it as it opens: its alternative text.
    controls : list of dict
        By `slider`, `switch` or `choice`, in the order of the page.
    tasks : dict
        Presets, by the name that the text gives them: values of controls; others go back to their start.
        The first is the start.
    data, signals : lists of dict
        Of Vega.
    folded : list of str
        Controls that no task needs: the page shows them on demand.
    ghosts : list of str
        Names of marks whose state before the last change the page leaves as a ghost.
    """
    head = [line[1:] if line.startswith("=") else repr(line) for line in title]
    texts = [
        mark("text", x=0, y=0, text=f"[{', '.join(head)}]", fontSize=15, fontWeight="'bold'"),
        mark("text", name="status", x=0, y=LINE * len(head) + 6, text=f"[{', '.join(words)}]"),
    ]
    top = LINE * (len(head) + len(words)) + 12
    scales, groups = [], []
    for one in views:
        scales += one["scales"](top)
        groups.append(one["group"](top))
        top += one["height"]
    choices = {"name": "task", "value": next(iter(tasks)), "bind": {"input": "radio", "options": [*tasks]}}
    choices["bind"]["name"] = "Show"
    start = {control["name"]: control["value"] for control in controls}
    if unknown := {key for values in tasks.values() for key in values} - set(start):
        raise ValueError(f"presets of the explorer {name!r} set no control {', '.join(sorted(unknown))}")
    for control in controls:
        at = {task: {**start, **values}[control["name"]] for task, values in tasks.items()}
        back = f"isValid({expression(at)}[task]) ? {expression(at)}[task] : {control['name']}"
        control["on"] = [
            {"events": {"signal": "task"}, "update": back, "force": True},
            *control.get("on", []),
        ]
    spec = {
        "description": description,
        "width": WIDTH,
        "height": top,
        "padding": 2,
        "autosize": "none",
        "signals": [choices, *controls, *signals],
        "data": [*data],
        "scales": scales,
        "marks": [*groups, *texts],
        "usermeta": {
            "folded": [*folded],
            "ghosts": [*ghosts],
            "embedOptions": {"actions": False, "renderer": "svg"},
        },
    }
    return Explorer(name, spec)


def expression(value):
    """Return a Python value as a Vega expression.

    >>> expression({"start": True, "only action 2 pays": 0.5})
    "{'start': true, 'only action 2 pays': 0.5}"
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {expression(one)}" for key, one in value.items()) + "}"
    return str(value).lower() if isinstance(value, bool) else repr(value)


# Controls


def slider(name, label, value, low, high, step, on=()):
    """Return a signal that the reader sets with a slider; ``on`` are other ways to set it, as by `drag`."""
    bind = {"input": "range", "min": low, "max": high, "step": step, "name": label}
    return {"name": name, "value": value, "bind": bind, "on": [*on]}


def switch(name, label, value):
    """Return a signal that the reader switches on and off."""
    return {"name": name, "value": value, "bind": {"input": "checkbox", "name": label}}


def choice(name, label, options):
    """Return a signal for which the reader chooses among words; the first is chosen at the start."""
    return {"name": name, "value": options[0], "bind": {"input": "select", "options": options, "name": label}}


def drag(marks, update):
    """Return what sets a signal while marks of this name are dragged.

    A finger drags what it moves sideways at first. One that goes up or down scrolls the page, which ends it.
    """
    down = {"type": "pointerdown", "markname": marks}
    up = {"merge": [{"source": "window", "type": f"pointer{end}"} for end in ("up", "cancel")]}
    return {"events": {"source": "window", "type": "pointermove", "between": [down, up]}, "update": update}


def label(data, **encode):
    """Return a text that stays readable on a line: two marks, of which the first clears its place."""
    clear = encode | {"fill": "#ffffff", "stroke": "#ffffff", "strokeWidth": 4}
    return [mark("text", data, **clear), mark("text", data, **encode)]


def grip(name, x, y, cursor="ew-resize"):
    """Return what can be dragged around a drawn point: invisible, and as large as the tip of a finger."""
    return mark("symbol", name=name, x=x, y=y, size=1600, fill="#ffffff", fillOpacity=0, cursor=repr(cursor))


# Data


def rows(name, count, **formulas):
    """Return data of ``count`` rows, with ``n`` from 0, and the fields of ``formulas`` in their order.

    A formula that begins with "sum " is the sum over all rows of what follows.
    """
    transform = [{"type": "sequence", "start": 0, "stop": count, "as": "n"}]
    for field, formula in formulas.items():
        if formula.startswith("sum "):
            transform.append({"type": "formula", "as": f"_{field}", "expr": formula[4:]})
            transform.append(
                {"type": "joinaggregate", "ops": ["sum"], "fields": [f"_{field}"], "as": [field]}
            )
        else:
            transform.append({"type": "formula", "as": field, "expr": formula})
    return {"name": name, "transform": transform}


def each(expression, count=3):
    """Return the Vega expression of an array: ``expression`` with 0, 1, … in place of ``#``.

    >>> each("2 * x[#]")
    '[2 * x[0], 2 * x[1], 2 * x[2]]'
    """
    return f"[{', '.join(expression.replace('#', str(k)) for k in range(count))}]"


def total(expression, count=3):
    """Return the Vega expression of a sum: ``expression`` with 0, 1, … in place of ``#``.

    >>> total("x[#]")
    '(x[0] + x[1] + x[2])'
    """
    return f"({' + '.join(expression.replace('#', str(k)) for k in range(count))})"


# Views and marks


def view(title, height, marks, *, x, y, above=4, below=24):
    """Return a view with a scale for each of its axes, which never change.

    Parameters
    ----------
    title : str
        An expression.
    height, above, below : float
        Of the area of the data, and of what is free above it, below a line for the title, and below it.
    marks : list of dict
        By `mark`.
    x, y : dict
        By `axis` or `places`.
    """

    def scales(top):
        return [
            {"name": x["name"], **x["scale"], "range": [0, SPAN] if x["range"] is None else x["range"]},
            {"name": y["name"], **y["scale"], "range": [top + LINE + above + height, top + LINE + above]},
        ]

    def group(top):
        low, high = top + LINE + above, top + LINE + above + height
        heading = mark("text", x=0, y=top, text=title, fill=GREY)
        lines = [*y["lines"](low, high), *x["lines"](low, high)]
        return {"type": "group", "marks": [*lines, heading, *marks]}

    return {"height": LINE + above + height + below, "scales": scales, "group": group}


def axis(name, domain, *, ticks=(), format="", title="", log=False, grid=True):
    """Return an axis with this domain in every state; on a logarithmic one its title says so.

    Without a ``grid``, only the line of zero goes across.
    """
    scale = {"type": "log" if log else "linear", "domain": domain, "nice": False, "zero": False}

    def lines(low, high):
        drawn = []
        for tick in ticks:
            at, text = f"scale({name!r}, {tick})", f"replace(format({tick}, {format!r}), '-', '−')"
            if name.endswith("_y"):
                left = 0 if grid or tick == 0 else WIDTH - 42
                drawn.append(mark("rule", x=left, x2=WIDTH - 38, y=at, stroke=FAINT))
                drawn.append(
                    mark("text", x=WIDTH - 34, y=at, text=text, fill=GREY, fontSize=12, baseline="'middle'")
                )
            else:
                drawn.append(
                    mark("rule", x=at, y=low if grid or tick == 0 else high - 4, y2=high, stroke=FAINT)
                )
                drawn.append(
                    mark("text", x=f"max(4, {at})", y=high + 4, text=text, fill=GREY, align="'center'")
                )
        if title:
            drawn.append(mark("text", x=WIDTH, y=high + 4, text=repr(title), fill=GREY, align="'right'"))
        return drawn

    return {"name": name, "scale": scale, "range": None, "lines": lines}


def places(name, domain):
    """Return an axis of places for bars."""
    scale = {"type": "band", "domain": domain, "paddingInner": 0.25, "paddingOuter": 0.1}
    return {"name": name, "scale": scale, "range": None, "lines": lambda low, high: []}


def mark(kind, data=None, *, name=None, clip="", **encode):
    """Return marks of a kind, one for each row of ``data``, or one; ``clip`` names the y axis that cuts."""
    style = {"text": {"fill": "#000000", "fontSize": SIZE, "baseline": "'top'", "font": "'sans-serif'"}}
    style["text"] |= {"lineHeight": LINE} if kind == "text" else {}
    encode = {key: _encoding(value) for key, value in (style.get(kind, {}) | encode).items()}
    drawn = {"type": kind, "encode": {"update": encode}, "aria": False}
    drawn |= {"from": {"data": data}} if data else {}
    drawn |= {"name": name} if name else {"interactive": False}
    low, high = f"(range({clip!r})[0] + 1)", f"(range({clip!r})[1] - 1)"
    cut = f"'M0,' + {low} + 'V' + {high} + 'H{SPAN}V' + {low} + 'Z'"
    return drawn | ({"clip": {"path": {"signal": cut}}} if clip else {})


def number(field, digits=2):
    """Return the expression of a number as the text writes it.

    >>> number("x", 1)
    "replace(format(abs(x) < 0.05 ? 0 : x, ',.1f'), '-', '−')"
    """
    return f"replace(format(abs({field}) < {0.5 * 10**-digits} ? 0 : {field}, ',.{digits}f'), '-', '−')"


def _encoding(value):
    if isinstance(value, str) and not value.startswith("#"):
        return {"signal": value}
    return {"value": value}


def bars(name, data, place, x, y, field, *, fill, digits=2, opacity=1, low, high, cursor=None):
    """Return bars from zero, each with its place and number; an arrow ends what goes beyond [low, high].

    ``cursor`` is for bars that can be held anywhere above their place: marks with ``_held`` in their name.
    """
    left, wide = f"scale({x!r}, {place})", f"bandwidth({x!r})"
    end = f"scale({y!r}, clamp({field}, {low}, {high}))"
    beyond = f"{field} > {high} + 1e-9 ? '▲' : {field} < {low} - 1e-9 ? '▼' : ''"
    middle = f"{left} + {wide} / 2"
    column = {"x": f"{left} - 6", "width": f"{wide} + 12", "fill": "#ffffff", "fillOpacity": 0}
    column |= {"y": f"range({y!r})[1] - 9", "y2": f"range({y!r})[0] + 9", "cursor": repr(cursor)}
    return [
        mark(
            "rect",
            data,
            name=name,
            x=left,
            width=wide,
            y=end,
            y2=f"scale({y!r}, 0)",
            fill=fill,
            opacity=opacity,
        ),
        mark(
            "text",
            data,
            x=middle,
            y=f"scale({y!r}, 0) + ({field} < -{0.5 * 10**-digits} ? -13 : 3)",
            text=place,
            align="'center'",
            fill=GREY,
            fontSize=12,
        ),
        mark(
            "text",
            data,
            x=middle,
            y=f"{end} + ({field} < 0 ? -14 : 2)",
            text=beyond,
            align="'center'",
            fill="#ffffff",
            fontSize=11,
        ),
        mark(
            "text",
            data,
            x=middle,
            y=f"{end} + ({field} < -{0.5 * 10**-digits} ? 3 : -15)",
            text=number(field, digits),
            align="'center'",
            # Six numbers with a third decimal, or with a minus and two digits before, would touch.
            fontSize=f"{field} < -9.995 ? 12 : {SIZE}" if digits < 3 else 12,
        ),
        *([mark("rect", data, name=f"{name}_held", **column)] if cursor else []),
    ]
