"""What the explorer of one raised logit shows: by pgbook's softmax and its Jacobian."""

import numpy as np

from pgbook.policies import Categorical


def meant(b, delta, lead):
    z = np.array([np.log(5) if lead == 1.6 else lead, 0, 0, 0, 0, 0])
    step = delta * np.eye(6)[b - 1]
    before, after = Categorical(z), Categorical(z + step)
    return {
        "pi": before.probs,
        "after": after.probs,
        "change": after.probs - before.probs,
        "promised": before.jacobian() @ step,
    }


def check_numbers(live, settings):
    rows = live.rows("actions", "pi", "after", "change", "promised")
    np.testing.assert_allclose(rows, list(meant(**settings).values()), rtol=1e-9, atol=1e-9)


def check_picture(live, settings):
    """Bars and outlines are as high as their numbers, changes and promises on one scale; nothing is cut."""
    values = meant(**settings)
    for scale, marks in {
        "pi_y": {"pi": "after", "before": "pi"},
        "change_y": {"change": "change", "promised": "promised"},
    }.items():
        boxes = np.concatenate([live.boxes(mark) for mark in marks])
        lengths = np.concatenate([values[field] for field in marks.values()])
        low, high = live.domain(scale)
        np.testing.assert_array_equal(lengths, np.clip(lengths, low, high))
        unit = boxes[:, 3].sum() / max(np.abs(lengths).sum(), 1e-9)
        np.testing.assert_allclose(boxes[:, 3], unit * np.abs(lengths), atol=0.02)
        # Gains stand on the line of zero, losses hang from it.
        zero = boxes[:, 1] + boxes[:, 3] * (lengths > 0)
        np.testing.assert_allclose(zero, zero[0], atol=0.02)


def check_text(live):
    """The answers of the text."""
    answers = {
        "raise the likely one": ([0.231, -0.046], [0.25, -0.05]),
        "raise a rare one": ([-0.073, 0.132, -0.015], [-0.05, 0.09, -0.01]),
        "nearly certain": ([0.0011], [0.0017]),
    }
    for task, (change, promised) in answers.items():
        live.choose(task)
        digits = 4 if task == "nearly certain" else 3
        rows = live.rows("actions", "change", "promised")
        for row, shown in zip(rows, (change, promised), strict=True):
            np.testing.assert_allclose(row[: len(shown)].round(digits), shown, atol=1e-9)
    live.choose("raise a rare one")
    after, pi = live.rows("actions", "after", "pi")
    np.testing.assert_allclose(100 * np.delete(after / pi, 1), 85.3, atol=0.05)


def check_drag(live):
    """The column of action 3, whose bar is low, is pulled to 0.3, up to a pixel and half a step."""
    low, high = next(scale["range"] for scale in live.spec["scales"] if scale["name"] == "pi_y")
    (x, _, width, _) = live.boxes("pi_held")[2]
    live.drag("pi_held", (x + width / 2, low + 0.3 * (high - low)), item=2)
    assert live.signal("b") == 3
    np.testing.assert_allclose(live.rows("actions", "after")[0][2], 0.3, atol=1 / (low - high) + 0.1 / 8)
