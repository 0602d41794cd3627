"""A choice between 0 and 1, by its probability or by its logit (chapter 6)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, log_expit

from pgbook._inputs import (
    Rebuilt,
    broadcast_shapes,
    generator,
    int_array,
    place,
    real_array,
    same_actions,
    sample_shape,
    underflow_is_zero,
)
from pgbook.policies.categorical import divergence
from pgbook.policies.protocol import Policy


class _Coin(Rebuilt, Policy):
    """What both parameterisations share: outcomes 0 and 1, one parameter."""

    @property
    def params(self) -> np.ndarray:
        """The parameter, shape ``(..., 1)``."""
        return self._parameter[..., None]

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """Shape of the parameter."""
        return self._parameter.shape

    @property
    def support(self) -> str:
        return "0 and 1"

    def sample(self, rng: np.random.Generator, size: int | tuple[int, ...] | None = None) -> np.ndarray:
        uniform = generator(rng).random(sample_shape(size) + self.batch_shape)
        return (uniform < self.probs).astype(int)

    @underflow_is_zero
    def entropy(self) -> np.ndarray:
        return sum(np.exp(self.log_prob(x)) * -self.log_prob(x) for x in (0, 1))

    @underflow_is_zero
    def kl(self, other: Policy) -> np.ndarray:
        same_actions("other", self, other)
        ours, theirs = (
            np.stack([policy.log_prob(0), policy.log_prob(1)], axis=-1) for policy in (self, other)
        )
        return divergence(ours, theirs)

    def _outcomes(self, x):
        """Validated outcomes, broadcast against the batch shape."""
        x = int_array("x", x, 2)
        return np.broadcast_to(x, broadcast_shapes(x=x.shape, batch=self.batch_shape))


@dataclass(frozen=True, eq=False)
class Bernoulli(_Coin):
    r"""The outcome is 1 with probability :math:`p`, and :math:`p` itself is the parameter.

    Parameters
    ----------
    p : float array, shape (...)
        Probability of 1.

    Raises
    ------
    ValueError
        If ``p`` does not lie in (0, 1), or 1/p would be near float64's limit (below 2e-308).

    Notes
    -----
    The score is :math:`(x - p) / (p(1 - p))` (``eq-score-bernoulli``; Williams (1992), section 4), the Fisher
    information :math:`1 / (p(1 - p))`. An update of ``p`` can leave (0, 1); compare `BernoulliLogit`.

    >>> Bernoulli(0.9).score([1, 0]).round(3)
    array([[  1.111],
           [-10.   ]])
    """

    p: np.ndarray

    def __post_init__(self):
        p = real_array("p", self.p)
        # Not far below the smallest normal number, 1/p overflows.
        outside = (p < np.finfo(float).tiny) | (p >= 1)
        if outside.any():
            raise ValueError(f"p must lie in (0, 1), but {place('p', p, outside)}")
        object.__setattr__(self, "p", p)

    @property
    def _parameter(self):
        return self.p

    @property
    def probs(self) -> np.ndarray:
        """Probability of 1, shape ``(...)``."""
        return self.p

    @underflow_is_zero
    def log_prob(self, x: ArrayLike) -> np.ndarray:
        return np.where(self._outcomes(x) == 1, np.log(self.p), np.log1p(-self.p))[()]

    def score(self, x: ArrayLike) -> np.ndarray:
        return ((self._outcomes(x) - self.p) / (self.p * (1 - self.p)))[..., None]

    def fisher(self) -> np.ndarray:
        return (1 / (self.p * (1 - self.p)))[..., None, None]


@dataclass(frozen=True, eq=False)
class BernoulliLogit(_Coin):
    r"""The outcome is 1 with probability :math:`p = 1 / (1 + e^{-\theta})` for a logit :math:`\theta`.

    Parameters
    ----------
    logit : float array, shape (...)

    Raises
    ------
    ValueError
        If the logit is not a finite real number.

    Notes
    -----
    The softmax policy with the two logits 0 and :math:`\theta`. The score is :math:`x - p`
    (``eq-score-bernoulli-logit``; Williams (1992), section 4), the Fisher information :math:`p(1 - p)`. For
    x = 1 the score is computed as the probability of 0, which keeps its digits where p rounds to 1.

    >>> BernoulliLogit(np.log(9)).score([1, 0]).round(3)
    array([[ 0.1],
           [-0.9]])
    """

    logit: np.ndarray

    def __post_init__(self):
        object.__setattr__(self, "logit", real_array("logit", self.logit))

    @property
    def _parameter(self):
        return self.logit

    @property
    @underflow_is_zero
    def probs(self) -> np.ndarray:
        """Probability of 1, shape ``(...)``."""
        return np.asarray(expit(self.logit))

    @underflow_is_zero
    def log_prob(self, x: ArrayLike) -> np.ndarray:
        return log_expit(self._towards(x) * self.logit)

    @underflow_is_zero
    def score(self, x: ArrayLike) -> np.ndarray:
        towards = self._towards(x)
        return (towards * expit(-towards * self.logit))[..., None]

    @underflow_is_zero
    def fisher(self) -> np.ndarray:
        return (expit(self.logit) * expit(-self.logit))[..., None, None]

    def _towards(self, x):
        """1 for the outcome 1, whose probability grows with the logit, and -1 for 0."""
        return 2.0 * self._outcomes(x) - 1
