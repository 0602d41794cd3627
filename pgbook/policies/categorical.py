"""The softmax policy over K actions (chapters 1, 3 and 4)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pgbook._inputs import (
    broadcast_shapes,
    generator,
    int_array,
    read_only,
    real_array,
    real_array_and_size,
    sample_shape,
    within_float64,
)


@dataclass(frozen=True, eq=False)
class Categorical:
    r"""Softmax policy: :math:`\pi_a = e^{z_a} / \sum_b e^{z_b}` for logits :math:`z`.

    Parameters
    ----------
    logits : float array, shape (..., K)
        One logit (pre-activation) per action; only differences matter.

    Raises
    ------
    ValueError
        If the logits are not finite real numbers, or there is no action.

    Notes
    -----
    Equations ``eq-softmax`` and ``eq-log-softmax``. The largest logit is subtracted before
    exponentiating, so logits of ±1000 are as good as any.

    >>> policy = Categorical(np.log([0.5, 0.1, 0.1, 0.1, 0.1, 0.1]))
    >>> policy.probs
    array([0.5, 0.1, 0.1, 0.1, 0.1, 0.1])
    """

    logits: np.ndarray

    def __post_init__(self):
        logits, largest = real_array_and_size("logits", self.logits)
        if logits.ndim == 0 or logits.shape[-1] == 0:
            raise ValueError(f"logits must have shape (..., K) with K >= 1, but the shape is {logits.shape}")
        if largest > np.finfo(float).max / 2:
            raise ValueError(
                f"logits must not exceed half the range of float64, but one has size {largest:.3g}"
            )
        object.__setattr__(self, "logits", logits)
        object.__setattr__(self, "_largest", largest)

    @property
    def params(self):
        """The logits, shape ``(..., K)``."""
        return self.logits

    @property
    def num_actions(self):
        """The number of actions, K."""
        return self.logits.shape[-1]

    @property
    def batch_shape(self):
        """Shape of the logits without their last axis."""
        return self.logits.shape[:-1]

    @cached_property
    def log_probs(self):
        r"""Log-probabilities of all actions, :math:`z - \log\sum_b e^{z_b}`, shape ``(..., K)``."""
        shifted = self.logits - self.logits.max(axis=-1, keepdims=True)
        return read_only(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))

    @cached_property
    def _exponentials(self):
        r""":math:`e^z` up to a factor per policy, shape ``(..., K)``, and their sums, ``(..., 1)``."""
        # Where no logit is large nothing can overflow, and finding the largest of each row would take
        # longer than all the exponentials.
        shifted = self.logits
        if self._largest > 300:
            shifted = shifted - shifted.max(axis=-1, keepdims=True)
        exponentials = np.exp(shifted)
        return exponentials, np.einsum("...k->...", exponentials)[..., None]

    @cached_property
    def probs(self):
        r"""Probabilities of all actions, :math:`\pi`, shape ``(..., K)``."""
        exponentials, total = self._exponentials
        return read_only(exponentials / total)

    def sample(self, rng, size=None):
        """Draw actions.

        Parameters
        ----------
        rng : numpy.random.Generator
        size : None, int or tuple of int
            Shape of independent draws per policy of the batch.

        Returns
        -------
        int array, shape ``size + batch_shape``

        Notes
        -----
        Inverse of the cumulative distribution: an action of probability 0 is never drawn.

        >>> policy = Categorical(np.log([0.5, 0.25, 0.25]))
        >>> policy.sample(np.random.default_rng(0), 5)
        array([1, 0, 0, 0, 2])
        """
        cumulative = _running_sums(self._exponentials[0])
        uniform = generator(rng).random(sample_shape(size) + self.batch_shape) * cumulative[..., -1]
        if not self.batch_shape:
            return np.searchsorted(cumulative, uniform, side="right")
        return (cumulative <= uniform[..., None]).sum(axis=-1)

    def log_prob(self, action):
        r"""Log-probability of actions: :math:`z_a - \log\sum_b e^{z_b}`.

        Parameters
        ----------
        action : int array, shape (...)
            Indices in ``[0, K)``, broadcast against the batch shape of the logits.

        Returns
        -------
        float array, shape (...)

        Raises
        ------
        IndexError
            If an action lies outside ``[0, K)``.
        ValueError
            If actions are not integers, or do not broadcast against the batch shape.

        Notes
        -----
        Equation ``eq-log-softmax``.

        >>> Categorical(np.log([0.5, 0.25, 0.25])).log_prob([0, 1]).round(4)
        array([-0.6931, -1.3863])
        """
        action = self._actions(action)
        log_probs = np.broadcast_to(self.log_probs, (*action.shape, self.num_actions))
        return np.take_along_axis(log_probs, action[..., None], axis=-1)[..., 0]

    def score(self, action):
        r"""Gradient of ``log_prob(action)`` with respect to the logits: :math:`e_a - \pi`.

        Parameters
        ----------
        action : int array, shape (...)
            Indices in ``[0, K)``, broadcast against the batch shape of the logits.

        Returns
        -------
        float array, shape (..., K)
            Sums to zero over the last axis.

        Raises
        ------
        IndexError
            If an action lies outside ``[0, K)``.
        ValueError
            If actions are not integers, or do not broadcast against the batch shape.

        Notes
        -----
        Equation ``eq-score-softmax``; Williams (1992), section 4.

        >>> Categorical(np.log([0.5, 0.25, 0.25])).score(0)
        array([ 0.5 , -0.25, -0.25])
        """
        action = self._actions(action)
        exponentials, total = self._exponentials
        score = np.broadcast_to(exponentials, (*action.shape, self.num_actions)) / -total
        score[(*np.indices(action.shape, sparse=True), action)] += 1
        return score

    def jacobian(self):
        r"""Derivatives of the probabilities, :math:`\partial\pi_i/\partial z_j = \pi_i(\delta_{ij} - \pi_j)`.

        Returns
        -------
        float array, shape (..., K, K)
            Row i belongs to the probability, column j to the logit.

        Notes
        -----
        Equation ``eq-softmax-jacobian``. For large K use :meth:`jvp`, which needs no matrix.

        >>> Categorical(np.log([0.5, 0.25, 0.25])).jacobian()
        array([[ 0.25  , -0.125 , -0.125 ],
               [-0.125 ,  0.1875, -0.0625],
               [-0.125 , -0.0625,  0.1875]])
        """
        pi = self.probs
        return pi[..., :, None] * (np.eye(self.num_actions) - pi[..., None, :])

    def jvp(self, v):
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

        >>> Categorical(np.log([0.5, 0.25, 0.25])).jvp([50, 0, 0])
        array([12.5 , -6.25, -6.25])
        """
        v = real_array("v", v)
        if v.shape[-1:] != self.logits.shape[-1:]:
            raise ValueError(f"v must have shape (..., {self.num_actions}), but the shape is {v.shape}")
        broadcast_shapes(v=v.shape, logits=self.logits.shape)
        with within_float64("v"):
            return self.probs * (v - (self.probs * v).sum(axis=-1, keepdims=True))

    def fisher(self):
        r"""Covariance of the score, :math:`\operatorname{diag}(\pi) - \pi\pi^\top`: the Jacobian again.

        Returns
        -------
        float array, shape (..., K, K)
        """
        return self.jacobian()

    def _actions(self, action):
        """Validated actions, broadcast against the batch shape."""
        action = int_array("action", action, self.num_actions)
        return np.broadcast_to(action, broadcast_shapes(action=action.shape, logits_batch=self.batch_shape))


def _running_sums(array):
    """Cumulative sums over the last axis; for many short rows one sum per column is faster than np.cumsum."""
    if array.shape[-1] ** 2 > array.size:
        return np.cumsum(array, axis=-1)
    sums = array.copy(order="K")
    for k in range(1, array.shape[-1]):
        sums[..., k] += sums[..., k - 1]
    return sums
