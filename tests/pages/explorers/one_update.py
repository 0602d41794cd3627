"""What the explorer of one update shows: by pgbook's estimators."""

import numpy as np

from pgbook import estimators
from pgbook.policies import Categorical


def meant(a, R, beta, others, division, **z):
    z = [np.log(5) if z["z1"] == 1.61 else z["z1"], *(z[f"z{b}"] for b in range(2, 7))]
    policy, taken = Categorical(z), np.arange(6)
    estimate = estimators.score_function if division else estimators.without_division
    returns = np.where((taken == a - 1) | others, R, 0) - beta
    return {
        "pi": policy.probs,
        "score": policy.score(a - 1),
        "update": estimate(policy, a - 1, R - beta),
        "expected": policy.probs @ estimate(policy, taken, returns),
    }


def check_numbers(live, settings):
    rows = live.rows("actions", "pi", "score", "update", "expected")
    np.testing.assert_allclose(rows, list(meant(**settings).values()), rtol=1e-9, atol=1e-9)


def check_picture(live, settings):
    """Bars are as high as their numbers, both rows of updates on one scale, up to where they are cut."""
    values = meant(**settings)
    for marks in (["pi"], ["score"], ["update", "expected"]):
        low, high = live.domain(f"{marks[0]}_y")
        assert live.domain(f"{marks[-1]}_y") == [low, high]
        heights = np.concatenate([live.boxes(mark)[:, 3] for mark in marks])
        lengths = np.abs(np.clip(np.concatenate([values[mark] for mark in marks]), low, high))
        scale = heights.sum() / max(lengths.sum(), 1e-9)
        np.testing.assert_allclose(heights, scale * lengths, atol=0.02)


def check_text(live):
    """The examples of the text."""
    for task, one, average in [("only action 1 pays", 25, 12.5), ("only action 2 pays", 45, 4.5)]:
        live.choose(task)
        update, expected = live.rows("actions", "update", "expected")
        action = live.signal("a") - 1
        np.testing.assert_allclose([update[action], expected[action]], [one, average], atol=1e-9)
    # Without the division the likely action is favoured, down to z₁ = 0, where the slider can stop.
    live.choose("all pay, undivided")
    np.testing.assert_allclose(live.rows("actions", "expected")[0], [5, -1, -1, -1, -1, -1], atol=1e-9)
    for z1, favour in [(1.61, 1), (0, 0), (-0.07, -1)]:
        live.set_controls({"z1": z1})
        assert live.signal("z1") == z1
        assert np.sign(round(live.rows("actions", "expected")[0][0], 9)) == favour


def check_drag(live):
    """The bar of action 2 follows the mouse to one half, up to a pixel and half a step of its slider."""
    low, high = next(scale["range"] for scale in live.spec["scales"] if scale["name"] == "pi_y")
    (x, _, width, _) = live.boxes("pi")[1]
    live.drag("pi", (x + width / 2, (low + high) / 2), item=1)
    np.testing.assert_allclose(live.rows("actions", "pi")[0][1], 0.5, atol=1 / (low - high) + 0.1 / 8)
    assert live.settings() == live.start | {"z2": live.signal("z2")}
