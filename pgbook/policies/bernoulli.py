"""A choice between 0 and 1, by its probability or by its logit (chapter 5)."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from pgbook._inputs import broadcast_shapes, generator, int_array, real_array, sample_shape


class _Coin:
    """What both parameterisations share: outcomes 0 and 1, one parameter."""

    @property
    def params(self):
        """The parameter, shape ``(..., 1)``."""
        return self._parameter[..., None]

    @property
    def batch_shape(self):
        """Shape of the parameter."""
        return self._parameter.shape

    def sample(self, rng, size=None):
        """Draw outcomes 0 or 1, an int array of shape ``size + batch_shape``.

        Both parameterisations draw the same:

        >>> Bernoulli(0.5).sample(np.random.default_rng(0), 4)
        array([0, 1, 1, 1])
        >>> BernoulliLogit(0.0).sample(np.random.default_rng(0), 4)
        array([0, 1, 1, 1])
        """
        uniform = generator(rng).random(sample_shape(size) + self.batch_shape)
        return (uniform < self.probs).astype(int)

    def _outcomes(self, y):
        """Validated outcomes, broadcast against the batch shape."""
        y = int_array("y", y, 2)
        return np.broadcast_to(y, broadcast_shapes(y=y.shape, batch=self.batch_shape))


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
        If ``p`` does not lie in (0, 1).

    Notes
    -----
    Williams (1992), section 4. An update of ``p`` can leave (0, 1); compare `BernoulliLogit`.

    >>> Bernoulli(0.9).score([1, 0]).round(3)
    array([[  1.111],
           [-10.   ]])
    """

    p: np.ndarray

    def __post_init__(self):
        p = real_array("p", self.p)
        # Below the smallest normal number 1/p overflows.
        outside = (p < np.finfo(float).tiny) | (p >= 1)
        if outside.any():
            raise ValueError(f"p must lie in (0, 1), but it contains {p[outside].flat[0]}")
        object.__setattr__(self, "p", p)

    @property
    def _parameter(self):
        return self.p

    @property
    def probs(self):
        """Probability of 1, shape ``(...)``."""
        return self.p

    def log_prob(self, y):
        r"""Log-probability of outcomes ``y``: :math:`\log p` or :math:`\log(1 - p)`.

        Parameters
        ----------
        y : int array, shape (...)
            Zeros and ones, broadcast against ``p``.

        Returns
        -------
        float array, shape (...)

        Raises
        ------
        IndexError
            If an outcome is neither 0 nor 1.
        """
        return np.where(self._outcomes(y) == 1, np.log(self.p), np.log1p(-self.p))

    def score(self, y):
        r"""Derivative of ``log_prob(y)`` with respect to :math:`p`: :math:`(y - p) / (p(1 - p))`.

        Parameters
        ----------
        y : int array, shape (...)
            Zeros and ones, broadcast against ``p``.

        Returns
        -------
        float array, shape (..., 1)

        Raises
        ------
        IndexError
            If an outcome is neither 0 nor 1.

        Notes
        -----
        Equation ``eq-score-bernoulli``; Williams (1992), section 4.
        """
        return ((self._outcomes(y) - self.p) / (self.p * (1 - self.p)))[..., None]

    def fisher(self):
        r"""Variance of the score, :math:`1 / (p(1 - p))`, shape ``(..., 1, 1)``."""
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
    The softmax policy with the two logits 0 and :math:`\theta`.

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
    def probs(self):
        """Probability of 1, shape ``(...)``."""
        return expit(self.logit)

    def log_prob(self, y):
        r"""Log-probability of outcomes ``y``: :math:`-\log(1 + e^{\mp\theta})`.

        Parameters
        ----------
        y : int array, shape (...)
            Zeros and ones, broadcast against the logit.

        Returns
        -------
        float array, shape (...)

        Raises
        ------
        IndexError
            If an outcome is neither 0 nor 1.
        """
        return -np.logaddexp(0, np.where(self._outcomes(y) == 1, -self.logit, self.logit))

    def score(self, y):
        r"""Derivative of ``log_prob(y)`` with respect to the logit: :math:`y - p`.

        Parameters
        ----------
        y : int array, shape (...)
            Zeros and ones, broadcast against the logit.

        Returns
        -------
        float array, shape (..., 1)

        Raises
        ------
        IndexError
            If an outcome is neither 0 nor 1.

        Notes
        -----
        Equation ``eq-score-bernoulli-logit``; Williams (1992), section 4. For y = 1 it is computed as
        the probability of 0, which keeps its digits where p rounds to 1.
        """
        sign = np.where(self._outcomes(y) == 1, 1.0, -1.0)
        score = np.asarray(sign * self.logit)
        with np.errstate(over="ignore"):  # 1/∞ is the 0 that is meant
            np.exp(score, out=score)
        score += 1
        return np.divide(sign, score, out=score)[..., None]

    def fisher(self):
        r"""Variance of the score, :math:`p(1 - p)`, shape ``(..., 1, 1)``."""
        return (expit(self.logit) * expit(-self.logit))[..., None, None]
