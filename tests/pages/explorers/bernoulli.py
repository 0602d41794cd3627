"""What the explorer of a coin shows: by pgbook's policies of a coin, from both outcomes."""

import numpy as np

from pgbook import estimators
from pgbook.explorers.bernoulli import IN_P
from pgbook.policies import Bernoulli, BernoulliLogit


def meant(in_p, p, r1, r0):
    policy = Bernoulli(p) if in_p else BernoulliLogit(np.log(p / (1 - p)))
    q, update = np.array([p, 1 - p]), estimators.score_function(policy, [1, 0], [r1, r0])[:, 0]
    mean = q @ update
    both = {"mean": mean, "variance": q @ (update - mean) ** 2}
    return {"q": q, "score": policy.score([1, 0])[:, 0], "update": update, "area": q * update, **both}


def variances(p, r1, r0):
    return [meant(in_p, p, r1, r0)["variance"] for in_p in (True, False)]


def check_numbers(live, settings):
    in_p, coin = settings["parameter"] == IN_P, [settings[name] for name in ("p", "r1", "r0")]
    expected = meant(in_p, *coin)
    for field, found in zip(expected, live.rows("outcomes", *expected), strict=True):
        np.testing.assert_allclose(found, expected[field], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(live.rows("here", "variance")[0], variances(*coin), rtol=1e-9, atol=1e-9)
    q, *found = live.rows("curves", "q", "in_p", "in_logit")
    expected = np.transpose([variances(p, *coin[1:]) for p in q])
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def check_picture(live, settings):
    """Areas are frequency times update; variances are on one logarithmic axis, down to where it ends."""
    in_p, coin = settings["parameter"] == IN_P, [settings[name] for name in ("p", "r1", "r0")]
    values = meant(in_p, *coin)
    limit = 500 if in_p else 50
    assert np.abs(values["update"]).max() <= limit + 1e-9
    (left, right), (bottom, top) = live.range("areas_x"), live.range("areas_y")
    x, y, width, height = live.boxes("areas").T
    unit = (right - left) * (bottom - top) / 2 / limit
    np.testing.assert_allclose(width * height, unit * np.abs(values["area"]), atol=0.1)
    np.testing.assert_allclose(width, (right - left) * values["q"], atol=0.01)
    np.testing.assert_allclose(np.where(values["update"] < 0, y, y + height), (bottom + top) / 2, atol=0.01)
    assert x[0] + width[0] == x[1]

    def at(variance):
        low, high = np.log10(live.domain("noise_y"))
        bottom, top = live.range("noise_y")
        return bottom + (top - bottom) * (np.log10(variance) - low) / (high - low)

    points = live.box.locator(".picture > :not(.ghost) .points > path").evaluate_all(
        "all => all.map(it => [it.transform.baseVal[0].matrix.f, !it.getAttribute('d').includes('A')])"
    )
    for (y, arrow), variance in zip(points, variances(*coin), strict=True):
        np.testing.assert_allclose(y, at(max(variance, 1)), atol=0.01)
        assert arrow == (variance < 1)
    q = live.rows("curves", "q")[0]
    curves = np.maximum([variances(p, *coin[1:]) for p in q], 1e-3)
    for name, curve in zip(("in_p", "in_logit"), curves.T, strict=True):
        np.testing.assert_allclose(live.line(name)[:, 1], at(curve), atol=0.01)


def check_text(live):
    """The examples of the text."""
    for task, height, areas, mean, variance in [
        ("p = 0.1", 500, [50, -40], 10, 26677.78),
        ("p = 0.5", 100, [50, -40], 10, 8100),
        ("p = 0.9", 55.56, [50, -40], 10, 18677.78),
        ("logit, p = 0.1", 45, [4.5, -3.6], 0.9, 216.09),
        ("logit, p = 0.5", 25, [12.5, -10], 2.5, 506.25),
    ]:
        live.choose(task)
        update, area, means, variances = live.rows("outcomes", "update", "area", "mean", "variance")
        np.testing.assert_allclose([update[0], *area], [height, *areas], atol=0.005)
        np.testing.assert_allclose([means[0], variances[0]], [mean, variance], atol=0.005)


def check_drag(live):
    """The border of the rectangles follows the mouse, and so do the points of the variances."""
    (left, right), (bottom, top) = live.range("areas_x"), live.range("areas_y")
    live.drag("border", (left + 0.5 * (right - left), (bottom + top) / 2))
    assert live.settings() == live.start | {"p": 0.5}
    live.drag("border", (left + 0.3 * (right - left), live.range("noise_y")[0]), item=1)
    assert live.settings() == live.start | {"p": 0.3}
