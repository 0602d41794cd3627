"""Many learners at once are exactly as many single learners, and chapter 1's loop is the same algorithm."""

import ast
import math
import re

import numpy as np
import pytest
from numpy.random import default_rng as rng

from booktools import notebooks
from pgbook.bandits import learn
from pgbook.estimators import score_function, without_division
from pgbook.policies import Categorical

LOGITS = np.log([0.5, 0.1, 0.1, 0.1, 0.1, 0.1])
RETURNS = np.array([1.0, 3.0, -2.0, 0.5, 0.0, 4.0])


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


@pytest.mark.parametrize("noise", [0.0, np.array([0.5, 1.0, 0.0, 2.0, 1.0])], ids=["none", "noise"])
@pytest.mark.parametrize("baseline", [0.0, np.arange(5) / 4, "average"], ids=["none", "baselines", "average"])
@pytest.mark.parametrize(("update", "divide"), [(score_function, True), (without_division, False)])
def test_every_run_is_one_plain_loop_with_settings_of_its_own(update, divide, baseline, noise):
    runs, steps, actions = 5, 40, lambda policy, actions: actions
    start, r = rng(1).normal(size=(runs, 6)), rng(2).normal(size=(runs, 6))
    settings = {"step_size": np.linspace(0.1, 0.5, runs), "baseline": baseline, "noise": noise}
    z, taken = learn(rng(3), r, start, steps=steps, update=update, record=actions, **settings)

    same, uniforms, normals = rng(3), np.empty((steps, runs)), np.zeros((steps, runs))
    for t in range(steps):
        uniforms[t] = same.random(runs)
        if np.any(noise):
            normals[t] = same.standard_normal(runs)
    for i in range(runs):
        own = {key: value[i] if isinstance(value, np.ndarray) else value for key, value in settings.items()}
        alone = one_run(start[i], r[i], uniforms[:, i], normals[:, i], divide=divide, **own)
        np.testing.assert_array_equal(taken[:, i], alone[1])
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


@pytest.mark.parametrize(
    ("returns", "logits"),
    [((6,), (6,)), ((6,), (4, 6)), ((4, 6), (6,)), ((3, 1, 6), (4, 6)), ((6,), (0, 6))],
)
def test_returns_and_logits_broadcast(returns, logits):
    shape, record = np.broadcast_shapes(returns, logits), lambda policy, actions: actions
    z, actions = learn(rng(0), np.ones(returns), np.zeros(logits), step_size=0.1, steps=3, record=record)
    assert z.shape == shape
    assert actions.shape == (3, *shape[:-1])
    assert learn(rng(0), np.ones(returns), np.zeros(logits), step_size=0.1, steps=3).shape == shape


@pytest.mark.parametrize("shape", [(), (3,), (2, 1), (2, 3)])
@pytest.mark.parametrize("baseline", [0.3, "average"])
def test_what_each_run_has_of_its_own_broadcasts_against_runs_of_any_shape(shape, baseline):
    settings = {"step_size": 0.1, "noise": 0.5, "baseline": baseline}
    spread = {k: value if isinstance(value, str) else np.full(shape, value) for k, value in settings.items()}
    z = [learn(rng(0), [1.0, 0.0], np.zeros((2, 3, 2)), steps=3, **given) for given in (settings, spread)]
    assert z[0].shape == (2, 3, 2)
    np.testing.assert_array_equal(*z)


def test_without_steps_or_with_one_action_nothing_moves():
    z, records = learn(rng(0), RETURNS, LOGITS, step_size=0.1, steps=0, record=lambda policy, actions: 1)
    np.testing.assert_array_equal(z, LOGITS)
    assert records.shape == (0,)
    np.testing.assert_array_equal(learn(rng(0), [5.0], [[2.0]], step_size=1.0, steps=10), [[2.0]])


# --- bad input -------------------------------------------------------------------------------------

TOO_LARGE, UPDATE = "a result exceeds the range of float64", "what update returns"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"returns": 1.0}, "returns and logits must end in the same K, but their shapes are (), (3, 2)"),
        ({"returns": np.zeros((5, 2))}, "these shapes do not broadcast: returns (5, 2), logits (3, 2)"),
        ({"logits": None}, "logits must hold real numbers, but its dtype is object"),
        ({"step_size": 0.0}, "step_size must be positive, but it contains 0.0"),
        ({"step_size": [0.1, -0.1, 0.1]}, "step_size must be positive, but it contains -0.1"),
        ({"step_size": [0.1, 0.1]}, "these shapes do not broadcast: step_size (2,), runs (3,)"),
        ({"step_size": np.ones((2, 1))}, "step_size has shape (2, 1), which is more than the runs, (3,)"),
        ({"baseline": "mean"}, "baseline must be numbers or \"average\", but it is 'mean'"),
        ({"baseline": [1, 2]}, "these shapes do not broadcast: baseline (2,), runs (3,)"),
        ({"returns": [1.7e308] * 2, "baseline": -1.7e308}, f"returns, baseline and noise: {TOO_LARGE}"),
        ({"returns": [1e300] * 2, "step_size": 1e300}, f"step_size, returns and logits: {TOO_LARGE}"),
        ({"noise": -1}, "noise must be at least 0, but it contains -1.0"),
        ({"update": lambda policy, a, r: r}, "update must return the shape of the logits, (3, 2), not (3,)"),
        (
            {"update": lambda policy, a, r: np.full((3, 2), np.nan)},
            f"{UPDATE} must be finite, but {UPDATE}[0, 0] is nan",
        ),
    ],
)
def test_bad_input_is_named(change, message):
    good = {"rng": rng(0), "returns": [1.0, 0.0], "logits": np.zeros((3, 2)), "step_size": 0.1, "steps": 1}
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        learn(**good | change)


@pytest.mark.parametrize(
    ("recorded", "message"),
    [
        ([[1], [2, 3]], "one shape at every step, but it returned (1,) in step 1 and (2,) in step 2"),
        ([[[1], [2, 3]]], "an array, but its rows differ in length in step 1"),
        ([None], "an array, but it returned None in step 1"),
    ],
)
def test_a_record_of_another_shape_is_refused_in_the_step_that_makes_it(recorded, message):
    records = iter(recorded)
    settings = {"step_size": 0.1, "steps": 10**9, "record": lambda policy, actions: next(records)}
    with pytest.raises(ValueError, match=f"^record must return {re.escape(message)}$"):
        learn(rng(0), [1.0, 0.0], [0, 0], **settings)


def test_what_is_recorded_is_copied():
    buffer, settings = np.zeros(1), {"step_size": 0.1, "steps": 3}
    record = lambda policy, actions: np.add(buffer, 1, out=buffer)  # noqa: E731
    _, records = learn(rng(0), [1.0, 0.0], np.zeros((3, 2)), **settings, record=record)
    np.testing.assert_array_equal(records[:, 0], [1, 2, 3])


def test_a_record_cannot_change_what_is_paid():
    fill = lambda policy, actions: actions.fill(0)  # noqa: E731
    with pytest.raises(ValueError, match="read-only"):
        learn(rng(0), [1.0, 0.0], np.zeros((3, 2)), step_size=0.1, steps=1, record=fill)


def test_a_masked_action_is_never_taken_and_stays_masked():
    start, record = [[0.0, -np.inf, 0.0]] * 50, lambda policy, actions: actions
    with np.errstate(all="raise"):
        z, actions = learn(rng(0), [1.0, 9.0, 0.0], start, step_size=0.5, steps=20, record=record)
    assert set(np.unique(actions)) == {0, 2}
    np.testing.assert_array_equal(np.isinf(z), np.isinf(start))
