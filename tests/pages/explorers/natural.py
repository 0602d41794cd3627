"""Plain and natural gradient ascent: with pgbook's Fisher information, and in closed form."""

import numpy as np

from pgbook.explorers.natural import EVERY, STEPS
from pgbook.explorers.triangle import SIDE
from pgbook.figures import simplex_xy
from pgbook.policies import Categorical, softmax
from tests.pages.explorers import simplex
from tests.pages.explorers.simplex import lines, places

check_drag = simplex.check_drag


def meant(shown, r1, r2, r3, start1, start2):
    """The returns, and the policies after 0 … 50 updates, plain and natural, shape (2, 51, 3)."""
    r, start, plain = np.array([r1, r2, r3]), np.log([start1, start2, 1 - start1 - start2]), []
    z = start
    for _ in range(STEPS + 1):
        plain.append(Categorical(z).probs)
        z = z + Categorical(z).jvp(r)
    return r, np.array([plain, softmax(start + np.arange(STEPS + 1)[:, None] * r)])


def check_numbers(live, settings):
    r, paths = meant(**settings)
    found = np.moveaxis(live.rows("learners", *[f"p{k}" for k in range(STEPS + 1)]), 0, 1)
    np.testing.assert_allclose(found, paths, rtol=1e-9, atol=1e-9)
    # The Fisher information makes the gradient of each natural step.
    policy, steps = Categorical(probs=found[1, :-1]), np.diff(np.log(found[1]), axis=0)
    made = (policy.fisher() @ steps[..., None])[..., 0]
    np.testing.assert_allclose(made, policy.jvp(r), rtol=1e-9, atol=1e-9)
    enough = paths @ r >= 0.95 * max(r)
    after = np.where(enough.any(axis=1), enough.argmax(axis=1), STEPS + 1)
    np.testing.assert_array_equal(live.rows("learners", "after")[0], after)


def check_picture(live, settings):
    """Paths as far as shown, and a dot at every fifth update, are where `simplex_xy` puts the policies."""
    _, paths = meant(**settings)
    shown = settings["shown"]
    np.testing.assert_allclose(lines(live, "paths"), simplex_xy(paths[:, : shown + 1]), atol=1e-5)
    dotted = [k for k in range(EVERY, STEPS + 1, EVERY) if k <= shown]
    drawn = live.boxes("dots")[:, 2] > 0
    assert drawn.sum() == 2 * len(dotted)
    policies = np.moveaxis(paths[:, dotted], 0, 1).reshape(-1, 3)
    np.testing.assert_allclose(places(live, "dots")[drawn], simplex_xy(policies), atol=0.06 / SIDE)
    np.testing.assert_allclose(places(live, "start"), simplex_xy(paths[:1, 0]), atol=0.06 / SIDE)


def check_text(live):
    """The updates after which each has 95 % of the best return; 51 is not in 50."""
    for task, after in zip(live.tasks, [[51, 41], [24, 5], [51, 7]], strict=True):
        live.choose(task)
        assert live.rows("learners", "after")[0].tolist() == after
    live.choose("rare best arm")
    # Arm 1 is as likely as arm 2 after log 60 / 0.1 updates, rounded up.
    before, then = live.rows("learners", "p40", "p41")
    assert before[1][0] < before[1][1]
    assert then[1][0] > then[1][1]
