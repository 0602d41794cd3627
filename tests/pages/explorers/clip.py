"""What the explorer of PPO's clip shows: by torch's gradient of what PPO maximises."""

import numpy as np
import torch


def meant(w, A, minimum, eps):
    """What is maximised, and its slope."""
    w = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    ell = torch.clamp(w, 1 - eps, 1 + eps) * A
    ell = torch.minimum(w * A, ell) if minimum else ell
    ell.sum().backward()
    return ell.detach().numpy(), w.grad.numpy()


def places(eps):
    corners = np.array([0, 1 - eps, 1 + eps, 2])
    return corners, (corners[1:] + corners[:-1]) / 2


def check_numbers(live, settings):
    w, rest = settings["w"], {name: value for name, value in settings.items() if name != "w"}
    corners, middles = places(settings["eps"])
    np.testing.assert_allclose(
        live.rows("token", "ell", "slope"), np.transpose([meant([w], **rest)])[0], atol=1e-9
    )
    np.testing.assert_allclose(live.rows("parts", "slope")[0], meant(middles, **rest)[1], atol=1e-9)
    np.testing.assert_allclose(live.rows("corners", "ell")[0], meant(corners, **rest)[0], atol=1e-9)


def check_picture(live, settings):
    """Curve and point lie where they should, bars are as high as slopes, and what is shaded has none."""
    w, rest = settings["w"], {name: value for name, value in settings.items() if name != "w"}
    corners, middles = places(settings["eps"])
    zones, [point] = live.boxes("zone"), live.boxes("point")
    # The zones of a view fill it from edge to edge, so they tell its scales.
    wide, high, zero = zones[:3, 2].sum() / 2, zones[0, 3] / 4, zones[0, 1] + zones[0, 3] / 2
    assert (live.domain("ell_y"), live.domain("w_x")) == ([-2, 2], [0, 2])
    at = np.append(corners, w)
    drawn = np.vstack([live.line("ell"), point[:2] + point[2:] / 2])
    expected = [zones[0, 0] + wide * at, zero - high * meant(at, **rest)[0]]
    np.testing.assert_allclose(drawn.T, expected, atol=0.02)
    slopes, heights = meant(np.append(middles, w), **rest)[1], []
    for box in [*live.boxes("slopes"), *live.boxes("slope")]:
        heights.append(box[3])
        below = box[1] + box[3] / 2 > zones[3, 1] + zones[3, 3] / 2 + 0.01
        assert below == (settings["A"] < 0 and box[3] > 0.01)
    np.testing.assert_allclose(heights, zones[3, 3] / 2.6 * np.abs(slopes), atol=0.02)
    shaded = live.box.locator(".picture > :not(.ghost) .zone > path").evaluate_all(
        "all => all.map(it => +it.getAttribute('fill-opacity') > 0)"
    )
    assert shaded == 2 * list((slopes[:3] == 0) & (settings["A"] != 0))


def check_text(live):
    """The examples of the text."""
    slopes = {
        "fresh": 1,
        "praised, likelier": 0,
        "praised, rarer": 1,
        "blamed, likelier": -1,
        "blamed, rarer": 0,
    }
    assert list(slopes) == live.tasks
    for task, slope in slopes.items():
        live.choose(task)
        assert live.rows("token", "slope")[0] == slope
    live.choose("praised, rarer")
    live.set_controls({"minimum": False})
    assert live.rows("token", "slope")[0] == 0


def check_drag(live):
    """The ratio follows the mouse along the curve, and is alive again below 1.2."""
    live.choose("praised, likelier")
    [point], zones = live.boxes("point"), live.boxes("zone")
    live.drag("hand", (zones[1, 0] + zones[1, 2] / 2, point[1]))
    assert live.signal("w") == 1
    assert live.rows("token", "slope")[0] == 1
