"""Estimators of the gradient of an expected return, written once for every policy.

Each estimator returns one gradient per sample, parameters on the last axis: its mean is the
estimate, its variance is the price. Actions ``x`` are samples of ``policy``.
"""

import numpy as np
from numpy.typing import ArrayLike

from pgbook._inputs import (
    broadcast_shapes,
    policy_with,
    real_array,
    same_actions,
    underflow_is_zero,
    within_float64,
)
from pgbook.policies.protocol import Policy


@within_float64("returns, baseline")
def score_function(policy: Policy, x: ArrayLike, returns: ArrayLike, baseline: ArrayLike = 0.0) -> np.ndarray:
    r"""REINFORCE: :math:`(R - \beta)\,\nabla\log\pi(x)`.

    Parameters
    ----------
    policy : any policy of `pgbook.policies`
    x : array, shape (...)
        Sampled actions.
    returns : float array, shape (...)
        What each action paid: a number for all, or an array that has no more dimensions or entries than the
        actions. A column of returns beside a row of actions would pair each with each, and is refused; so is
        a one-dimensional row of returns where a column of actions meets each policy of a batch.
    baseline : float array, likewise
        Must not depend on the action it is used for.

    Returns
    -------
    float array, shape (..., P)

    Raises
    ------
    ValueError
        If a return is not finite, the shapes do not fit, or a result exceeds float64.
    IndexError
        If an action is none of the policy's.

    Notes
    -----
    Equation ``eq-score-function``; Williams (1992).

    >>> from pgbook.policies import Categorical
    >>> policy = Categorical(np.log([0.5, 0.25, 0.25]))
    >>> score_function(policy, x=[0, 1], returns=[4.0, 0.0], baseline=2.0)
    array([[ 1. , -0.5, -0.5],
           [ 1. , -1.5,  0.5]])
    """
    policy_with("policy", policy, "score")
    scores = policy.score(x)
    return (
        _per_action("returns", returns, x, scores) - _per_action("baseline", baseline, x, scores)
    ) * scores


@within_float64("returns")
def without_division(policy: Policy, x: ArrayLike, returns: ArrayLike) -> np.ndarray:
    r"""The estimator that forgets the :math:`1/\pi`: :math:`R\,\nabla\pi(x)`. It is biased.

    Parameters and errors as for `score_function`, without a baseline.

    Returns
    -------
    float array, shape (..., P)

    Notes
    -----
    Equation ``eq-without-division``. It ascends :math:`\tfrac12\sum_a \pi_a^2 r_a`.

    >>> from pgbook.policies import Categorical
    >>> policy = Categorical(np.log([0.5, 0.25, 0.25]))
    >>> without_division(policy, x=[0, 1], returns=[4.0, 4.0])
    array([[ 1.  , -0.5 , -0.5 ],
           [-0.5 ,  0.75, -0.25]])
    """
    policy_with("policy", policy, "log_prob", "score")
    scores = policy.score(x)
    return _per_action("returns", returns, x, scores) * (np.exp(policy.log_prob(x))[..., None] * scores)


@within_float64("slopes")
def pathwise(policy: Policy, x: ArrayLike, slopes: ArrayLike) -> np.ndarray:
    r"""Reparameterised: :math:`f'(x)\,\partial x/\partial\theta` at fixed noise.

    Parameters
    ----------
    policy : a policy with ``pathwise``
    x : float array, shape (...)
        Sampled actions.
    slopes : float array, shape (...)
        Derivative of the return with respect to the action, at ``x``.

    Returns
    -------
    float array, shape (..., P)

    Raises
    ------
    ValueError
        If the actions of the policy are discrete, a slope is not finite, the shapes do not fit, or a result
        exceeds float64.

    Notes
    -----
    Equation ``eq-pathwise``.

    >>> from pgbook.policies import Gaussian
    >>> pathwise(Gaussian(0.0, 2.0), x=[2.0, 4.0], slopes=[1.0, 3.0])
    array([[1., 1.],
           [3., 6.]])
    """
    policy_with("policy", policy, "pathwise")
    paths = policy.pathwise(x)
    return _per_action("slopes", slopes, x, paths) * paths


@within_float64("returns")
def optimal_baseline(scores: ArrayLike, returns: ArrayLike) -> float:
    r"""The constant with the least total variance, :math:`\mathbb{E}[\|s\|^2 R] / \mathbb{E}[\|s\|^2]`.

    Parameters
    ----------
    scores : float array, shape (N, P)
    returns : float array, shape (N,)

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the shapes do not fit, all scores are zero, or a result exceeds float64.

    Notes
    -----
    Equation ``eq-optimal-baseline``. Used on the samples it was computed from, it is biased by
    O(1/N).

    >>> optimal_baseline([[1.0], [2.0]], [0.0, 5.0])
    4.0
    """
    scores, returns = real_array("scores", scores), real_array("returns", returns)
    if scores.ndim != 2 or returns.shape != scores.shape[:1]:
        raise ValueError(f"scores (N, P) and returns (N,) are needed, not {scores.shape} and {returns.shape}")
    largest = np.abs(scores).max(initial=0)
    if largest == 0:
        raise ValueError("scores must not all be zero")
    squares = ((scores / largest) ** 2).sum(axis=-1)
    return float(squares / squares.sum() @ returns)


@within_float64("returns")
def leave_one_out(returns: ArrayLike) -> np.ndarray:
    r"""Mean of the *other* returns of each group, :math:`\beta_i = \frac{1}{G-1}\sum_{j \ne i} R_j`.

    Parameters
    ----------
    returns : float array, shape (..., G)
        Groups of G >= 2 independent returns on the last axis.

    Returns
    -------
    float array, shape (..., G)

    Raises
    ------
    ValueError
        If a group has fewer than two returns, or their sum exceeds float64.

    Notes
    -----
    Equation ``eq-leave-one-out``. The own return is not in it, so the estimate stays unbiased.

    >>> leave_one_out([1.0, 2.0, 6.0])
    array([4. , 3.5, 1.5])
    """
    returns = real_array("returns", returns)
    if returns.ndim == 0 or returns.shape[-1] < 2:
        raise ValueError(f"returns must have shape (..., G) with G >= 2, but the shape is {returns.shape}")
    # Sums of those before and of those after: subtracting from the sum of all would leave rounding errors of
    # the own return.
    none = np.zeros((*returns.shape[:-1], 1))
    before = np.cumsum(np.concatenate([none, returns[..., :-1]], axis=-1), axis=-1)
    after = np.cumsum(np.concatenate([none, returns[..., :0:-1]], axis=-1), axis=-1)[..., ::-1]
    return (before + after) / (returns.shape[-1] - 1)


@underflow_is_zero
def importance_weights(policy: Policy, behaviour: Policy, x: ArrayLike) -> np.ndarray:
    r"""The ratios :math:`\pi(x)/\rho(x)` for actions drawn from another policy :math:`\rho`.

    Parameters
    ----------
    policy, behaviour : policies with the same ``support``
        The policy we ask about, and the one that acted.
    x : array, shape (...)
        Actions drawn from ``behaviour``.

    Returns
    -------
    float array, shape (...)

    Raises
    ------
    ValueError
        If the policies have other actions, ``behaviour`` never takes one of them, a ratio is too large for
        float64, or the shapes do not broadcast.
    IndexError
        If an action is none of the policies'.

    Notes
    -----
    Equation ``eq-importance-weight``.

    >>> from pgbook.policies import Bernoulli
    >>> importance_weights(Bernoulli(0.75), Bernoulli(0.5), [1, 0])
    array([1.5, 0.5])
    """
    policy_with("policy", policy, "log_prob")
    same_actions("behaviour", policy, behaviour)
    log_prob, log_behaviour = policy.log_prob(x), behaviour.log_prob(x)
    if (log_behaviour == -np.inf).any():
        raise ValueError("behaviour never takes one of the actions x")
    log_ratio = log_prob - log_behaviour
    if (log_ratio > np.log(np.finfo(float).max)).any():
        raise ValueError("behaviour gives an action so little probability that its weight overflows float64")
    return np.exp(log_ratio)


def _per_action(name, value, x, directions):
    """Numbers (..., 1) for directions (..., P) of actions ``x``, without making more of them."""
    array, actions, axes = real_array(name, value), directions.shape[:-1], np.ndim(x)
    # A row would belong to the policies where a column of actions has met each of them.
    row = 0 < array.ndim < axes and actions != np.shape(x)
    if row or broadcast_shapes(**{name: array.shape, "actions": actions}) != actions:
        beside = f"x {np.shape(x)}" if row else f"actions {actions}"
        raise ValueError(f"{name} must not pair each with each: {name} {array.shape}, {beside}")
    return array[..., None]
