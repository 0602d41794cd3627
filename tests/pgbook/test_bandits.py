"""Many learners at once are exactly as many single learners, and chapter 1's loop is the same algorithm."""

import ast
import math
import re

import numpy as np
import pytest

from booktools import notebooks
from pgbook.bandits import learn
from pgbook.estimators import score_function, without_division
from pgbook.policies import Categorical

LOGITS = np.log([0.5, 0.1, 0.1, 0.1, 0.1, 0.1])
calls = []
RETURNS = np.array([1.0, 3.0, -2.0, 0.5, 0.0, 4.0])


def rng(seed=0):
    return np.random.default_rng(seed)


def softmax(z):
    weights = [math.exp(x - max(z)) for x in z]
    return [w / sum(weights) for w in weights]


def one_run(z, r, uniforms, normals, *, step_size, divide=True, baseline=0.0, noise=0.0):
    """One learner, in plain Python, step by step; returns its logits and the actions it took."""
    z, actions, payments = list(z), [], []
    for uniform, normal in zip(uniforms, normals, strict=True):
        pi = softmax(z)
        a, total = 0, pi[0]
        while total <= uniform:
            a, total = a + 1, total + pi[a + 1]
        actions.append(a)
        payments.append(r[a] + noise * normal)
        weight = payments[-1] - (sum(payments) / len(payments) if baseline == "average" else baseline)
        weight *= 1 if divide else pi[a]
        z = [x + step_size * weight * ((b == a) - p) for b, (x, p) in enumerate(zip(z, pi, strict=True))]
    return z, actions


# --- the algorithm ---------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", [0.0, 1.0])
@pytest.mark.parametrize("baseline", [0.0, 0.7, "average"])
@pytest.mark.parametrize(("update", "divide"), [(score_function, True), (without_division, False)])
def test_every_run_is_one_plain_loop(update, divide, baseline, noise):
    runs, steps = 5, 40
    start, r = rng(1).normal(size=(runs, 6)), rng(2).normal(size=(runs, 6))
    settings = {"step_size": 0.3, "baseline": baseline, "noise": noise}
    z, actions = learn(rng(3), r, start, steps=steps, update=update, record=lambda policy, a: a, **settings)

    same, uniforms, normals = rng(3), np.empty((steps, runs)), np.zeros((steps, runs))
    for t in range(steps):
        uniforms[t] = same.random(runs)
        if noise:
            normals[t] = same.standard_normal(runs)
    for i in range(runs):
        alone = one_run(start[i], r[i], uniforms[:, i], normals[:, i], divide=divide, **settings)
        np.testing.assert_array_equal(actions[:, i], alone[1])
        np.testing.assert_allclose(z[i], alone[0], rtol=1e-11, atol=1e-12)


def test_chapter_1_shows_the_same_algorithm():
    """Its ``learn`` is taken from the notebook and run beside ours, on the same random numbers."""
    notebook = notebooks.load(notebooks.ROOT / "chapters" / "01_question.ipynb")
    (source,) = [cell.source for _, cell in notebooks.cells(notebook, "code") if "def learn(" in cell.source]
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    (shown,) = [node for node in functions if node.name == "learn"]
    names = {"np": np, "Categorical": Categorical, "policy": Categorical(LOGITS)}
    exec(compile(ast.Module([shown], []), "chapter 1", "exec"), names)
    history = names["learn"](rng(4), RETURNS, step_size=0.05, runs=30, steps=50)

    start, settings = np.tile(LOGITS, (30, 1)), {"step_size": 0.05, "steps": 50}
    z, ours = learn(rng(4), RETURNS, start, **settings, record=lambda policy, a: policy.probs)
    shown = np.shape(history)[-1]  # of the actions
    np.testing.assert_allclose(history, np.array([*ours, Categorical(z).probs])[..., :shown], rtol=1e-10)


class Even(np.random.Generator):
    """As many runs in each part of [0, 1) as there should be: averages are expectations."""

    def random(self, size=None):
        return (np.arange(math.prod(size)).reshape(size) + 0.5) / math.prod(size)


@pytest.mark.parametrize("constant", [0.0, 5.0])
def test_the_mean_first_update_is_the_gradient_of_the_expected_return(constant):
    start = np.tile(LOGITS, (1000, 1))
    z = learn(Even(np.random.PCG64(0)), RETURNS, start, step_size=0.2, steps=1, baseline=constant)
    exact = 0.2 * Categorical(LOGITS).jvp(RETURNS)
    np.testing.assert_allclose(z.mean(axis=0) - LOGITS, exact, atol=1e-12)


def test_the_mean_first_update_without_division_is_that_of_distorted_returns():
    start = np.tile(LOGITS, (1000, 1))
    z = learn(Even(np.random.PCG64(0)), RETURNS, start, step_size=0.2, steps=1, update=without_division)
    policy = Categorical(LOGITS)
    np.testing.assert_allclose(z.mean(axis=0) - LOGITS, 0.2 * policy.jvp(policy.probs * RETURNS), atol=1e-13)


@pytest.mark.parametrize("unit", [1, 1e-20])
def test_the_average_includes_the_present_payment_and_nothing_before(unit):
    z = learn(rng(5), unit * RETURNS, np.zeros((20, 6)), step_size=1.0, steps=1, baseline="average")
    np.testing.assert_array_equal(z, np.zeros((20, 6)))


def test_noise_is_normal_with_the_given_standard_deviation():
    z = learn(rng(6), [2.0, 2.0], np.zeros((2, 10_000, 2)), step_size=1.0, steps=1, noise=[[0.5], [3.0]])
    payments = 2 * np.abs(z[..., 0])  # 1 - π = 1/2 for either action; the sign tells which was taken
    signs = np.sign(z[..., 0])
    assert abs(signs.mean()) < 0.03
    np.testing.assert_allclose(payments[0].mean(), 2, atol=0.02)
    np.testing.assert_allclose(payments[0].std(), 0.5, rtol=0.03)
    np.testing.assert_allclose((payments[1] ** 2).mean(), 3.0**2 + 2**2, rtol=0.05)


def test_each_run_may_have_its_own_step_size():
    both = learn(rng(7), RETURNS, np.zeros((2, 6)), step_size=[0.1, 0.2], steps=1, record=lambda policy, a: a)
    for z, action, step_size in zip(both[0], both[1][0], [0.1, 0.2], strict=True):
        np.testing.assert_allclose(z, step_size * RETURNS[action] * Categorical(np.zeros(6)).score(action))


# --- shapes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("returns", "logits", "shape"),
    [
        ((6,), (6,), (6,)),
        ((6,), (4, 6), (4, 6)),
        ((4, 6), (6,), (4, 6)),
        ((3, 1, 6), (4, 6), (3, 4, 6)),
        ((6,), (0, 6), (0, 6)),
    ],
)
def test_returns_and_logits_broadcast(returns, logits, shape):
    record = lambda policy, actions: actions  # noqa: E731
    z, actions = learn(rng(), np.ones(returns), np.zeros(logits), step_size=0.1, steps=3, record=record)
    assert z.shape == shape
    assert actions.shape == (3, *shape[:-1])
    assert learn(rng(), np.ones(returns), np.zeros(logits), step_size=0.1, steps=3).shape == shape


@pytest.mark.parametrize("shape", [(), (3,), (2, 1), (2, 3)])
@pytest.mark.parametrize("baseline", [0.3, "average"])
def test_what_each_run_has_of_its_own_broadcasts_against_runs_of_any_shape(shape, baseline):
    settings = {"step_size": 0.1, "noise": 0.5, "baseline": baseline}
    spread = {k: value if isinstance(value, str) else np.full(shape, value) for k, value in settings.items()}
    z = [learn(rng(), [1.0, 0.0], np.zeros((2, 3, 2)), steps=3, **given) for given in (settings, spread)]
    assert z[0].shape == (2, 3, 2)
    np.testing.assert_array_equal(*z)


def test_without_steps_nothing_moves():
    z, records = learn(rng(), RETURNS, LOGITS, step_size=0.1, steps=0, record=lambda policy, actions: 1)
    np.testing.assert_array_equal(z, LOGITS)
    assert records.shape == (0,)


def test_one_action_has_nothing_to_learn():
    np.testing.assert_array_equal(learn(rng(), [5.0], [[2.0]], step_size=1.0, steps=10), [[2.0]])


# --- bad input -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"returns": 1.0}, "returns and logits must end in the same K, but their shapes are (), (3, 2)"),
        (
            {"returns": [1, 2, 3]},
            "returns and logits must end in the same K, but their shapes are (3,), (3, 2)",
        ),
        ({"returns": np.zeros((5, 2))}, "these shapes do not broadcast: returns (5, 2), logits (3, 2)"),
        ({"logits": [0, np.inf]}, "logits must be finite or -inf, but logits[1] is inf"),
        ({"logits": 0.0}, "logits must have shape (..., K) with K >= 1, but the shape is ()"),
        ({"step_size": 0.0}, "step_size must be positive, but it contains 0.0"),
        ({"step_size": [0.1, -0.1, 0.1]}, "step_size must be positive, but it contains -0.1"),
        ({"step_size": [0.1, 0.1]}, "these shapes do not broadcast: step_size (2,), runs (3,)"),
        ({"step_size": np.ones((2, 1))}, "step_size has shape (2, 1), which is more than the runs, (3,)"),
        ({"steps": True}, "steps must be an integer, at least 0, but it is True"),
        ({"baseline": "mean"}, "baseline must hold real numbers, but its dtype is <U4"),
        ({"baseline": [1, 2]}, "these shapes do not broadcast: baseline (2,), runs (3,)"),
        (
            {"returns": [1.7e308] * 2, "baseline": -1.7e308},
            "returns, baseline and noise: a result exceeds the range of float64",
        ),
        ({"noise": -1}, "noise must be at least 0, but it contains -1.0"),
        ({"update": lambda policy, a, r: r}, "update must return the shape of the logits, (3, 2), not (3,)"),
        (
            {"update": lambda policy, a, r: np.full((3, 2), np.nan)},
            "what update returns must be finite, but what update returns[0, 0] is nan",
        ),
        (
            {"update": lambda policy, a, r: None},
            "what update returns must hold real numbers, but its dtype is object",
        ),
    ],
)
def test_bad_input_is_named(change, message):
    good = {"rng": rng(), "returns": [1.0, 0.0], "logits": np.zeros((3, 2)), "step_size": 0.1, "steps": 1}
    with pytest.raises(ValueError) as error:  # noqa: PT011
        learn(**good | change)
    assert message == str(error.value)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (
            lambda policy, a: np.arange(len(calls)),
            "one shape at every step, but it returned (1,) in step 1 and (2,)",
        ),
        (
            lambda policy, a: [[1], [2, 3]],
            "record must return an array, but its rows differ in length in step 1",
        ),
    ],
)
def test_a_record_of_another_shape_is_refused_in_the_step_that_makes_it(record, message):
    calls.clear()

    def counted(policy, actions):
        calls.append(actions)
        return record(policy, actions)

    with pytest.raises(ValueError, match=re.escape(message)):
        learn(rng(), [1.0, 0.0], np.zeros((3, 2)), step_size=0.1, steps=10**9, record=counted)
    assert len(calls) <= 2


def test_what_is_recorded_is_copied():
    buffer = np.zeros(1)

    def record(policy, actions):
        buffer[:] += 1
        return buffer

    _, records = learn(rng(), [1.0, 0.0], np.zeros((3, 2)), step_size=0.1, steps=3, record=record)
    np.testing.assert_array_equal(records[:, 0], [1, 2, 3])


def test_a_masked_action_is_never_taken_and_stays_masked():
    start, record = [[0.0, -np.inf, 0.0]] * 50, lambda policy, actions: actions
    with np.errstate(all="raise"):
        z, actions = learn(rng(), [1.0, 9.0, 0.0], start, step_size=0.5, steps=20, record=record)
    assert set(np.unique(actions)) == {0, 2}
    np.testing.assert_array_equal(np.isinf(z), np.isinf(start))


# --- what it is for --------------------------------------------------------------------------------


def test_it_learns_with_the_division_and_is_trapped_without():
    start = np.tile(np.log([0.1, 0.9]), (200, 1))
    ends = [
        Categorical(learn(rng(10), [1.0, 0.5], start, step_size=0.1, steps=800, update=update)).probs[:, 0]
        for update in (score_function, without_division)
    ]
    assert (ends[0] > 0.5).mean() > 0.95
    assert (ends[1] > 0.5).mean() < 0.05
