"""What 48 learners do, step by step: by pgbook's estimators, from the same luck."""

import re

import numpy as np

from pgbook import estimators
from pgbook.explorers.triangle import SIDE
from pgbook.figures import simplex_xy
from pgbook.policies import Categorical
from tests.pages.explorers.simplex import lines

LEARNERS, STEPS, SEED = 48, 60, 411


def uniforms():
    """One number a step and learner, shape (STEPS, LEARNERS): each has STEPS numbers of one stream."""
    stream = [SEED]
    for _ in range(LEARNERS * STEPS):
        stream.append(16807 * stream[-1] % (2**31 - 1))
    return np.reshape(stream[1:], (LEARNERS, STEPS)).T / (2**31 - 1)


def start_and_returns(settings):
    first, second = settings["start1"], settings["start2"]
    returns = np.array([settings[f"r{arm}"] for arm in (1, 2, 3)])
    return np.array([first, second, 1 - first - second]), returns


def estimate(policy, arms, returns, settings):
    """The update of one sample, with or without the division, with or without a baseline."""
    if not settings.get("division", True):
        return estimators.without_division(policy, arms, returns[arms])
    baselines = {"none": 0.0, "mean return J": policy.probs @ returns, "best return": returns.max()}
    beta = np.broadcast_to(baselines[settings.get("baseline", "none")], arms.shape)
    return estimators.score_function(policy, arms, returns[arms], baseline=beta)


def paths(settings):
    """Policies, shape (STEPS + 1, LEARNERS + 1, 3); the last learner makes the expected update."""
    start, returns = start_and_returns(settings)
    z, mean = np.tile(np.log(start), (LEARNERS, 1)), np.log(start)
    found = []
    for u in [*uniforms(), None]:
        policy, expected = Categorical(z), Categorical(mean)
        found.append(np.vstack([policy.probs, expected.probs]))
        if u is not None:
            arms = (u[:, None] >= policy.probs.cumsum(axis=1)[:, :2]).sum(axis=1)
            z = z + settings["alpha"] * estimate(policy, arms, returns, settings)
            mean = mean + settings["alpha"] * mean_update(expected, returns, settings)
    return np.array(found)


def mean_update(policy, returns, settings):
    """By enumeration."""
    each = [estimate(policy, np.array(arm), returns, settings) for arm in range(3)]
    return policy.probs @ np.array(each)


def check_numbers(live, settings):
    expected = paths(settings)
    drawn = np.array(live.rows("learners", *(f"p{k}" for k in range(STEPS + 1))))
    np.testing.assert_allclose(drawn, expected, rtol=1e-9, atol=1e-9)
    now, (_, returns) = expected[settings["step"]], start_and_returns(settings)
    counted = live.rows("count", "at1", "at2", "at3", "J")
    np.testing.assert_array_equal(np.ravel(counted[:3]), (now[:-1] >= 0.9).sum(axis=0))
    np.testing.assert_allclose(counted[3], (now[:-1] @ returns).mean(), rtol=1e-9)
    np.testing.assert_allclose(live.rows("learners", "J")[0][-1], now[-1] @ returns, rtol=1e-9)


def check_picture(live, settings):
    """Dots and paths are where simplex_xy puts them, and arrows point along the flow, where there is one."""
    expected, step = paths(settings), settings["step"]
    dots = places(live, "cloud", r"M([-\d.]+),([-\d.]+)")
    np.testing.assert_allclose(dots, simplex_xy(expected[step, :-1]), atol=1e-5)
    two = np.moveaxis(expected[: step + 1, [0, LEARNERS]], 0, 1)
    np.testing.assert_allclose(lines(live, "paths"), simplex_xy(two), atol=1e-5)

    drawn = places(live, "arrows", r"M([-\d.]+),([-\d.]+)L([-\d.]+),([-\d.]+)").reshape(-1, 2, 2)
    grid = np.array([[10 - i - j, i, j] for i in range(1, 9) for j in range(1, 10 - i)]) / 10
    returns = start_and_returns(settings)[1]
    flow = [Categorical(probs=p).jvp(mean_update(Categorical(probs=p), returns, settings)) for p in grid]
    moved = simplex_xy(np.array(flow))
    length = np.linalg.norm(moved, axis=1)
    assert np.all((length < 1e-12) | (length > 1e-8))
    there = length > 1e-8
    np.testing.assert_allclose(drawn.mean(axis=1), simplex_xy(grid[there]), atol=1e-5)
    along = np.diff(drawn, axis=1)[:, 0] * SIDE / 12
    np.testing.assert_allclose(along, moved[there] / length[there, None], atol=1e-3)


def places(live, mark, pattern):
    """The numbers in the path of a mark, in sides of the triangle, up from its corner."""
    path = live.box.locator(f".picture > :not(.ghost) .{mark} > path").get_attribute("d") or ""
    return np.array(re.findall(pattern, path), dtype=float).reshape(-1, 2) / [SIDE, -SIDE]


def after_all_steps(live, task):
    """How many are at each arm in the end, what they earn, and what the expected update earns."""
    live.choose(task)
    live.set_controls({"step": STEPS})
    counted, (J,) = np.ravel(live.rows("count", "at1", "at2", "at3", "J")), live.rows("learners", "J")
    return [*counted[:3].astype(int), *np.round([counted[3], J[-1]], 3)]


def check_text(live):
    """The answers of the text; it plays, and pauses at the end."""
    assert after_all_steps(live, "with 1/π") == [42, 2, 0, 0.947, 0.986]
    assert after_all_steps(live, "without") == [5, 43, 0, 0.556, 0.504]
    assert after_all_steps(live, "0.9 against 1")[:3] == [15, 26, 0]
    live.choose("with 1/π")
    live.set_controls({"speed": 5, "play": True})
    live.page.wait_for_function(
        "box => box.view.signal('step') === 60 && !box.view.signal('play')", arg=live.box.element_handle()
    )
    assert not live.box.locator("[name=play]").is_checked()


def check_drag(live):
    """The start is pulled by a tenth of the side to the left, along the edge from arm 2 to arm 1."""
    before, side = live.settings(), live.boxes("triangle")[0][2]
    x, y, width, height = live.boxes("start")[0]
    live.drag("start", (x + width / 2 - side / 10, y + height / 2))
    moved = [live.signal(name) - before[name] for name in ("start1", "start2")]
    np.testing.assert_allclose(moved, [0.1, -0.1], atol=0.015)
