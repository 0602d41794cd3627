"""Policies: distributions over actions whose score we can write down.

One protocol for all, with shapes as in ``torch.distributions`` (batch dimensions in front):

- ``sample(rng, size)``: actions, shape ``size + batch``;
- ``log_prob(x)``: shape ``broadcast(x, batch)``;
- ``score(x)``: the gradient of ``log_prob(x)`` with respect to ``params``, on the last axis;
- ``fisher()``: the covariance of the score, ``(..., P, P)``;
- ``params``: the parameters, on the last axis, ``(..., P)``.
"""

from pgbook.policies.bernoulli import Bernoulli, BernoulliLogit
from pgbook.policies.categorical import Categorical
from pgbook.policies.gaussian import Gaussian, GaussianLogStd

__all__ = ["Bernoulli", "BernoulliLogit", "Categorical", "Gaussian", "GaussianLogStd"]
