"""The explorers in the built pages: their numbers are those of pgbook, and all can read and move them."""

import inspect
import sys

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from booktools import notebooks
from pgbook import estimators, explorers
from pgbook.explorers.gaussian import WAVE
from pgbook.explorers.simplex import LENGTH, STEPS
from pgbook.policies import Bernoulli, BernoulliLogit, Categorical, Gaussian

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the book is built on Linux and macOS")

# Where each is shown: the page, and which of its explorers it is.
PAGES = {
    "one_update": [("index", 0), ("chapters/01_question", 0), ("chapters/04_one_over_pi", 0)],
    "simplex": [("chapters/04_one_over_pi", 1)],
    "bernoulli": [("chapters/06_bernoulli", 0)],
    "gaussian": [("chapters/07_gaussian", 0)],
    "baseline": [("chapters/09_baselines", 0)],
}
PLACES = [(name, *place) for name, places in PAGES.items() for place in places]
SPECS = {name: getattr(explorers, name)().spec() for name in PAGES}
every_explorer = pytest.mark.parametrize(
    ("name", "page", "number"), [(name, *PAGES[name][0]) for name in PAGES]
)
every_place = pytest.mark.parametrize(("name", "page", "number"), PLACES)


def controls(name):
    """The parameters of an explorer that a reader sets."""
    return [parameter for parameter in SPECS[name]["params"] if "bind" in parameter]


# Fields of the table, among the many that Vega makes, that has all rows.
ROWS = """(box, [count, fields]) => {
    const names = Object.keys(box.view.getState({data: name => /^data_/.test(name)}).data);
    const tables = names.map(name => box.view.data(name) ?? []);
    const rows = tables.find(rows => rows.length === count && fields.every(field => field in rows[0]));
    return rows.map(row => Object.fromEntries(fields.map(field => [field, row[field]])));
}"""


class Live:
    """An explorer in a page of the built book."""

    def __init__(self, name, page, number):
        self.name, self.page, self.box = name, page, page.locator(".explorer").nth(number)
        self.start = {parameter["name"]: parameter["value"] for parameter in controls(name)}
        self.box.scroll_into_view_if_needed()
        page.wait_for_function("n => document.querySelectorAll('.explorer')[n].view", arg=number)

    def set_signals(self, settings):
        """Set parameters through Vega."""
        self.box.evaluate(
            """async (box, all) => {
                for (const [name, value] of Object.entries(all)) box.view.signal(name, value);
                await box.view.runAsync();
            }""",
            settings,
        )

    def set_controls(self, settings):
        """Set parameters by hand."""
        for name, value in settings.items():
            control = self.box.locator(f"[name={name}]")
            if isinstance(value, bool):
                control.set_checked(value)
            elif isinstance(value, str):
                control.select_option(value)
            else:
                control.fill(str(value))
        self.box.evaluate("box => box.view.runAsync().then(() => null)")

    def signal(self, name):
        return self.box.evaluate("(box, name) => box.view.signal(name)", name)

    def rows(self, count, *fields):
        """The ``count`` rows of the explorer's data, with these fields."""
        return self.box.evaluate(ROWS, [count, list(fields)])


@pytest.fixture(scope="module")
def opened(browser, address):
    """Return a function that opens a page once; no page may ask for anything elsewhere, or complain."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    pages, asked, complaints = {}, [], []
    context.on("request", lambda request: asked.append(request.url))

    def page(name):
        if name not in pages:
            new = pages[name] = context.new_page()
            new.on("pageerror", lambda error: complaints.append(str(error)))
            new.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
            new.goto(f"{address}/{name}.html")
        return pages[name]

    yield page
    context.close()
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    assert [text for text in complaints if "preload" not in text] == []


@pytest.fixture
def live(opened, name, page, number):
    """Return an explorer of a page."""
    return Live(name, opened(page), number)


def settings_of(name, seed):
    """Random settings that the controls allow."""
    rng, settings = np.random.default_rng(seed), {}
    for parameter in controls(name):
        bind = parameter["bind"]
        if bind["input"] == "range":
            last = int((bind["max"] - bind["min"]) / bind["step"] + 1e-9)
            value = round(bind["min"] + bind["step"] * int(rng.integers(last + 1)), 9)
        else:
            options = bind.get("options", [False, True])
            value = options[rng.integers(len(options))]
        settings[parameter["name"]] = value
    return settings


def rows_of(rows, *fields):
    return [np.array([row[field] for row in rows], dtype=float) for field in fields]


def check_one_update(live, a, R, beta, others, division, **z):
    rows = live.rows(6, "pi", "score", "update", "expected")
    policy, taken = Categorical([z[f"z{b}"] for b in range(1, 7)]), np.arange(6)
    estimate = estimators.score_function if division else estimators.without_division
    returns = np.where((taken == a - 1) | others, R, 0) - beta
    expected = [
        policy.probs,
        policy.score(a - 1),
        estimate(policy, a - 1, R - beta),
        policy.probs @ estimate(policy, taken, returns),
    ]
    np.testing.assert_allclose(
        rows_of(rows, "pi", "score", "update", "expected"), expected, rtol=1e-9, atol=1e-9
    )


def direction(z, r, division):
    """The expected update for logits ``z``, by the Jacobian of pgbook."""
    policy = Categorical(z)
    return policy.jvp(r if division else policy.probs * r)


def check_simplex(live, division, r1, r2, r3, start1, start2):
    policies = [f"p{k}" for k in range(STEPS + 1)]
    rows, r = live.rows(37, *policies, "own", "value", "best", "reached"), np.array([r1, r2, r3])
    path = np.array([[row[p] for row in rows] for p in policies], dtype=float)
    own = np.array([row["own"] for row in rows])
    second = min(start2, 0.98 - start1)
    np.testing.assert_allclose(path[0][own], [[start1, second, 1 - start1 - second]], atol=1e-9)
    assert len(np.unique(path[0][~own].round(9), axis=0)) == 36
    # Step by step, as the caption says: along the expected update, and each as long as the one before.
    z = np.log(path[0])
    for found in path:
        np.testing.assert_allclose(found, Categorical(z).probs, atol=1e-9)
        g = direction(z, r, division)
        z = z + LENGTH * g / np.maximum(np.abs(g).max(axis=1, keepdims=True), 1e-9)

    # The flow itself ends where the path ends.
    def flow(t, z):
        g = direction(z.reshape(37, 3), r, division)
        return (g / np.maximum(np.linalg.norm(g, axis=1, keepdims=True), 1e-12)).ravel()

    end = solve_ivp(flow, (0, 40), np.log(path[0]).ravel(), method="DOP853", rtol=1e-6, atol=1e-6).y[:, -1]
    value = Categorical(end.reshape(37, 3)).probs @ r
    np.testing.assert_allclose(rows_of(rows, "value")[0], value, atol=0.005)
    assert [bool(row["best"]) for row in rows] == list(max(r) - value < 0.005)
    assert rows[0]["reached"] == np.sum((max(r) - value < 0.005) & ~own)


def check_bernoulli(live, parameter, p, r1, r0):
    rows = live.rows(182, "in_p", "q", "s1", "s0", "g1", "g0", "mean", "variance", "chosen")
    for row in rows:
        q = row["q"]
        policy = Bernoulli(q) if row["in_p"] else BernoulliLogit(np.log(q / (1 - q)))
        scores = policy.score([1, 0])[:, 0]
        updates, weights = estimators.score_function(policy, [1, 0], [r1, r0])[:, 0], np.array([q, 1 - q])
        mean = weights @ updates
        expected = [*scores, *updates, mean, weights @ (updates - mean) ** 2]
        found = [row[field] for field in ("s1", "s0", "g1", "g0", "mean", "variance")]
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    (chosen,) = [row for row in rows if row["chosen"]]
    assert chosen["q"] == pytest.approx(p, abs=1e-9)
    assert chosen["in_p"] == (parameter == "probability p")


def check_gaussian(live, cost, mu, sigma, k):
    (row,) = live.rows(1, "v0", "v1", "v2", "v3", "gradient")
    noise, weights = np.polynomial.hermite_e.hermegauss(100)
    weights, x = weights / weights.sum(), mu + sigma * noise
    policy = Gaussian(mu, sigma)
    f, slope = (np.cos(k * x), -k * np.sin(k * x)) if cost == WAVE else ((x - k) ** 2, 2 * (x - k))
    squares = policy.score(x)[:, 0] ** 2
    baselines = [0, weights @ f, (weights * squares) @ f / (weights @ squares)]
    estimates = [estimators.score_function(policy, x, f, baseline)[:, 0] for baseline in baselines]
    estimates.append(estimators.pathwise(policy, x, slope)[:, 0])
    gradient = weights @ estimates[-1]
    variances = [weights @ (g - gradient) ** 2 for g in estimates]
    found = [row[field] for field in ("gradient", "v0", "v1", "v2", "v3")]
    np.testing.assert_allclose(found, [gradient, *variances], rtol=1e-9, atol=1e-9)


def check_baseline(live, beta, pi1, r1, r2, rest):
    fields = ("b", "variance", "J", "best", "at_J", "at_best")
    (chosen,) = live.rows(1, *fields)
    assert chosen["b"] == beta
    policy = Categorical(np.log([pi1] + 5 * [(1 - pi1) / 5]))
    r, squares = np.array([r1, r2] + 4 * [rest]), (policy.score(np.arange(6)) ** 2).sum(axis=1)

    def variance(baseline):
        g = estimators.score_function(policy, np.arange(6), r, baseline)
        return policy.probs @ (g**2).sum(axis=1) - ((policy.probs @ g) ** 2).sum()

    J, best = policy.probs @ r, (policy.probs * squares) @ r / (policy.probs @ squares)
    for row in [chosen, *live.rows(71, *fields)]:
        found = [row[field] for field in fields[1:]]
        expected = [variance(row["b"]), J, best, variance(J), variance(best)]
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def check(live, settings):
    assert {key: live.signal(key) for key in settings} == settings
    globals()[f"check_{live.name}"](live, **settings)


@every_place
def test_it_opens_as_it_is_stored_and_with_pgbooks_numbers(live):
    check(live, live.start)


@every_explorer
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("way", ["set_signals", "set_controls"])
def test_its_numbers_are_those_of_pgbook(live, seed, way):
    settings = settings_of(live.name, seed)
    getattr(live, way)(settings)
    check(live, settings)


@pytest.mark.parametrize(("name", "page", "number"), PLACES[:1])
def test_the_examples_of_the_text(live):
    for a, one, average in [(1, 25, 12.5), (2, 45, 4.5)]:
        live.set_signals(live.start | {"a": a})
        row = live.rows(6, "update", "expected")[a - 1]
        assert [row["update"], row["expected"]] == pytest.approx([one, average], abs=0.01)
    # Without the division the likely action is favoured, down to z₁ = 0, where the slider can stop.
    for z1, favour in [(1.61, 1), (0, 0), (-0.07, -1)]:
        live.set_signals(live.start | {"others": True, "division": False})
        live.set_controls({"z1": z1})
        assert live.signal("z1") == z1
        assert np.sign(round(live.rows(6, "expected")[0]["expected"], 9)) == favour


@pytest.mark.parametrize(("name", "page", "number"), [("simplex", *PAGES["simplex"][0])])
def test_how_many_starts_reach_the_best_arm_is_as_the_text_says(live):
    for r, divided, dropped in [((1, 0.9, 0.2), 36, 19), ((1, 0.95, 0.9), 36, 13), ((1, 0, 0), 36, 36)]:
        for division, reached in [(True, divided), (False, dropped)]:
            live.set_signals({"division": division, **{f"r{arm + 1}": r[arm] for arm in range(3)}})
            assert live.rows(37, "reached")[0]["reached"] == reached


@every_explorer
def test_every_control_has_a_name_and_shows_its_value(live):
    for parameter in controls(live.name):
        control = live.box.locator(f"[name={parameter['name']}]")
        label, height = control.evaluate(
            "control => [control.labels[0].innerText, control.closest('label').offsetHeight]"
        )
        assert label.startswith(parameter["bind"]["name"])
        assert height >= 24
        if parameter["bind"]["input"] == "range":
            assert str(live.signal(parameter["name"])) in label


@every_explorer
def test_the_view_says_in_words_what_it_shows(live):
    view = live.box.locator("[role=graphics-document]")
    assert view.get_attribute("aria-label") == SPECS[live.name]["description"]
    assert live.box.locator("img").count() == 0
    assert live.box.locator(".status_marks text").count() == 1


@pytest.mark.parametrize(("name", "page", "number"), PLACES[:1])
def test_keys_are_enough(live):
    page = live.page
    live.set_signals(live.start)

    def tab_to(name):
        for _ in range(150):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.name") == name:
                return
        pytest.fail(f"{name} cannot be reached with the Tab key")

    tab_to("a")
    page.keyboard.press("ArrowRight")
    assert live.signal("a") == 2
    assert live.rows(6, "update")[1]["update"] == pytest.approx(45, abs=0.01)
    spoken = page.locator(".explorer [role=status]")
    spoken.filter(has_text="Action 2 alone pays 50").wait_for(state="attached")
    assert "by 45.0 when it is taken, and by 4.5 on average" in spoken.inner_text()
    tab_to("division")
    page.keyboard.press("Space")
    assert live.signal("division") is False


@every_place
@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (360, "dark")])
def test_it_can_be_read_on_a_phone_and_in_the_dark(live, width, theme):
    live.page.set_viewport_size({"width": width, "height": 800})
    live.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    drawn = live.box.locator("svg").bounding_box()
    assert 300 <= drawn["width"] <= width
    # Nothing sticks out at the side and makes the rest smaller: text of 13 units keeps its size.
    units = live.box.locator("svg").evaluate("svg => svg.viewBox.baseVal.width")
    assert 13 * drawn["width"] / units > 9.5
    # The view is black on clear; in the dark it is turned round. axe-core compares the labels with the page.
    turned = live.box.locator("svg").evaluate("svg => getComputedStyle(svg).filter")
    assert ("invert(0.9" in turned) == (theme == "dark")


def test_all_explorers_of_the_package_and_of_the_book_are_looked_at():
    functions = {name for name in explorers.__all__ if inspect.isfunction(getattr(explorers, name))}
    assert functions == set(PAGES)
    for page in notebooks.listed():
        html = (notebooks.HTML / f"{page}.html").read_text(encoding="utf-8")
        assert html.count('class="explorer ') == sum(place[1] == page for place in PLACES)
