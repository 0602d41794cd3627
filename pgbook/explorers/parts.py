"""What all explorers share: how they are stored, their style, and their controls.

An explorer is an Altair chart whose parameters are sliders and switches. It computes in the browser, so it
answers in the built book, without a kernel, as well as in JupyterLab.
"""

import altair as alt

# JupyterLab 4 draws Vega-Lite 5 and does not know the name of Altair's newer version. What an explorer
# uses is the same in both, so it goes by the name that JupyterLab knows.
MIME = "application/vnd.vegalite.v5+json"

# Like a figure five inches wide: on a phone it shrinks by a fifth and stays readable.
WIDTH = 400
CONFIG = {
    "background": "transparent",
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {"labelFontSize": 12, "titleFontSize": 13, "titleFontWeight": "normal", "grid": False},
    "title": {"anchor": "start", "fontSize": 13, "fontWeight": "normal", "offset": 4, "frame": "group"},
    "text": {"fontSize": 13},
    "concat": {"spacing": 10},
}


class Explorer(alt.VConcatChart):
    """Altair views, one below the other, that a notebook stores as Vega-Lite and as nothing else."""

    def __repr__(self):
        return f"<explorer {self.name!r}>"

    def spec(self):
        """Return the explorer as Vega-Lite, a dict that is the same on every machine."""
        spec = self.to_dict()
        # The name of the version; see MIME.
        del spec["$schema"]
        return spec

    def on_paper(self, description, **values):
        """Return the explorer with another picture for paper, and where there is no JavaScript.

        The picture shows the controls at these ``values``; ``description`` is its alternative text.

        >>> from pgbook.explorers import simplex
        >>> simplex().on_paper("Half the paths end in a corner.", division=False).usermeta["picture"]
        {'description': 'Half the paths end in a corner.', 'values': {'division': False}}
        """
        unknown = set(values) - {parameter.name for parameter in self.params}
        if unknown:
            raise ValueError(f"the explorer {self.name!r} has no control {', '.join(sorted(unknown))}")
        picture = {"description": description, "values": values}
        return self.properties(usermeta={**self.usermeta, "picture": picture})

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {MIME: self.spec(), "text/plain": repr(self)}


def explorer(name, data, *views, title, description, params):
    """Return the explorer made of ``views``, from top to bottom, and its controls.

    Parameters
    ----------
    name : str
    data : altair.Chart
        Rows and their transforms, for all views that have no data of their own.
    *views : altair charts
        The view named "status" says in words what is shown; the page reads it out after a change.
    title : str, list of str or altair expression
        The point it makes, one line or more.
    description : str
        What a sighted reader takes from it as it opens: its alternative text.
    params : list of altair parameters
        Controls, in the order of the page.
    """
    chart = Explorer(
        name=name,
        data=data.data,
        transform=data.transform,
        vconcat=list(views),
        title=alt.Title(title, fontSize=14, fontWeight="bold", offset=8, frame="bounds"),
        description=description,
        config=CONFIG,
        usermeta={"embedOptions": {"actions": False, "renderer": "svg"}},
    )
    return chart.add_params(*params)


def slider(name, label, value, low, high, step):
    """Return a parameter that the reader sets with a slider."""
    return alt.param(name=name, value=value, bind=alt.binding_range(min=low, max=high, step=step, name=label))


def switch(name, label, value):
    """Return a parameter that the reader switches on and off."""
    return alt.param(name=name, value=value, bind=alt.binding_checkbox(name=label))


def choice(name, label, options):
    """Return a parameter for which the reader chooses among words; the first is chosen at the start."""
    return alt.param(name=name, value=options[0], bind=alt.binding_select(options=options, name=label))


def status(chart, *lines):
    """Return the view that says in words what is shown, by expressions on the only row of ``chart``."""
    text = chart.transform_calculate(status=" + '\\n' + ".join(f"({line})" for line in lines))
    text = text.mark_text(align="left", baseline="top", fontSize=13, lineBreak="\n", lineHeight=16)
    size = {"width": WIDTH, "height": 16 * len(lines)}
    return text.encode(text="status:N", x=alt.value(0), y=alt.value(0)).properties(name="status", **size)


def inside(**options):
    """Return a y axis whose labels stand inside the view, above the grid lines: the width is for the data."""
    style = {"domain": False, "ticks": False, "grid": True, "labelAlign": "left", "labelPadding": 0}
    return alt.Axis(**style, labelBaseline="bottom", title=None, **options)


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
