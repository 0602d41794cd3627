"""The corridor of chapter 10, beside a loop over learners."""

import numpy as np
import pytest

from booktools.bench import plain
from booktools.bench.from_chapter import definitions
from booktools.sphinx.speed import CORRIDOR

STEP_SIZE = 2.0**-13


def by_chapter(learners):
    names = "NEXT", "eight_steps", "EIGHT", "play", "sigmoid", "go_through", "reinforce"
    code = definitions("10_networks", *names)
    step_sizes, none = np.full(learners, STEP_SIZE), np.zeros(learners)
    return code["reinforce"](np.random.default_rng(903), step_sizes, none, none.astype(bool))


def by_loop(learners):
    rng = np.random.default_rng(903)
    return [plain.short_corridor(rng, STEP_SIZE, 1000) for _ in range(learners)]


@pytest.mark.parametrize("learners", [3, 30, 300, 1200])
def test_corridor(measure, learners):
    measure(CORRIDOR, learners, "chapter 10", by_chapter, learners, rounds=3)


@pytest.mark.parametrize("learners", [3, 30, 300, 1200])
def test_corridor_by_loop(measure, learners):
    measure(CORRIDOR, learners, "loop over learners", by_loop, 3, rounds=1, part=3 / learners)
