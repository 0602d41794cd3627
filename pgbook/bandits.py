"""Many independent learners at once: one decision, made again and again, vectorised over runs.

A run is one learner with its own logits and its own luck. All runs take their steps together, so two
thousand of them need no loop.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from pgbook._inputs import (
    broadcast_shapes,
    callback,
    count,
    float64_array,
    generator,
    read_only,
    real_array,
    within_float64,
)
from pgbook.estimators import score_function
from pgbook.policies import Categorical


def learn(
    rng: np.random.Generator,
    returns: ArrayLike,
    logits: ArrayLike,
    *,
    step_size: ArrayLike,
    steps: int,
    update: Callable = score_function,
    baseline: ArrayLike | str = 0.0,
    noise: ArrayLike = 0.0,
    record: Callable | None = None,
) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
    r"""Learn softmax policies from sampled actions: :math:`z \leftarrow z + \alpha\,g(A, R - \beta)`.

    At every step every run draws an action :math:`A \sim \pi`, is paid :math:`R = r_A + \text{noise}`,
    and moves its logits.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws, at every step, the actions of all runs, and then their noise if there is any.
    returns : float array, shape (..., K)
        What each action pays on average, broadcast against ``logits``.
    logits : float array, shape (..., K)
        Where the runs start; the dimensions in front are the runs.
    step_size : float array, positive, broadcast against the runs
    steps : int
        Number of updates of each run.
    update : function of (policy, actions, returns)
        The estimator :math:`g`: `pgbook.estimators.score_function` (REINFORCE), `without_division`, or
        any other that returns one direction per run, shape (..., K).
    baseline : float array, broadcast against the runs, or "average"
        Subtracted from what is paid. ``"average"`` is the mean of all a run has been paid so far, the
        present payment included.
    noise : float array, not negative, broadcast against the runs
        Standard deviation of a payment around its mean (normal).
    record : function of (policy, actions), optional
        Called at every step, before the update; what it returns has the same shape at every step.

    Returns
    -------
    float array, shape (..., K)
        The logits after the last step.
    array, shape (steps, ...)
        What ``record`` returned at each step; only if there is a ``record``.

    Raises
    ------
    ValueError
        If an argument is not finite, out of range or of the wrong kind, shapes do not fit, or a result
        exceeds float64; the message names it.

    Notes
    -----
    Equation ``eq-one-update``; Sutton & Barto (2018), section 2.8.

    A thousand learners, and the share of them that take the first action, step by step:

    >>> def first(policy, actions):
    ...     return (actions == 0).mean()
    >>> rng, start = np.random.default_rng(0), np.zeros((1000, 2))
    >>> z, share = learn(rng, [1, 0], start, step_size=0.5, steps=100,
    ...                  record=first)
    >>> z.shape, share.shape, share[[0, -1]].round(1)
    ((1000, 2), (100,), array([0.5, 1. ]))
    """
    rng, steps = generator(rng), count("steps", steps)
    returns, z = real_array("returns", returns), Categorical(float64_array("logits", logits)).logits
    if returns.shape[-1:] != z.shape[-1:]:
        shapes = f"{returns.shape}, {z.shape}"
        raise ValueError(f"returns and logits must end in the same K, but their shapes are {shapes}")
    shape = broadcast_shapes(returns=returns.shape, logits=z.shape)
    returns = np.broadcast_to(returns, shape)
    z = np.broadcast_to(z, shape)
    step_size = _per_run("step_size", step_size, shape[:-1], "positive", lambda x: x > 0)
    noise = _per_run("noise", noise, shape[:-1], "at least 0", lambda x: x >= 0)
    if isinstance(baseline, str) and baseline != "average":
        raise ValueError(f'baseline must be numbers or "average", but it is {baseline!r}')
    averaging = isinstance(baseline, str)
    baseline = 0.0 if averaging else _per_run("baseline", baseline, shape[:-1])
    callback("update", update)
    if record is not None:
        callback("record", record)

    records, runs = [], np.indices(shape[:-1], sparse=True)
    for t in range(1, steps + 1):
        policy = Categorical(z)
        actions = np.asarray(policy.sample(rng))
        if record is not None:
            shown = read_only(actions.view())  # what is paid stays as it was drawn
            records.append(_recorded(record(policy, shown), records, t))
        paid = returns[(*runs, actions)]
        with within_float64("returns, baseline and noise"):
            if noise.any():
                paid = paid + noise * rng.standard_normal(paid.shape)
            if averaging:
                baseline = baseline + (paid - baseline) / t
            advantages = paid - baseline
        direction = real_array("what update returns", update(policy, actions, advantages))
        if direction.shape != shape:
            raise ValueError(f"update must return the shape of the logits, {shape}, not {direction.shape}")
        with within_float64("step_size, returns and logits"):
            z = z + step_size[..., None] * direction
    return z if record is None else (z, np.array(records))


def _recorded(value, before, step):
    """What a step records, as an array of its own."""
    if value is None:
        raise ValueError(f"record must return an array, but it returned None in step {step}")
    try:
        array = np.array(value)
    except ValueError:
        raise ValueError(
            f"record must return an array, but its rows differ in length in step {step}"
        ) from None
    if before and array.shape != before[0].shape:
        shapes = f"{before[0].shape} in step 1 and {array.shape} in step {step}"
        raise ValueError(f"record must return one shape at every step, but it returned {shapes}")
    return array


def _per_run(name, value, runs, wanted="", condition=np.isfinite):
    """Numbers that broadcast against the runs, without making more of them."""
    array = real_array(name, value)
    if not condition(array).all():
        raise ValueError(f"{name} must be {wanted}, but it contains {array[~condition(array)].flat[0]}")
    if broadcast_shapes(**{name: array.shape, "runs": runs}) != runs:
        raise ValueError(f"{name} has shape {array.shape}, which is more than the runs, {runs}")
    return array
