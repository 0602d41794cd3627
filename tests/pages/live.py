"""An explorer in a page of the built book: its controls, its numbers, and what is drawn."""

import re

import numpy as np

from pgbook import explorers

# Where each is shown: the page, and which of its explorers it is.
PAGES = {
    "baseline": [("chapters/09_baselines", 1)],
    "bernoulli": [("chapters/06_bernoulli", 0)],
    "clip": [("chapters/12_ppo", 0)],
    "gaussian": [("chapters/07_gaussian", 0)],
    "group": [("chapters/13_grpo", 0)],
    "learners_baseline": [("chapters/09_baselines", 0)],
    "learners_division": [("chapters/04_one_over_pi", 2)],
    "natural": [("chapters/11_natural_gradient", 0)],
    "one_update": [("index", 0), ("chapters/01_question", 0), ("chapters/04_one_over_pi", 0)],
    "raise_logit": [("chapters/03_softmax_jacobian", 0)],
    "simplex": [("chapters/04_one_over_pi", 1)],
    "weights": [("chapters/04_one_over_pi", 3)],
}
PLACES = [(name, *place) for name, places in PAGES.items() for place in places]
SIGNALS = "(box, names) => Object.fromEntries(names.map(name => [name, box.view.signal(name)]))"


class Live:
    """An explorer in a page of the built book."""

    def __init__(self, name, page, number):
        self.name, self.page, self.box = name, page, page.locator(".explorer").nth(number)
        explorer = getattr(explorers, name)()
        self.spec, self.controls = explorer.spec(), explorer.controls()
        self.tasks = self.controls.pop("task")["bind"]["options"]
        self.start = {key: control["value"] for key, control in self.controls.items()}
        # A page that is not laid out below the screen moves while one goes there.
        page.evaluate("document.documentElement.classList.add('whole')")
        self.box.evaluate("box => { const part = box.closest('details'); if (part) part.open = true; }")
        # Sections above are laid out as they come near, and push it away again.
        page.wait_for_function(
            """n => {
                const box = document.querySelectorAll(".explorer")[n];
                box.scrollIntoView({ block: "center", behavior: "instant" });
                return box.view;
            }""",
            arg=number,
        )
        self.box.evaluate("box => box.querySelectorAll('details').forEach((part) => { part.open = false; })")

    def set_signals(self, settings):
        """Set controls through Vega."""
        self.box.evaluate(
            """async (box, all) => {
                for (const preset of box.querySelectorAll("[name=task]")) preset.checked = false;
                for (const [name, value] of Object.entries(all)) box.view.signal(name, value);
                await box.view.runAsync();
            }""",
            {"task": "", **settings},
        )

    def set_controls(self, settings):
        """Set controls by hand."""
        self.box.evaluate("box => box.querySelectorAll('details').forEach((part) => { part.open = true; })")
        for name, value in settings.items():
            control = self.box.locator(f"[name={name}]")
            if isinstance(value, bool):
                control.set_checked(value)
            elif isinstance(value, str):
                control.select_option(value)
            else:
                control.fill(str(value))
        self.drawn()

    def choose(self, task):
        """Press a preset."""
        self.box.get_by_text(task, exact=True).click()
        self.drawn()

    def drawn(self):
        """Wait until the picture shows the signals."""
        self.box.evaluate(
            """async box => {
                for (const _ of [1, 2]) {
                    await box.view.runAsync();
                    await new Promise(requestAnimationFrame);
                }
            }"""
        )

    def signal(self, name):
        return self.box.evaluate("(box, name) => box.view.signal(name)", name)

    def settings(self):
        return self.box.evaluate(SIGNALS, list(self.controls))

    def rows(self, data, *fields):
        """These fields of the rows of the explorer's data, each an array."""
        found = self.box.evaluate(
            "(box, [data, fields]) => box.view.data(data).map(row => fields.map(field => row[field]))",
            [data, list(fields)],
        )
        return [np.array(column) for column in zip(*found, strict=True)]

    def drag(self, mark, to, item=0):
        """Drag a drawn item with the mouse from its middle to a place, in units of the picture."""
        picture = self.box.locator(".picture > :not(.ghost) svg, .picture > svg:not(.ghost)").first
        picture.scroll_into_view_if_needed()
        frame, (x, y, width, height) = picture.bounding_box(), self.boxes(mark)[item]
        scale = frame["width"] / float(picture.evaluate("svg => svg.viewBox.baseVal.width"))
        shift = picture.evaluate("svg => [svg.viewBox.baseVal.x, svg.viewBox.baseVal.y]")
        pad = self.spec["padding"]
        places = [(x + width / 2, y + height / 2), to]
        (x0, y0), (x1, y1) = [
            (frame["x"] + scale * (u + pad - shift[0]), frame["y"] + scale * (v + pad - shift[1]))
            for u, v in places
        ]
        self.page.mouse.move(x0, y0)
        self.page.mouse.down()
        self.page.mouse.move((x0 + x1) / 2, (y0 + y1) / 2)
        self.page.mouse.move(x1, y1)
        self.page.mouse.up()
        self.drawn()

    def domain(self, scale):
        return next(one["domain"] for one in self.spec["scales"] if one["name"] == scale)

    def range(self, scale):
        return next(one["range"] for one in self.spec["scales"] if one["name"] == scale)

    def boxes(self, mark):
        """Left, top, width and height of each drawn item of a mark, in units of the picture."""
        return np.array(
            self.box.locator(f".picture > :not(.ghost) .{mark} > path").evaluate_all(
                "all => all.map(it => [it.getBBox(), it.transform.baseVal[0]?.matrix ?? { e: 0, f: 0 }])"
                ".map(([box, { e, f }]) => [box.x + e, box.y + f, box.width, box.height])"
            )
        ).reshape(-1, 4)

    def line(self, mark, item=0):
        """The points of a drawn line, shape (n, 2), in units of the picture."""
        path = self.box.locator(f".picture > :not(.ghost) .{mark} > path").nth(item).get_attribute("d")
        return np.array(re.findall(r"-?[\d.]+(?:e-?\d+)?", path), dtype=float).reshape(-1, 2)


def settings_of(live, seed):
    """Random settings that the controls allow; what plays stands still, so that it can be looked at."""
    rng, settings = np.random.default_rng(seed), {}
    for name, control in live.controls.items():
        bind = control["bind"]
        if bind["input"] == "range":
            last = int((bind["max"] - bind["min"]) / bind["step"] + 1e-9)
            value = round(bind["min"] + bind["step"] * int(rng.integers(last + 1)), 9)
        else:
            options = bind.get("options", [False, True])
            value = options[rng.integers(len(options))]
        settings[name] = value if name != "play" else False
    if "start2" in settings:  # and leave the third arm its share
        settings["start2"] = min(settings["start2"], round(0.99 - settings["start1"], 9))
    return settings
