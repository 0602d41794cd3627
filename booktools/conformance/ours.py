"""The book's equations for a batch. A term is a pair: what each token adds to the objective, and the number c
that multiplies its score in the gradient (``eq-grpo-gradient``). Programs minimise minus the objective.
"""

import numpy as np

from pgbook.policies import Categorical


def loss(batch, weight, *terms, sign=-1):
    """Return minus the weighted sum of the terms, and its gradient with respect to the logits."""
    f, c = (
        sum(np.broadcast_to(part, batch.mask.shape) for part in parts) for parts in zip(*terms, strict=True)
    )
    scores = Categorical(batch.new).score(batch.token)
    weight = weight(batch) * batch.mask
    return sign * (weight * f).sum(), sign * (weight * c)[..., None] * scores


# What a token's term is divided by.


def per_response(batch):
    """Over the response's own length, then over the responses; one that is masked whole counts as 0."""
    return 1 / np.maximum(batch.length, 1) / len(batch.mask)


def per_response_left(batch):
    """The same, but one that is masked whole does not count."""
    return 1 / np.maximum(batch.length, 1) / (batch.length > 0).sum()


def per_token(batch):
    return 1 / batch.mask.sum()


def summed(batch):
    """The sum over a response, over the number of responses."""
    return 1 / len(batch.mask)


def over(number):
    """Return the division of a response's sum by one number, as in Dr. GRPO."""
    return lambda batch: 1 / (len(batch.mask) * number)


def in_pieces(batch, pieces=3):
    """Over the tokens of one's own piece of the batch, then over the pieces (``ex-grpo-batch``)."""
    tokens = batch.mask.reshape(pieces, -1).sum(axis=1)
    return 1 / np.repeat(tokens, len(batch.mask) // pieces)[:, None] / pieces


# Advantages: one number for each response.


def grouped(batch, rewards=None):
    return (batch.rewards if rewards is None else rewards).reshape(-1, batch.group)


def centred(batch):
    """The rewards minus the mean of their group."""
    R = grouped(batch)
    return (R - R.mean(axis=1, keepdims=True)).reshape(-1, 1)


def standard(batch, ddof=1, extra=1e-4, whole=False):
    """The same over the deviation S of the group, or of the whole batch."""
    R = grouped(batch)
    S = R.std(axis=None if whole else 1, keepdims=True, ddof=ddof)
    return ((R - R.mean(axis=1, keepdims=True)) / (S + extra)).reshape(-1, 1)


def leave_one_out(batch, rewards=None):
    """The reward minus the mean of the others in the group (``eq-leave-one-out``)."""
    R = grouped(batch, rewards)
    others = (R.sum(axis=1, keepdims=True) - R) / (batch.group - 1)
    return (R - others).reshape(-1, 1)


def penalised(batch, by=0.1, k3=False):
    """The rewards minus the sum over the response of k1, of the policy that drew (``eq-kl-in-reward``)."""
    log_u = batch.log_probs("ref") - batch.log_probs("old")
    k = np.exp(log_u) - 1 - log_u if k3 else -log_u
    return batch.rewards - by * (k * batch.mask).sum(axis=1)


def whitened(batch, A, ddof=1, to_variance=1e-8, to_deviation=0.0):
    """The advantages of all tokens, minus their mean, over their deviation: longer responses count more."""
    real = np.broadcast_to(A, batch.mask.shape)[batch.mask == 1]
    return (A - real.mean()) / (np.sqrt(real.var(ddof=ddof) + to_variance) + to_deviation)


# Terms.


def clipped(w, A, low=0.2, high=0.2, most=np.inf, pick=np.minimum):
    """PPO's minimum (``eq-ppo-dead-zone``); the ratio itself is never more than ``most``."""
    edge = np.clip(w, 1 - low, 1 + high)
    f = pick(np.minimum(w, most) * A, edge * A)
    alive = (w == edge) | ((f == w * A) & (w < most))
    return f, w * A * alive


def cut(batch, A, most, least=0.0):
    """The logarithm times a cut ratio that is not differentiated (``eq-cut-weight``)."""
    fixed = np.clip(batch.w, least, most)
    return fixed * A * batch.log_probs("new"), fixed * A


def scored(batch, A, weight=1.0):
    """REINFORCE: the logarithm times fixed numbers."""
    return A * weight * batch.log_probs("new"), A * weight


def soft(w, A, praised=1.0, blamed=1.05):
    """SAPO: a sigmoid in place of the clip; its slope times w multiplies the score."""
    tau = np.where(A > 0, praised, blamed)
    s = 1 / (1 + np.exp(-tau * (w - 1)))
    return 4 * s / tau * A, 4 * s * (1 - s) * w * A


# What a divergence adds, as a loss: minus these are in the objective.


def k1(batch, by):
    return by * np.log(batch.u), -by * np.ones_like(batch.u)


def k2(batch, by):
    return -by * np.log(batch.u) ** 2 / 2, by * np.log(batch.u)


def k3(batch, by):
    return -by * (batch.u - 1 - np.log(batch.u)), by * (batch.u - 1)


def k3_weighted(batch, by):
    """The penalty times the token's ratio (``eq-kl-weighted``)."""
    f, _ = k3(batch, by)
    return f * batch.w, by * batch.w * np.log(batch.u)


def k3_by_response(batch, by):
    """The penalty times the response's ratio, which is differentiated in all tokens."""
    f, c = k3(batch, by)
    mean = (f * batch.mask).sum(axis=1, keepdims=True) / batch.length
    return f * batch.mean_w, (c + mean) * batch.mean_w


def like(value, gradient):
    """A term with the value of one and the gradient of another."""
    return value[0], gradient[1]


def once(batch, term):
    """A term of a whole response that is its ratio's, the product: it is counted once, not once a token."""
    f, c = term
    return f / batch.length, c


def entropy_bonus(batch, by=0.1):
    """The entropy of each token's policy, and its gradient (``eq-entropy-softmax``), which is no score's."""
    pi = Categorical(batch.new).probs
    entropy = Categorical(batch.new).entropy()
    weight = by / batch.mask.sum() * batch.mask
    return -(weight * entropy).sum(), (weight[..., None] * pi * (np.log(pi) + entropy[..., None]))
