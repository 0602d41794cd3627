"""One small batch of responses: logits of four policies, the tokens drawn, and what each response is paid."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pgbook.policies import Categorical

STOP = 0


@dataclass(frozen=True)
class Batch:
    """``new`` is differentiated; ``old`` drew, if ``sampler`` did not. All four are logits of every token."""

    new: np.ndarray
    old: np.ndarray
    ref: np.ndarray
    sampler: np.ndarray
    token: np.ndarray
    mask: np.ndarray
    rewards: np.ndarray
    group: int = 3

    def log_probs(self, name):
        """Return the log-probabilities of the tokens by the policy of that name."""
        return Categorical(getattr(self, name)).log_prob(self.token)

    @cached_property
    def log_w(self):
        """The logarithm of each token's ratio."""
        return self.log_probs("new") - self.log_probs("old")

    @cached_property
    def w(self):
        return np.exp(self.log_w)

    @cached_property
    def mean_w(self):
        """The geometric mean of a response's ratios (``eq-gspo-ratio``)."""
        return np.exp((self.log_w * self.mask).sum(axis=1, keepdims=True) / self.length)

    @cached_property
    def product_w(self):
        """The product of a response's ratios."""
        return np.exp((self.log_w * self.mask).sum(axis=1, keepdims=True))

    @cached_property
    def u(self):
        """What the reference gives a token, over what the new policy does."""
        return np.exp(self.log_probs("ref") - self.log_probs("new"))

    @cached_property
    def length(self):
        return self.mask.sum(axis=1, keepdims=True)


def drawn(seed=1903):
    """Return the batch: three prompts, three responses each, 33 tokens; some of the responses end with STOP.

    The numbers are such that N/(N − 1) has no rounding error in float32, in which TRL and verl compute it: 3
    of a group, 9 of the batch, 33 tokens. The seed is the first from 1900 on with every case of `covers`.
    """
    rng = np.random.default_rng(seed)
    shape = 9, 5, 6
    middle = rng.normal(size=shape)
    new, old, ref, sampler = (middle + 0.6 * rng.normal(size=shape) for _ in range(4))
    length = np.array([5, 3, 4, 2, 5, 1, 4, 5, 4])
    mask = (np.arange(shape[1]) < length[:, None]).astype(int)
    token = rng.integers(1, shape[2], size=shape[:2])
    ended = np.arange(9) % 4 != 0
    token[ended, length[ended] - 1] = STOP
    return Batch(new, old, ref, sampler, token * mask, mask, rng.normal(size=9))


def covers(batch, advantage, edge=0.2, far=3.0):
    """Whether praised and blamed tokens and responses lie on all sides of the edges, and one far off."""
    real = batch.mask == 1
    praised = np.broadcast_to(advantage > 0, real.shape)[real]
    cases = []
    for w in (batch.w[real], np.broadcast_to(batch.mean_w, real.shape)[real]):
        for zone in (w < 1 - edge, abs(w - 1) < edge, w > 1 + edge):
            cases += [(zone & praised).any(), (zone & ~praised).any()]
    return all(cases) and ((batch.w[real] > far) & ~praised).any()
