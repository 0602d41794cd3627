"""Where learning ends from every start: step by step with pgbook's Jacobian, and by the flow itself."""

import re

import numpy as np
from scipy.integrate import solve_ivp

from pgbook.explorers.simplex import LENGTH, STEPS
from pgbook.explorers.triangle import SIDE
from pgbook.figures import simplex_xy
from pgbook.policies import Categorical


def direction(z, r, division):
    """The expected update for logits ``z``."""
    policy = Categorical(z)
    return policy.jvp(r if division else policy.probs * r)


def meant(division, r1, r2, r3, start1, start2):
    """The returns, and the policies along each path, shape (37, 41, 3); the reader's start is the last."""
    begins = [[i / 10, j / 10, 1 - i / 10 - j / 10] for i in range(1, 10) for j in range(1, 10 - i)]
    r, path = np.array([r1, r2, r3]), []
    z = np.log([*begins, [start1, start2, 1 - start1 - start2]])
    for _ in range(STEPS + 1):
        path.append(Categorical(z).probs)
        # Along the expected update, and each step as long as the one before.
        g = direction(z, r, division)
        z = z + LENGTH * g / np.maximum(np.abs(g).max(axis=1, keepdims=True), 1e-9)
    return r, np.moveaxis(path, 0, 1)


def check_numbers(live, settings):
    r, paths = meant(**settings)
    found = np.array(live.rows("starts", *[f"p{k}" for k in range(STEPS + 1)]))
    np.testing.assert_allclose(np.moveaxis(found, 0, 1), paths, rtol=1e-9, atol=1e-9)

    # The flow itself ends where the path ends; its time is e^s, and paths do not depend on each other.
    def flow(s, z):
        return np.exp(s) * direction(z.reshape(37, 3), r, settings["division"]).ravel()

    begins, times = np.log(paths[:, 0]).ravel(), (-2, np.log(1e6))
    end = solve_ivp(flow, times, begins, method="LSODA", rtol=1e-6, atol=1e-6, lband=2, uband=2).y[:, -1]
    value, best, reached = live.rows("starts", "value", "best", "reached")
    np.testing.assert_allclose(value, Categorical(end.reshape(37, 3)).probs @ r, atol=0.005)
    np.testing.assert_array_equal(best, max(r) - value < 0.005)
    assert set(reached) == {best[:-1].sum()}


def places(live, mark):
    """Where the dots of a mark are, if arm 1 alone is (0, 0) and arm 2 alone is (1, 0)."""
    x, y, width, height = live.boxes(mark).T
    left, top, side, high = live.boxes("triangle")[0]
    assert side == SIDE
    return np.stack([x + width / 2 - left, top + high - y - height / 2], axis=-1) / SIDE


def lines(live, mark):
    """The points of the paths of a mark, likewise."""
    drawn = live.box.locator(f".picture > :not(.ghost) .{mark} > path")
    paths = drawn.evaluate_all("all => all.map(it => it.getAttribute('d'))")
    points = [re.findall(r"-?[\d.]+(?:e-?\d+)?", path) for path in paths]
    return np.array(points, dtype=float).reshape(len(paths), -1, 2) / [SIDE, -SIDE]


def check_picture(live, settings):
    """Paths and dots are where `simplex_xy` puts the policies, and the right dots are filled."""
    r, paths = meant(**settings)
    np.testing.assert_allclose(lines(live, "paths"), simplex_xy(paths), atol=1e-5)
    np.testing.assert_allclose(lines(live, "own"), simplex_xy(paths[-1:]), atol=1e-5)
    np.testing.assert_allclose(places(live, "dots"), simplex_xy(paths[:, 0]), atol=0.06 / SIDE)
    np.testing.assert_allclose(places(live, "start"), simplex_xy(paths[-1:, 0]), atol=0.06 / SIDE)
    dots = live.box.locator(".picture > :not(.ghost) :is(.dots, .start) > path")
    filled = dots.evaluate_all("all => all.map(it => it.getAttribute('fill') !== 'white')")
    best = max(r) - paths[:, -1] @ r < 0.005
    assert filled == [*best, best[-1]]


def check_drag(live):
    """The start follows the mouse."""
    left, top, _, high = live.boxes("triangle")[0]
    for p in [(0.3, 0.4, 0.3), (0.6, 0.1, 0.3)]:
        x, y = SIDE * simplex_xy(p)
        live.drag("start", (left + x, top + high - y))
        assert live.settings() == live.start | {"start1": p[0], "start2": p[1]}
    # Where one slider leaves no room, the other gives way.
    live.set_controls({"start1": 0.7})
    assert (live.signal("start1"), live.signal("start2")) == (0.7, 0.1)
    live.set_controls({"start2": 0.9})
    assert (live.signal("start1"), live.signal("start2")) == (0.09, 0.9)


def check_text(live):
    """How many starts reach the best arm."""
    for task, reached in zip(live.tasks, [36, 19, 13, 36], strict=True):
        live.choose(task)
        assert live.rows("starts", "reached")[0][0] == reached
    live.choose("without 1/π")
    live.set_controls({"r2": 0, "r3": 0})
    assert live.rows("starts", "reached")[0][0] == 36
