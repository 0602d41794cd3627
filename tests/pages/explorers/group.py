"""What the explorer of a group shows: by pgbook's baseline of the other returns."""

import numpy as np

from pgbook import estimators


def meant(**rewards):
    R = np.array([rewards[f"R{k}"] for k in range(1, 7)], dtype=float)
    # The mean of all six is the mean of the others, with a sixth of the own reward.
    centred = 5 / 6 * (R - estimators.leave_one_out(R))
    return {"R": R, "centred": centred, "divided": centred / (R.std() + 1e-4)}


def check_numbers(live, settings):
    expected = meant(**settings)
    np.testing.assert_allclose(
        live.rows("responses", *expected), list(expected.values()), rtol=1e-9, atol=1e-9
    )


def check_picture(live, settings):
    """Bars are as high as their numbers, those of both advantages on one scale, where none is cut."""
    values = meant(**settings)
    assert live.domain("centred_y") == live.domain("divided_y")
    for marks in (["R"], ["centred", "divided"]):
        high = live.domain(f"{marks[0]}_y")[1]
        lengths = np.abs(np.concatenate([values[mark] for mark in marks]))
        assert np.all(lengths <= high)
        heights = np.concatenate([live.boxes(mark)[:, 3] for mark in marks])
        scale = heights.sum() / max(lengths.sum(), 1e-9)
        np.testing.assert_allclose(heights, scale * lengths, atol=0.02)


def check_text(live):
    """The examples of the text."""
    for task, centred, divided in [
        ("one of six right", 0.833, 2.24),
        ("all but one right", -0.833, -2.24),
        ("nearly equal", 0.008, 2.18),
        ("all the same", 0, 0),
    ]:
        live.choose(task)
        found = [column[0] for column in live.rows("responses", "centred", "divided")]
        np.testing.assert_allclose(found[0], centred, atol=0.0005)
        np.testing.assert_allclose(found[1], divided, atol=0.005)


def check_drag(live):
    """A reward is held anywhere above its place and follows the mouse, and only this one."""
    live.choose("one of six right")
    bar, held = live.boxes("R")[0], live.boxes("response")[2]
    live.drag("response", (held[0] + held[2] / 2, bar[1] + bar[3] / 4), item=2)
    # Up to a pixel.
    np.testing.assert_allclose(live.signal("R3"), 0.75, atol=1 / bar[3])
    assert live.settings() == live.start | {"R3": live.signal("R3")}
