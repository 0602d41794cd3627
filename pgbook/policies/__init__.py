"""Distributions over actions whose score we can write down. `Policy` says what all of them offer."""

from pgbook.policies.bernoulli import Bernoulli, BernoulliLogit
from pgbook.policies.categorical import Categorical, softmax
from pgbook.policies.gaussian import Gaussian, GaussianLogStd
from pgbook.policies.protocol import Policy

__all__ = ["Bernoulli", "BernoulliLogit", "Categorical", "Gaussian", "GaussianLogStd", "Policy", "softmax"]
