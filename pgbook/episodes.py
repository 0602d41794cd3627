"""Small tabular problems: all trajectories, the exact expected return, and many rollouts at once (chapter 7).

S states and A actions, counted from 0. Policies are `Categorical` with logits (S, A), in batches (..., S, A).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pgbook._inputs import (
    count,
    generator,
    instance,
    int_array,
    read_only,
    real_array,
    sample_shape,
    within_float64,
)
from pgbook.policies import Categorical


@dataclass(frozen=True, eq=False)
class Problem:
    r"""A decision process with finitely many states, actions and steps; an error names what does not fit.

    Parameters
    ----------
    transitions : float array, shape (S, A, S)
        Probabilities of the next state.
    rewards : float array, shape (S, A)
    start : float array, shape (S,)
        Probabilities of the first state.
    horizon : int
        Number of steps; the largest number, if there are terminal states.
    discount : float in [0, 1]
        The reward of step t = 1, 2, … counts :math:`\gamma^{t-1}` times.
    terminal : sequence of int
        States that end an episode; they must lead to themselves and pay nothing. Kept as a mask, (S,).
    """

    transitions: np.ndarray
    rewards: np.ndarray
    start: np.ndarray
    horizon: int
    discount: float = 1.0
    terminal: np.ndarray = ()

    def __post_init__(self):
        names = ("transitions", "rewards", "start", "discount")
        P, R, start, discount = arrays = [real_array(name, getattr(self, name)) for name in names]
        S, A = R.shape if R.ndim == 2 and R.size else (-1, -1)
        shapes = P.shape, R.shape, start.shape, discount.shape
        needed = "transitions, rewards, start and discount must have shapes (S, A, S), (S, A), (S,) and ()"
        _require(shapes == ((S, A, S), (S, A), (S,), ()), f"{needed}, but they have {shapes}")
        for name, probs in {"transitions": P, "start": start}.items():
            wrong = probs[(probs.min(axis=-1) < 0) | (np.abs(probs.sum(axis=-1) - 1) > 1e-9)].tolist()
            _require(not wrong, f"{name} must hold probabilities that sum to 1, but it contains {wrong[:1]}")
        object.__setattr__(self, "horizon", count("horizon", self.horizon, least=1))
        _require(0 <= discount <= 1, f"discount must lie in [0, 1], but it is {discount}")
        ends = int_array("terminal", self.terminal, S)
        wrong = ends[(P[ends, :, ends] != 1).any(axis=-1) | R[ends].any(axis=-1)].tolist()
        _require(not wrong, f"a terminal state must lead to itself and pay nothing, unlike {wrong}")
        terminal = read_only(np.isin(range(S), ends))
        for name, array in zip((*names, "terminal"), (*arrays, terminal), strict=True):
            object.__setattr__(self, name, array)


class Episodes(NamedTuple):
    """What happened: arrays of shape (..., T), the steps on the last axis.

    ``running`` is False from a terminal state on; there the action is 0 and the reward 0.
    """

    states: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    running: np.ndarray


def trajectories(problem, policy, limit=100_000):
    """Enumerate all trajectories the dynamics allow: `Episodes` of shape (n, horizon), probabilities (n,).

    A ``ValueError`` names n if it exceeds ``limit``. Equation ``eq-trajectory-probability``.

    >>> coin = Problem(np.ones((1, 2, 1)), [[0, 1]], [1], horizon=2)
    >>> policy = Categorical(np.log([[0.75, 0.25]]))
    >>> episodes, probs = trajectories(coin, policy)
    >>> episodes.actions.tolist(), probs
    ([[0, 0], [0, 1], [1, 0], [1, 1]], array([0.5625, 0.1875, 0.1875, 0.0625]))
    """
    limit = count("limit", limit)
    first, step = _chain(problem, policy)
    _require(first.ndim == 1, f"one policy is needed, but the logits have shape {policy.logits.shape}")
    possible_first, possible = (p > 0 for p in _chain(problem, Categorical(np.zeros(problem.rewards.shape))))
    ways = np.ones(len(first))
    for _ in range(problem.horizon - 1):
        ways = np.minimum(possible @ ways, 1e300)  # as good as infinite, without overflow
    n = possible_first @ ways
    _require(n <= limit, f"there are {n:.7g} trajectories, more than limit={limit}; use rollouts")
    paths = np.flatnonzero(possible_first)[:, None]
    probs = first[paths[:, 0]]
    for _ in range(problem.horizon - 1):
        i, pair = np.nonzero(possible[paths[:, -1]])
        paths, probs = np.c_[paths[i], pair], probs[i] * step[paths[i, -1], pair]
    return _episodes(problem, paths), probs


def evaluate(problem, policy):
    r"""Exact expected return :math:`\mathbb{E}\sum_t \gamma^{t-1} r_t` per policy, by backward induction."""
    first, step = _chain(problem, policy)
    rewards = value = problem.rewards.ravel()
    with within_float64("rewards"):
        for _ in range(problem.horizon - 1):
            value = rewards + problem.discount * (step @ value[..., None])[..., 0]
        return (first * value).sum(axis=-1)


def rollouts(rng, problem, policy, size=None):
    """Draw ``size`` episodes per policy, all at once: `Episodes` of shape ``size + batch + (T,)``.

    They go on until all have ended or the horizon is reached; T is the length of the longest.
    """
    rng, size = generator(rng), sample_shape(size)
    first, step = (np.cumsum(probs, axis=-1) for probs in _chain(problem, policy))
    runs = tuple(np.indices(first.shape[:-1]))
    paths = [_draw(rng, np.broadcast_to(first, size + first.shape))]
    while len(paths) < problem.horizon:
        pair = _draw(rng, step[(*runs, paths[-1])])
        if not _episodes(problem, pair).running.any():
            break
        paths.append(pair)
    return _episodes(problem, np.stack(paths, axis=-1))


def _chain(problem, policy):
    """First and next pair of state and action: p(s) π(a|s) and p(s'|s, a) π(a'|s'), arrays over pairs."""
    instance("problem", problem, Problem), instance("policy", policy, Categorical)
    shape, logits, pairs = problem.rewards.shape, policy.logits.shape, problem.rewards.size
    _require(logits[-2:] == shape, f"the logits have shape {logits}, but the rewards have {shape}")
    pi = np.where(problem.terminal[:, None], np.eye(shape[1])[0], policy.probs)  # after the end, action 0
    first, step = problem.start[:, None] * pi, problem.transitions[..., None] * pi[..., None, None, :, :]
    return first.reshape(*logits[:-2], pairs), step.reshape(*logits[:-2], pairs, pairs)


def _draw(rng, cumulative):
    """One index per row of cumulative probabilities; an index of probability 0 is never drawn."""
    uniform = rng.random(cumulative.shape[:-1])[..., None] * cumulative[..., -1:]
    return (cumulative <= uniform).sum(axis=-1)


def _episodes(problem, paths):
    states, actions = np.divmod(paths, problem.rewards.shape[1])
    return Episodes(states, actions, problem.rewards[states, actions], ~problem.terminal[states])


def _require(condition, message):
    if not condition:
        raise ValueError(message)
