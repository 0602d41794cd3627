"""Small tabular problems: all trajectories, the exact expected return, and many rollouts at once (chapter 8).

S states and A actions, counted from 0. Policies are `Categorical` with logits (S, A), in batches (..., S, A).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from pgbook._inputs import (
    Rebuilt,
    count,
    generator,
    instance,
    int_array,
    read_only,
    real_array,
    sample_shape,
    underflow_is_zero,
    within_float64,
)
from pgbook.policies import Categorical


@dataclass(frozen=True, eq=False)
class Problem(Rebuilt):
    r"""A decision process with finitely many states, actions and steps; an error names what does not fit.

    Parameters
    ----------
    transitions : float array, shape (S, A, S)
        Probabilities of the next state; they sum to 1 to within 1e-9, as those of ``start`` do.
    rewards : float array, shape (S, A)
    start : float array, shape (S,)
        Probabilities of the first state.
    horizon : int
        Number of steps; the largest number, if there are terminal states.
    discount : float in [0, 1]
        The reward of step t = 1, 2, … counts :math:`\gamma^{t-1}` times.
    terminal : sequence of int
        States that end an episode; they must lead to themselves and pay nothing.
    """

    transitions: np.ndarray
    rewards: np.ndarray
    start: np.ndarray
    horizon: int
    discount: float = 1.0
    terminal: Sequence[int] | np.ndarray = ()

    def __post_init__(self):
        arrays = {
            name: real_array(name, getattr(self, name))
            for name in ("transitions", "rewards", "start", "discount")
        }
        P, R, start, discount = arrays.values()
        S, A = R.shape if R.ndim == 2 and R.size else (-1, -1)
        shapes = P.shape, R.shape, start.shape, discount.shape
        needed = "transitions, rewards, start and discount must have shapes (S, A, S), (S, A), (S,) and ()"
        _require(shapes == ((S, A, S), (S, A), (S,), ()), f"{needed}, but they have {shapes}")
        for name, probs in {"transitions": P, "start": start}.items():
            wrong = probs[(probs.min(axis=-1) < 0) | (np.abs(probs.sum(axis=-1) - 1) > 1e-9)].tolist()
            _require(not wrong, f"{name} must hold probabilities that sum to 1, but it contains {wrong[:1]}")
        _require(0 <= discount <= 1, f"discount must lie in [0, 1], but it is {discount}")
        ends = np.unique(int_array("terminal", self.terminal, S))
        wrong = ends[(P[ends, :, ends] != 1).any(axis=-1) | R[ends].any(axis=-1)].tolist()
        _require(not wrong, f"a terminal state must lead to itself and pay nothing, unlike {wrong}")
        arrays |= {
            "horizon": count("horizon", self.horizon, least=1),
            "discount": float(discount),
            "terminal": read_only(ends),
        }
        for name, value in arrays.items():
            object.__setattr__(self, name, value)

    @cached_property
    def ended(self) -> np.ndarray:
        """Whether a state is terminal, shape (S,)."""
        return read_only(np.isin(np.arange(len(self.start)), self.terminal))


class Episodes(NamedTuple):
    """What happened: arrays of shape (..., T), the steps on the last axis.

    ``running`` is False from a terminal state on; there the action is 0 and the reward 0.
    """

    states: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    running: np.ndarray


@underflow_is_zero
def trajectories(problem: Problem, policy: Categorical, limit: int = 100_000) -> tuple[Episodes, np.ndarray]:
    """Enumerate all trajectories the dynamics allow: `Episodes` of shape (n, horizon), probabilities (n,).

    A ``ValueError`` says so if n exceeds ``limit``. Equation ``eq-trajectory-probability``.

    >>> coin = Problem(np.ones((1, 2, 1)), [[0, 1]], [1], horizon=2)
    >>> policy = Categorical(probs=[[0.75, 0.25]])
    >>> episodes, probs = trajectories(coin, policy)
    >>> episodes.actions.tolist(), probs
    ([[0, 0], [0, 1], [1, 0], [1, 1]], array([0.5625, 0.1875, 0.1875, 0.0625]))
    """
    limit, pi, pairs = count("limit", limit), _pi(problem, policy), np.arange(problem.rewards.size)
    _require(pi.ndim == 2, f"one policy is needed, but the logits have shape {policy.logits.shape}")
    first, step = _first(problem, pi), _next(problem, pi, pairs)
    uniform = _pi(problem, Categorical(np.zeros(pi.shape)))
    possible_first, possible = _first(problem, uniform) > 0, _next(problem, uniform, pairs) > 0
    ways = np.ones(len(first))
    for t in range(problem.horizon):
        if t:
            ways = possible @ ways
        n = possible_first @ ways  # never fewer than in the step before: every pair has a successor
        found = f"there are {n:.7g} trajectories of length {t + 1}"
        _require(n <= limit, f"{found}, more than limit={limit}; use rollouts")
    pairs, before = [np.flatnonzero(possible_first)], [np.array([])]  # and the row of the step before
    probs = first[pairs[0]]
    for _ in range(problem.horizon - 1):
        i, pair = np.nonzero(possible[pairs[-1]])
        probs = probs[i] * step[pairs[-1][i], pair]
        pairs.append(pair)
        before.append(i)
    paths, i = np.empty((len(probs), problem.horizon), dtype=int), np.arange(len(probs))
    for t in reversed(range(problem.horizon)):
        paths[:, t] = pairs[t][i]
        i = before[t][i] if t else i
    return _episodes(problem, paths), probs


def evaluate(problem: Problem, policy: Categorical) -> np.ndarray:
    r"""Exact expected return :math:`\mathbb{E}\sum_t \gamma^{t-1} r_t` per policy, by backward induction."""
    pi, after = _pi(problem, policy), problem.transitions.reshape(-1, len(problem.start)).T
    value = np.zeros(pi.shape[:-1])
    with within_float64("rewards"):
        for _ in range(problem.horizon):
            value = (pi * (problem.rewards + problem.discount * (value @ after).reshape(pi.shape))).sum(
                axis=-1
            )
        return value @ problem.start


@underflow_is_zero
def rollouts(
    rng: np.random.Generator, problem: Problem, policy: Categorical, size: int | tuple[int, ...] | None = None
) -> Episodes:
    """Draw ``size`` episodes per policy, all at once: `Episodes` of shape ``size + batch + (T,)``.

    They go on until all have ended or the horizon is reached; T is the length of the longest, at least 1.
    """
    rng, size, pi = generator(rng), sample_shape(size), _pi(problem, policy)
    first = _first(problem, pi)
    paths = [_draw(rng, np.broadcast_to(first, size + first.shape))]
    while len(paths) < problem.horizon:
        pair = _draw(rng, _next(problem, pi, paths[-1]))
        if problem.ended[pair // pi.shape[-1]].all():
            break
        paths.append(pair)
    return _episodes(problem, np.stack(paths, axis=-1))


def _pi(problem, policy):
    """The probabilities of a policy, (..., S, A); after the end it takes action 0."""
    instance("problem", problem, Problem)
    instance("policy", policy, Categorical)
    shape, logits = problem.rewards.shape, policy.logits.shape
    _require(logits[-2:] == shape, f"the logits have shape {logits}, but the rewards have {shape}")
    return np.where(problem.ended[:, None], np.eye(shape[1])[0], policy.probs)


# A pair of state s and action a is counted as s·A + a.


def _first(problem, pi):
    """p(s) π(a|s), over pairs."""
    return (problem.start[:, None] * pi).reshape(*pi.shape[:-2], problem.rewards.size)


def _next(problem, pi, pairs):
    """p(s'|s, a) π(a'|s') after each of the given pairs, over the next pairs."""
    after = problem.transitions.reshape(-1, len(problem.start))[pairs]
    return (after[..., None] * pi).reshape(*pairs.shape, problem.rewards.size)


def _draw(rng, probs):
    """One index per row of probabilities; an index of probability 0 is never drawn."""
    cumulative = np.cumsum(probs, axis=-1)
    uniform = rng.random(cumulative.shape[:-1])[..., None] * cumulative[..., -1:]
    return (cumulative <= uniform).sum(axis=-1)


def _episodes(problem, paths):
    states, actions = np.divmod(paths, problem.rewards.shape[1])
    return Episodes(states, actions, problem.rewards[states, actions], ~problem.ended[states])


def _require(condition, message):
    if not condition:
        raise ValueError(message)
