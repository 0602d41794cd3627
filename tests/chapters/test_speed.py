"""What "How fast, and why" says is what was measured; the same results as the others'; no array too large."""

import re

import numpy as np
import pytest

from booktools import notebooks
from booktools.bench import plain
from booktools.bench.from_chapter import definitions
from booktools.bench.memory import peak
from booktools.sphinx import speed
from pgbook import bandits
from pgbook.policies import BernoulliLogit, Categorical, GaussianLogStd

PAGE = notebooks.ROOT / "chapters" / "appendix" / "fast.md"
GROUPS = speed.grouped(speed.load()["rows"])


def test_every_missed_target_is_explained_and_no_other():
    missed = {target.text for target in speed.TARGETS if not speed.met(target, target.value(GROUPS))}
    text = PAGE.read_text(encoding="utf-8").partition("## What is missed, and why")[2].partition("\n## ")[0]
    explained = re.findall(r"^(\S.*)\n: ", text, re.MULTILINE)
    assert sorted(explained) == sorted(missed)


def test_where_pytorch_is_faster_its_whole_way_takes_no_longer_than_the_floor():
    rows = [people for task in speed.SCORES for people in GROUPS[task].values()]
    least = [(min(people[name]["min"] for name in speed.PEERS), people) for people in rows]
    faster = [(time, people) for time, people in least if time < people[speed.OURS]["min"]]
    assert faster
    assert all(time <= 1.01 * people[speed.FLOOR]["min"] for time, people in faster)


def differ(*learners):
    """How many standard errors the means of two groups of learners, shape (learners, steps), are apart."""
    means = [each.mean(axis=1) for each in learners]
    error = np.hypot(*[mean.std(ddof=1) / np.sqrt(len(mean)) for mean in means])
    return abs(means[0].mean() - means[1].mean()) / error


@pytest.mark.parametrize("with_baseline", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_the_loop_learns_what_pgbook_learns(with_baseline):
    rng = np.random.default_rng(21)
    runs, steps, means = 300, 100, rng.normal(4, 1, size=10)
    best = means.argmax()

    def ours(step_size):
        settings = {"step_size": step_size, "steps": steps, "noise": 1.0}
        settings["baseline"] = "average" if with_baseline else 0.0
        settings["record"] = lambda policy, actions: actions == best
        return bandits.learn(rng, means, np.zeros((20 * runs, 10)), **settings)[1].T

    loop = np.array([plain.gradient_bandit(rng, means, 0.1, steps, with_baseline) for _ in range(runs)])
    right, wrong = ours(0.1), ours(0.01)
    assert differ(loop[:, :50], right[:, :50]) < 4
    assert differ(loop[:, 50:], right[:, 50:]) < 4
    assert differ(loop[:, 50:], wrong[:, 50:]) > 6


@pytest.mark.slow
def test_the_loop_walks_the_corridor_as_the_chapter_does():
    names = "NEXT", "eight_steps", "EIGHT", "play", "sigmoid", "go_through", "reinforce"
    code = definitions("10_networks", *names)
    rng, learners, episodes = np.random.default_rng(22), 40, 30
    loop = np.array([plain.short_corridor(rng, 2.0**-12, episodes) for _ in range(learners)])
    none = np.zeros(10 * learners)
    ours = code["reinforce"](rng, none + 2.0**-12, none, none.astype(bool), episodes).T
    assert differ(loop[:, :5], ours[:, :5]) < 4
    assert differ(loop[:, 20:], ours[:, 20:]) < 4
    assert differ(loop[:, 20:], ours[:, :5]) > 6


@pytest.mark.parametrize("size", [1_000, 10_000])
def test_scores_hold_a_few_arrays_of_the_parameters_size_and_no_matrix(size):
    logits = np.random.default_rng(23).normal(size=(64, size))
    actions = np.zeros(64, int)
    assert peak(lambda: Categorical(logits).score(actions)) < 4.2 * logits.nbytes
    assert peak(lambda: BernoulliLogit(logits).score(actions[:, None])) < 6 * logits.nbytes
    assert peak(lambda: GaussianLogStd(logits, logits).score(logits)) < 10 * logits.nbytes
