"""What a weight climbs: by torch's gradient of the objective, pgbook's scores, and a fine walk uphill."""

import numpy as np
import torch

from pgbook.policies import Categorical

POLICIES = np.clip(np.arange(101) / 100, 1e-6, 1 - 1e-6)
# The size of a step of the walk, and of the views.
STEP, GAIN, CREDIT = 1e-4, 0.25, [-1, 1.5]


def objective(q, d, a, weight, c, cut, eps):
    """F of an arm's probability q, if it is drawn with probability d; what PPO clips has its dead zone."""
    if weight == "1 or 0 (PPO)":
        return torch.clamp(q, max=(1 + eps) * d) if a > 0 else torch.clamp(q, min=(1 - eps) * d)
    return {
        "1": q,
        "π": q**2 / 2,
        "cπ + 1 − c": (1 - c) * q + c * q**2 / 2,
        "1/π": torch.log(q),
        "ρ/π": d * torch.log(q),
        "min(1, Cρ/π)": torch.where(q < cut * d, q, cut * d * (1 + torch.log(q / (cut * d)))),
        "gate (delightful)": torch.log(1 + q) if a > 0 else q - torch.log(1 + q),
    }[weight]


def meant(policies, weight, start, A2, c, cut, eps):
    """What is climbed, minus its value at the start, and the credits of both arms, at these policies."""
    a2 = (-1 if A2 < 0 else 1) if weight == "gate (delightful)" else A2
    values, credits = [], []
    for q, d, a in [(policies, start, 1), (1 - policies, 1 - start, a2)]:
        q = torch.tensor(q, requires_grad=True)
        F = objective(q, d, a, weight, c, cut, eps)
        origin = objective(torch.tensor(d, dtype=torch.float64), d, a, weight, c, cut, eps)
        [slope] = torch.autograd.grad(F.sum(), q)
        values.append(a * (F - origin).detach().numpy())
        credits.append(a * slope.numpy())
    return sum(values), *credits


def check_numbers(live, settings):
    gain, first, second = meant(POLICIES, **settings)
    found = live.rows("policies", "gain", "k1", "k2")
    # Where something is clipped, torch's slope on the edge itself is that of one of both sides.
    away = np.ones(101, bool)
    if settings["weight"] == "1 or 0 (PPO)":
        start, eps = settings["start"], settings["eps"]
        edges = [
            (1 + eps) * start,
            (1 - eps) * start,
            1 - (1 + eps) * (1 - start),
            1 - (1 - eps) * (1 - start),
        ]
        away = np.abs(POLICIES[:, None] - edges).min(axis=1) > 1e-6
    np.testing.assert_allclose(found[0], gain, rtol=1e-9, atol=1e-9)
    for one, expected in zip(found[1:], [first, second], strict=True):
        np.testing.assert_allclose(one[away], expected[away], rtol=1e-6, atol=1e-9)
    # The credits are what the mean of the weighted scores moves the logits by (eq-weight-credit).
    inner = slice(1, 100)
    policy = Categorical(probs=np.stack([POLICIES, 1 - POLICIES], axis=1)[inner])
    moved = policy.jvp(np.stack([first, second], axis=1)[inner])[:, 0]
    across = (POLICIES * (1 - POLICIES))[inner] * (found[1] - found[2])[inner]
    np.testing.assert_allclose(across[away[inner]], moved[away[inner]], rtol=1e-6, atol=1e-9)
    # A walk uphill, in small steps, ends where the flow does.
    start = settings["start"]
    _, *credits = meant(np.array([start]), **settings)
    way = np.sign(round(credits[0][0] - credits[1][0], 9))
    walk = start + way * STEP * np.arange(1, round(1 / STEP))
    walk = walk[(walk > 0) & (walk < 1)]
    _, first, second = meant(walk, **settings)
    against = np.flatnonzero(way * (first - second) <= 0)
    end = start if way == 0 else walk[against[0]] if against.size else (way + 1) / 2
    np.testing.assert_allclose(live.rows("policies", "end")[0][0], end, atol=0.005)


def check_picture(live, settings):
    """Hill, ball and end lie where they should, by the scale that the frame of both views tells."""
    gain, first, second = meant(POLICIES, **settings)
    assert (live.domain("p_x"), live.domain("gain_y"), live.domain("credit_y")) == (
        [0, 1],
        [-GAIN, GAIN],
        CREDIT,
    )
    [here], [ball], [end] = (live.boxes(name) for name in ("here", "ball", "end"))
    x, zero = ball[0] + ball[2] / 2, ball[1] + ball[3] / 2
    hill = live.line("hill")
    left, wide = hill[0, 0], hill[-1, 0] - hill[0, 0]
    assert wide > 290
    np.testing.assert_allclose(x - left, wide * settings["start"], atol=0.05)
    np.testing.assert_allclose(here[0] + here[2] / 2, x, atol=0.6)
    # A view's height is what its clip shows: 150 units for the hill, 100 for the credits.
    inside = np.abs(gain) < GAIN
    drawn = (zero - hill[:, 1])[inside] / 150 * 2 * GAIN
    np.testing.assert_allclose(drawn, gain[inside], atol=1e-3)
    np.testing.assert_allclose(hill[:, 0] - left, wide * POLICIES, atol=0.05)
    stop = live.rows("policies", "end")[0][0]
    np.testing.assert_allclose(end[0] + end[2] / 2 - left, wide * stop, atol=0.06)
    low = here[1] + here[3]
    for name, credit in [("credit1", first), ("credit2", second)]:
        line = live.line(name)
        jumps = np.append(np.abs(np.diff(credit)), 0) + np.insert(np.abs(np.diff(credit)), 0, 0)
        shown = (credit > CREDIT[0] - 0.9) & (credit < CREDIT[1] + 0.9) & (jumps < 0.3)
        height = CREDIT[0] + (low - line[:, 1]) / here[3] * 2.5
        np.testing.assert_allclose(height[shown], credit[shown], atol=0.02)


def check_text(live):
    """Where the flows of the text end."""
    ends = {
        "divided": 1,
        "not divided": 0,
        "rare held back": 0,
        "ratio cut": 0.6 / 0.9,
        "PPO's clip": 0.36,
        "delightful": 0.5,
    }
    assert list(ends) == live.tasks
    for task, end in ends.items():
        live.choose(task)
        np.testing.assert_allclose(live.rows("policies", "end")[0][0], end, atol=0.003)


def check_drag(live):
    """The start follows the mouse, to the other side of the valley."""
    live.choose("not divided")
    [ball], hill = live.boxes("ball"), live.line("hill")
    live.drag("hand", (hill[0, 0] + 0.6 * (hill[-1, 0] - hill[0, 0]), ball[1]))
    assert live.signal("start") == 0.6
    assert live.rows("policies", "end")[0][0] == 1
