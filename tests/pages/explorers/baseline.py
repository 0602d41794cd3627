"""What the explorer of baselines shows: by pgbook's estimators, every action enumerated."""

import numpy as np
import pytest

from pgbook import estimators
from pgbook.policies import Categorical


def meant(beta, pi1, r1, r2, rest):
    """The three baselines, and the variance as a function of the baseline."""
    pi1 = 1 / 6 if pi1 == 0.17 else pi1
    policy, r, taken = (
        Categorical(np.log([pi1] + 5 * [(1 - pi1) / 5])),
        np.array([r1, r2] + 4 * [rest]),
        np.arange(6),
    )
    weights = np.sqrt(policy.probs)[:, None]

    def variance(baseline):
        g = estimators.score_function(policy, taken, r, baseline)
        return policy.probs @ (g**2).sum(axis=1) - ((policy.probs @ g) ** 2).sum()

    best = estimators.optimal_baseline(weights * policy.score(taken), r)
    return np.array([beta, policy.probs @ r, best]), np.vectorize(variance)


def check_numbers(live, settings):
    three, variance = meant(**settings)
    b, V = live.rows("points", "b", "variance")
    np.testing.assert_allclose([b, V], [three, variance(three)], rtol=1e-9, atol=1e-9)
    b, V = live.rows("curve", "b", "variance")
    np.testing.assert_allclose(V, variance(b), rtol=1e-9, atol=1e-9)
    # Its ends are where it leaves the picture, above or at a side.
    for end, side in zip([0, -1], live.domain("baseline_x"), strict=True):
        assert b[end] == side or V[end] == pytest.approx(800)


def check_picture(live, settings):
    """The three points and the curve are as high as their variances, up to 800; beyond it stands an arrow."""
    three, variance = meant(**settings)
    V, (low, high) = variance(three), live.domain("baseline_x")
    stems, curve = live.boxes("height"), live.line("parabola")
    zero, wide = stems[0, 1] + stems[0, 3], 300 / (high - low)
    np.testing.assert_allclose(stems[:, 0] + 1, wide * (three - low), atol=0.02)
    heights = np.append(stems[:, 3], zero - curve[:, 1])
    lengths = np.append(np.minimum(V, 800), variance(low + curve[:, 0] / wide))
    np.testing.assert_allclose(heights, heights.sum() / lengths.sum() * lengths, atol=0.05)
    # What is dragged lies above the others, so it is drawn last.
    points = live.boxes("point")[[2, 0, 1]]
    middles = points[:, :2] + points[:, 2:] / 2
    np.testing.assert_allclose(middles[:, 0], stems[:, 0] + 1, atol=0.02)
    inside = V <= 800
    np.testing.assert_allclose(middles[inside, 1], stems[inside, 1], atol=0.02)
    shapes = live.box.locator(".picture > :not(.ghost) .point > path").evaluate_all(
        "all => all.map(it => it.getAttribute('d'))"
    )
    assert [shape.count("L") == 2 for shape in shapes] == list(~inside[[1, 2, 0]])


def check_text(live):
    """The examples of the text."""
    for pi1, mean, none in [(0.45, 230.2, 224.6), (0.44, 227.5, 231.8)]:
        live.set_signals(live.start | {"pi1": pi1})
        np.testing.assert_allclose(live.rows("points", "variance")[0][:2], [none, mean], atol=0.05)
    live.set_controls({"pi1": 0.17})
    assert np.ptp(live.rows("points", "b")[0][1:]) < 1e-9
    live.choose("only 2 to 6 pay")
    assert np.diff(live.rows("points", "b")[0][1:]) > 1


def check_drag(live):
    """The reader's point follows the mouse along the parabola."""
    live.choose("only action 1 pays")
    low, high = live.domain("baseline_x")
    live.drag("hand", (300 * (30 - low) / (high - low), 100))
    assert live.signal("beta") == 30
