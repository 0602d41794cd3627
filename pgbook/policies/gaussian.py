"""A real-valued action with a normal distribution, by standard deviation or by its logarithm (chapter 7)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from pgbook._inputs import (
    Rebuilt,
    broadcast_shapes,
    generator,
    place,
    read_only,
    real_array,
    same_actions,
    sample_shape,
    underflow_is_zero,
    within_float64,
)
from pgbook.policies.protocol import Policy

# Beyond these 1/std² leaves the range of float64.
SMALLEST, LARGEST = 1e-150, 1e150


class _Normal(Rebuilt, Policy):
    """What both parameterisations share: mean, std and the standardised action."""

    def _set(self, name, spread):
        """Keep the parameters, broadcast; the spread is one that was checked before."""
        mean = real_array("mean", self.mean)
        shape = broadcast_shapes(**{"mean": mean.shape, name: spread.shape})
        object.__setattr__(self, "mean", np.broadcast_to(mean, shape))
        object.__setattr__(self, name, np.broadcast_to(spread, shape))

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """Common shape of the parameters."""
        return self.mean.shape

    @property
    def support(self) -> str:
        return "real numbers"

    @underflow_is_zero
    def sample(self, rng: np.random.Generator, size: int | tuple[int, ...] | None = None) -> np.ndarray:
        noise = generator(rng).standard_normal(sample_shape(size) + self.batch_shape)
        return self.mean + self.std * noise

    @underflow_is_zero
    def log_prob(self, x: ArrayLike) -> np.ndarray:
        return (-0.5 * self._noise(x) ** 2 - np.log(self.std) - 0.5 * np.log(2 * np.pi))[()]

    def pathwise(self, x: ArrayLike) -> np.ndarray:
        r"""Derivative of the action :math:`\mu + \sigma\varepsilon` with respect to ``params``.

        Parameters
        ----------
        x : float array, shape (...)
            Actions, broadcast against the parameters.

        Returns
        -------
        float array, shape (..., 2)

        Raises
        ------
        ValueError
            As for ``score``.

        Notes
        -----
        Equation ``eq-pathwise``, at fixed noise: :math:`(1, \varepsilon)`, by the logarithm
        :math:`(1, \sigma\varepsilon)`.

        >>> Gaussian(0.0, 2.0).pathwise(4.0)
        array([1., 2.])
        """
        raise NotImplementedError

    def entropy(self) -> np.ndarray:
        return 0.5 * np.log(2 * np.pi * np.e) + np.log(self.std)

    def kl(self, other: Policy) -> np.ndarray:
        same_actions("other", self, other, "mean", "std")
        with within_float64("other"):
            ratio, distance = self.std / other.std, (self.mean - other.mean) / other.std
            # Apart, and as a product: between policies that are near little cancels.
            spread = np.maximum(0.5 * (ratio - 1) * (ratio + 1) - np.log(ratio), 0)
            return spread + 0.5 * distance**2

    @underflow_is_zero
    def _noise(self, x):
        """The standardised action, of the common shape."""
        x = real_array("x", x)
        broadcast_shapes(x=x.shape, batch=self.batch_shape)
        with np.errstate(over="ignore"):
            noise = np.asarray(x - self.mean)
            noise /= self.std
        if max(noise.max(initial=0), -noise.min(initial=0)) > LARGEST:
            raise ValueError(f"x must lie within {LARGEST:.0e} standard deviations of the mean")
        return noise


@dataclass(frozen=True, eq=False)
class Gaussian(_Normal):
    r"""Normal policy with the parameters :math:`(\mu, \sigma)`.

    Parameters
    ----------
    mean, std : float array, shape (...)
        In the units of the action, broadcast against each other.

    Raises
    ------
    ValueError
        If ``std`` is not positive (or beyond 1e±150), a parameter is not finite, or the shapes
        do not broadcast.

    Notes
    -----
    With the noise :math:`\varepsilon = (x - \mu)/\sigma`, the log-density is
    :math:`-\tfrac12\varepsilon^2 - \log\sigma - \tfrac12\log 2\pi` and the score
    :math:`(\varepsilon/\sigma,\ (\varepsilon^2 - 1)/\sigma)` (``eq-score-gaussian-mean`` and
    ``eq-score-gaussian-std``; Williams (1992), section 6), with covariance
    :math:`\operatorname{diag}(1/\sigma^2,\ 2/\sigma^2)`.

    >>> Gaussian(0.0, 2.0).score([2.0, 4.0])
    array([[0.5, 0. ],
           [1. , 1.5]])
    """

    mean: np.ndarray
    std: np.ndarray

    def __post_init__(self):
        std = real_array("std", self.std)
        outside = (std < SMALLEST) | (std > LARGEST)
        if outside.any():
            raise ValueError(
                f"std must lie in [{SMALLEST:.0e}, {LARGEST:.0e}], but {place('std', std, outside)}"
            )
        self._set("std", std)

    @property
    def params(self) -> np.ndarray:
        r""":math:`(\mu, \sigma)`, shape ``(..., 2)``."""
        return read_only(np.stack([self.mean, self.std], axis=-1))

    def score(self, x: ArrayLike) -> np.ndarray:
        noise = self._noise(x)
        with within_float64("x, in standard deviations from the mean"):
            return np.stack([noise / self.std, (noise**2 - 1) / self.std], axis=-1)

    def pathwise(self, x: ArrayLike) -> np.ndarray:
        noise = self._noise(x)
        return np.stack([np.ones_like(noise), noise], axis=-1)

    def fisher(self) -> np.ndarray:
        return _diagonal(1 / self.std**2, 2 / self.std**2)


@dataclass(frozen=True, eq=False)
class GaussianLogStd(_Normal):
    r"""Normal policy with the parameters :math:`(\mu, \log\sigma)`: no step leads out of range.

    Parameters
    ----------
    mean, log_std : float array, shape (...)
        Broadcast against each other.

    Raises
    ------
    ValueError
        If a parameter is not finite, ``log_std`` is beyond ±345 (std beyond 1e±150), or the shapes
        do not broadcast.

    Notes
    -----
    The score is :math:`(\varepsilon/\sigma,\ \varepsilon^2 - 1)` (``eq-score-gaussian-log-std``), with
    covariance :math:`\operatorname{diag}(1/\sigma^2,\ 2)`.

    >>> GaussianLogStd(0.0, np.log(2.0)).score([2.0, 4.0])
    array([[0.5, 0. ],
           [1. , 3. ]])
    """

    mean: np.ndarray
    log_std: np.ndarray

    def __post_init__(self):
        log_std = real_array("log_std", self.log_std)
        outside = np.abs(log_std) > np.log(LARGEST)
        if outside.any():
            where = place("log_std", log_std, outside)
            raise ValueError(f"log_std must lie within ±{np.log(LARGEST):.0f}, but {where}")
        self._set("log_std", log_std)

    @property
    def params(self) -> np.ndarray:
        r""":math:`(\mu, \log\sigma)`, shape ``(..., 2)``."""
        return read_only(np.stack([self.mean, self.log_std], axis=-1))

    @cached_property
    def std(self) -> np.ndarray:
        r""":math:`\sigma`, shape ``(...)``."""
        return read_only(np.asarray(np.exp(self.log_std)))

    @underflow_is_zero
    def score(self, x: ArrayLike) -> np.ndarray:
        noise = self._noise(x)
        return np.stack([noise / self.std, noise**2 - 1], axis=-1)

    @underflow_is_zero
    def pathwise(self, x: ArrayLike) -> np.ndarray:
        noise = self._noise(x)
        return np.stack([np.ones_like(noise), self.std * noise], axis=-1)

    def fisher(self) -> np.ndarray:
        return _diagonal(1 / self.std**2, np.full_like(self.log_std, 2.0))


def _diagonal(*entries):
    """Stack entries into diagonal matrices on the last two axes."""
    return np.stack(entries, axis=-1)[..., None] * np.eye(len(entries))
