"""Stable-Baselines3's PPO (read in version 2.9.2)."""

from functools import partial

import numpy as np
from stable_baselines3 import PPO

from booktools.conformance import ours, with_sb3
from booktools.conformance.ours import centred, per_token
from booktools.conformance.rows import Row, both, clip, loss

normalised = partial(ours.whitened, to_variance=0, to_deviation=1e-8)


def ppo(**options):
    return lambda b: with_sb3.ppo(b, centred(b), **options)


def clipped(**how):
    return loss(per_token, clip(lambda b: normalised(b, centred(b), **how)))


SB3 = [
    Row("PPO", "eq-ppo-dead-zone", ppo(), clipped(), {
        "deviation divided by N, not N − 1": clipped(ddof=0),
        "not normalised": loss(per_token, clip()),
    }, PPO.train, "advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)"),
    Row("PPO, normalize_advantage=False", "eq-ppo-dead-zone", ppo(normalize_advantage=False),
        loss(per_token, clip()), {
        "maximum for minimum": loss(per_token, clip(pick=np.maximum)),
        "dead above w = 3": loss(per_token, clip(most=3)),
        "the clip alone": loss(per_token, clip(pick=lambda first, second: second)),
    }, PPO.train, "policy_loss = -th.min(policy_loss_1, policy_loss_2).mean()"),
    Row("PPO, normalize_advantage=False, ent_coef=0.1", "eq-entropy-softmax",
        ppo(normalize_advantage=False, ent_coef=0.1), both(loss(per_token, clip()), ours.entropy_bonus), {
        "sign of the entropy": both(loss(per_token, clip()), partial(ours.entropy_bonus, by=-0.1)),
        "the mean of −log π": loss(per_token, clip(), lambda b: (-0.1 * b.log_probs("new"), -0.1)),
    }, PPO.train, "entropy_loss = -th.mean(entropy)"),
]  # fmt: skip
