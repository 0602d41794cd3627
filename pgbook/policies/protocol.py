"""What every policy offers: the protocol that estimators are written for."""

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike


class Policy(Protocol):
    """A distribution over actions whose score we can write down.

    Shapes are those of ``torch.distributions``: batch dimensions in front, the P parameters on the last axis.
    One action of one policy gives a NumPy scalar, more of either give an array.
    """

    @property
    def params(self) -> np.ndarray:
        """The parameters, shape ``(..., P)``."""
        ...

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """Shape of the parameters without their last axis."""
        ...

    @property
    def support(self) -> str:
        """What the actions are, in words. Only policies with the same actions can be compared."""
        ...

    def sample(self, rng: np.random.Generator, size: int | tuple[int, ...] | None = None) -> np.ndarray:
        """Draw actions.

        Parameters
        ----------
        rng : numpy.random.Generator
        size : None, int or tuple of int
            Shape of independent draws per policy of the batch.

        Returns
        -------
        array, shape ``size + batch_shape``

        Raises
        ------
        ValueError
            If ``rng`` is no generator, or ``size`` no shape.
        """
        ...

    def log_prob(self, x: ArrayLike) -> np.ndarray:
        """Logarithm of the probability of actions, or of their density.

        Parameters
        ----------
        x : array, shape (...)
            Actions, broadcast against the batch shape.

        Returns
        -------
        float array, shape (...)

        Raises
        ------
        IndexError
            If a discrete action is out of range.
        ValueError
            If actions are of the wrong kind, not finite, or do not broadcast against the batch shape.
        """
        ...

    def score(self, x: ArrayLike) -> np.ndarray:
        """Gradient of ``log_prob(x)`` with respect to ``params``.

        Parameters
        ----------
        x : array, shape (...)
            Actions, broadcast against the batch shape.

        Returns
        -------
        float array, shape (..., P)

        Raises
        ------
        IndexError
            If a discrete action is out of range.
        ValueError
            If actions are of the wrong kind, not finite, or do not broadcast against the batch shape.
        """
        ...

    def fisher(self) -> np.ndarray:
        """Covariance of the score, shape ``(..., P, P)``."""
        ...

    def entropy(self) -> np.ndarray:
        r"""Entropy :math:`-\mathbb{E}\log\pi(x)` in nats, shape ``batch_shape``."""
        ...

    def kl(self, other: "Policy") -> np.ndarray:
        r"""Kullback-Leibler divergence :math:`\mathbb{E}\,[\log\pi(x) - \log\pi'(x)]` in nats.

        The actions are drawn from this policy.

        Parameters
        ----------
        other : policy
            With the same ``support``; the batch shapes are broadcast.

        Returns
        -------
        float array, shape (...)
            Infinite where the other policy never takes an action that this one does.

        Raises
        ------
        ValueError
            If the other policy has other actions, the batch shapes do not broadcast, or a result exceeds
            float64.
        """
        ...
