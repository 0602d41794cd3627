"""The softmax policy over K actions (chapters 1, 3 and 4)."""

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np
from numpy.typing import ArrayLike

from pgbook._inputs import (
    Rebuilt,
    broadcast_shapes,
    float64_array,
    generator,
    int_array,
    place,
    read_only,
    real_array,
    same_actions,
    sample_shape,
    underflow_is_zero,
    within_float64,
)
from pgbook.policies.protocol import Policy


def softmax(logits: ArrayLike) -> np.ndarray:
    r"""Softmax over the last axis: :math:`\pi_a = e^{z_a} / \sum_b e^{z_b}`.

    Parameters
    ----------
    logits : float array, shape (..., K)
        An action whose logit is -∞ has probability 0.

    Returns
    -------
    float array, shape (..., K)

    Raises
    ------
    ValueError
        If a logit is neither finite nor -∞, all logits of a policy are -∞, or there is no action.

    Notes
    -----
    Equation ``eq-softmax``. The largest logit is subtracted before exponentiating, so logits of ±1000 are as
    good as any.

    >>> softmax([0, 0, np.log(2)])
    array([0.25, 0.25, 0.5 ])
    """
    z = _with_actions("logits", float64_array("logits", logits, copy=False))
    return _softmax(z, _largest(z))


def _largest(logits):
    """The largest logit of each policy; an error if it has no softmax."""
    largest = logits.max(axis=-1, keepdims=True)
    if not np.isfinite(largest).all():
        raise ValueError(_what_is_wrong(logits))
    return largest


@np.errstate(over="ignore", under="ignore")
def _softmax(z, largest):
    weights = z - largest
    np.exp(weights, out=weights)  # in place, here and below: new memory is slow
    weights /= weights.sum(axis=-1, keepdims=True)
    return weights


@dataclass(frozen=True, eq=False, init=False)
class Categorical(Rebuilt, Policy):
    r"""Softmax policy: :math:`\pi_a = e^{z_a} / \sum_b e^{z_b}` for logits :math:`z`.

    Parameters
    ----------
    logits : float array, shape (..., K)
        One logit (pre-activation) per action; only differences matter. An action whose logit is -∞ is masked:
        it is never taken.
    probs : float array, shape (..., K)
        The probabilities, instead of the logits: at least 0, with sum 1 (to 1e-9, more than float32 keeps).

    Raises
    ------
    ValueError
        If not exactly one of both is given, a logit is neither finite nor -∞, probabilities do not sum to 1,
        all actions of a policy are masked, or there is none.

    Notes
    -----
    Equations ``eq-softmax`` and ``eq-log-softmax``; the score is :math:`e_a - \pi` (``eq-score-softmax``;
    Sutton & Barto (2018), section 2.8) and sums to zero. Sampling inverts the cumulative distribution: an
    action of probability 0 is never drawn.

    >>> policy = Categorical(probs=[0.5, 0.25, 0.25])
    >>> policy.log_prob([0, 1]).round(4)
    array([-0.6931, -1.3863])
    >>> policy.score(0)
    array([ 0.5 , -0.25, -0.25])
    >>> policy.sample(np.random.default_rng(0), 5)
    array([1, 0, 0, 0, 2])
    >>> Categorical([0, 0, -np.inf]).probs
    array([0.5, 0.5, 0. ])
    """

    logits: np.ndarray

    def __init__(self, logits: ArrayLike | None = None, *, probs: ArrayLike | None = None):
        if (logits is None) == (probs is None):
            raise ValueError("logits or probs are needed, and not both")
        if probs is None:
            logits = _with_actions("logits", float64_array("logits", logits, copy=False))
        else:
            logits = _logarithms(probs)
        # A copy, the longer side by side in memory, actions or policies: sums along short rows are slow.
        axes = range(logits.ndim)
        if logits.size > logits.shape[-1] ** 2:
            own = np.array(logits.transpose(-1, *axes[:-1]), order="C")
            own = read_only(own).transpose(*axes[1:], 0)
        else:
            own = read_only(np.array(logits, order="C"))
        object.__setattr__(self, "logits", own)
        object.__setattr__(self, "_largest", read_only(_largest(own)))

    @property
    def params(self) -> np.ndarray:
        """The logits, shape ``(..., K)``."""
        return self.logits

    @property
    def num_actions(self) -> int:
        """The number of actions, K."""
        return self.logits.shape[-1]

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return self.logits.shape[:-1]

    @property
    def support(self) -> str:
        return f"integers in [0, {self.num_actions})"

    @cached_property
    def probs(self) -> np.ndarray:
        r"""Probabilities of all actions, :math:`\pi`, shape ``(..., K)``."""
        return read_only(_softmax(self.logits, self._largest))

    @cached_property
    @np.errstate(over="ignore", under="ignore")
    def log_probs(self) -> np.ndarray:
        r"""Log-probabilities of all actions, :math:`z - \log\sum_b e^{z_b}`, shape ``(..., K)``."""
        likeliest = self.logits.argmax(axis=-1)[..., None]
        z = self.logits - np.take_along_axis(self.logits, likeliest, axis=-1)
        weights = np.exp(z)
        # The likeliest weighs 1. Added to the others, it would cost them their digits.
        np.put_along_axis(weights, likeliest, 0, axis=-1)
        return read_only(z - np.log1p(weights.sum(axis=-1, keepdims=True)))

    def sample(self, rng: np.random.Generator, size: int | tuple[int, ...] | None = None) -> np.ndarray:
        rng, shape = generator(rng), sample_shape(size) + self.batch_shape
        if not self.batch_shape:
            cumulative = np.cumsum(self.probs)
            return np.searchsorted(cumulative, rng.random(shape) * cumulative[-1], side="right")
        cumulative = list(accumulate(self.probs[..., k] for k in range(self.num_actions)))
        uniform, actions = rng.random(shape) * cumulative[-1], np.zeros(shape, dtype=int)
        for k in range(self.num_actions - 1):
            actions += cumulative[k] <= uniform
        return actions

    def log_prob(self, x: ArrayLike) -> np.ndarray:
        x = self._actions(x)
        log_probs = np.broadcast_to(self.log_probs, (*x.shape, self.num_actions))
        return np.take_along_axis(log_probs, x[..., None], axis=-1)[..., 0][()]

    @underflow_is_zero
    def score(self, x: ArrayLike) -> np.ndarray:
        x = self._actions(x)
        score = self._minus_probs(x.shape)
        taken = (*np.indices(x.shape, sparse=True), x)
        own = 1 + score[taken]
        certain = own < 0.01  # where 1 - π_a loses digits: minus the others' sum
        if certain.any():
            score[taken] = 0
            own = np.where(certain, -score.sum(axis=-1), own)
        score[taken] = own  # e_a - π
        return score

    @underflow_is_zero
    def jacobian(self) -> np.ndarray:
        r"""Derivatives of the probabilities, :math:`\partial\pi_i/\partial z_j = \pi_i(\delta_{ij} - \pi_j)`.

        Returns
        -------
        float array, shape (..., K, K)
            Row i belongs to the probability, column j to the logit.

        Notes
        -----
        Equation ``eq-softmax-jacobian``. For large K use :meth:`jvp`, which needs no matrix.

        >>> Categorical(probs=[0.5, 0.25, 0.25]).jacobian()
        array([[ 0.25  , -0.125 , -0.125 ],
               [-0.125 ,  0.1875, -0.0625],
               [-0.125 , -0.0625,  0.1875]])
        """
        i = np.arange(self.num_actions).reshape(-1, *[1] * len(self.batch_shape))
        return self.probs[..., None] * np.moveaxis(self.score(i), 0, -2)

    def jvp(self, v: ArrayLike) -> np.ndarray:
        r"""Jacobian times a vector in O(K): :math:`M v = \pi \odot (v - \pi\cdot v)`.

        Parameters
        ----------
        v : float array, shape (..., K)
            Broadcast against the logits; its last axis must be K.

        Returns
        -------
        float array, shape (..., K)

        Raises
        ------
        ValueError
            If ``v`` is not finite, its last axis is not K, it does not broadcast, or a result exceeds
            float64.

        Notes
        -----
        Equation ``eq-softmax-jvp``. The Jacobian is symmetric, so this is also the
        vector-Jacobian product, and with the rewards as ``v`` the expected update.

        >>> Categorical(probs=[0.5, 0.25, 0.25]).jvp([50, 0, 0])
        array([12.5 , -6.25, -6.25])
        """
        v = real_array("v", v)
        if v.shape[-1:] != self.logits.shape[-1:]:
            raise ValueError(f"v must have shape (..., {self.num_actions}), but the shape is {v.shape}")
        v = np.broadcast_to(v, broadcast_shapes(v=v.shape, logits=self.logits.shape))
        likeliest = np.broadcast_to(self.probs.argmax(axis=-1), v.shape[:-1])[..., None]
        with within_float64("v"):
            # A constant changes nothing; this one lets v - π·v keep its digits near certainty.
            v = v - np.take_along_axis(v, likeliest, axis=-1)
            return self.probs * (v - (self.probs * v).sum(axis=-1, keepdims=True))

    def fisher(self) -> np.ndarray:
        r"""Covariance of the score, :math:`\operatorname{diag}(\pi) - \pi\pi^\top`: the Jacobian again."""
        return self.jacobian()

    def entropy(self) -> np.ndarray:
        return _mean(self.probs, -self.log_probs)

    def kl(self, other: Policy) -> np.ndarray:
        same_actions("other", self, other, "log_probs")
        return divergence(self.log_probs, other.log_probs)

    def _minus_probs(self, shape):
        """-π for actions of a shape: a new array, in which π was if nobody has asked for it."""
        if shape != self.batch_shape:
            return 0 - np.broadcast_to(self.probs, (*shape, self.num_actions))
        if "probs" in vars(self):
            return 0 - self.probs
        probs = _softmax(self.logits, self._largest)
        return np.subtract(0, probs, out=probs)

    def _actions(self, x: ArrayLike) -> np.ndarray:
        """Validated actions, broadcast against the batch shape."""
        x = int_array("x", x, self.num_actions)
        shape = broadcast_shapes(x=x.shape, batch=self.batch_shape)
        return x if x.shape == shape else np.broadcast_to(x, shape)


@underflow_is_zero
def _mean(probs, values):
    """Expectation of values; an action that is never taken does not count, even if its value is infinite."""
    return (probs * np.where(probs > 0, values, 0)).sum(axis=-1)


@np.errstate(all="ignore")  # in what is not taken
def divergence(ours, theirs):
    """Kullback-Leibler divergence of log-probabilities, over the last axis.

    Both sum to 1, so each action may add q - p to p (log p - log q): then it adds p times exp(d) - 1 - d for
    d = log q - log p, which is never negative, and between policies that are near only d itself cancels.

    >>> divergence(np.log([0.5, 0.5]), np.log([0.75, 0.25])).round(4)
    np.float64(0.1438)
    """
    d, p, q = theirs - ours, np.exp(ours), np.exp(theirs)
    added = np.where(np.abs(d) < 1, np.maximum(p * (np.expm1(d) - d), 0), q - p - p * d)
    added = np.where(theirs == -np.inf, np.inf, added)
    return np.where(ours == -np.inf, q, added).sum(axis=-1)


def _with_actions(name, array):
    """Return an array if it has the shape (..., K)."""
    if array.ndim == 0 or array.shape[-1] == 0:
        raise ValueError(f"{name} must have shape (..., K) with K >= 1, but the shape is {array.shape}")
    return array


def _what_is_wrong(logits):
    """Why logits have no softmax."""
    wrong = ~np.isfinite(logits) & (logits != -np.inf)
    if wrong.any():
        return f"logits must be finite or -inf, but {place('logits', logits, wrong)}"
    masked = (logits == -np.inf).all(axis=-1)
    return f"logits must leave an action to take, but {place('logits', logits, masked)}"


def _logarithms(probs):
    """Logits of probabilities."""
    probs = _with_actions("probs", real_array("probs", probs))
    wrong = (probs < 0).any(axis=-1) | ~(np.abs(probs.sum(axis=-1) - 1) <= 1e-9)
    if wrong.any():
        raise ValueError(f"probs must be at least 0 and sum to 1, but {place('probs', probs, wrong)}")
    with np.errstate(divide="ignore"):
        return np.log(probs)
