"""verl's own functions on our batch. It imports Ray, which starts processes: none here, so a mock will do."""

import sys
from unittest import mock

import numpy as np
import torch

sys.modules.setdefault("ray", mock.MagicMock(__spec__=None))

from verl.trainer.config import AlgoConfig  # noqa: E402
from verl.trainer.ppo import core_algos  # noqa: E402
from verl.workers.config import ActorConfig, PolicyLossConfig  # noqa: E402

FUNCTIONS = core_algos.POLICY_LOSS_REGISTRY


def log_probs(batch, name):
    """Return logits that ask for a gradient, and the log-probabilities of the tokens."""
    logits = torch.tensor(getattr(batch, name), requires_grad=True)
    picked = torch.log_softmax(logits, -1).gather(-1, torch.tensor(batch.token)[..., None])
    return logits, picked[..., 0]


def advantages(batch, estimator, **options):
    """Return what the estimator of that name makes of the rewards, which are paid at the last tokens."""
    rewards = torch.zeros(batch.mask.shape, dtype=torch.float64)
    rewards[torch.arange(len(rewards)), torch.tensor(batch.length[:, 0] - 1)] = torch.tensor(batch.rewards)
    index = np.repeat(np.arange(len(rewards) // batch.group), batch.group)
    estimate = core_algos.get_adv_estimator_fn(estimator)
    return estimate(rewards, torch.tensor(batch.mask), index=index, config=AlgoConfig(), **options)[0]


def policy_loss(
    batch,
    name,
    estimator="grpo",
    mode="token-mean",
    divide=False,
    masked=None,
    edges=0.2,
    policy=(),
    **config,
):
    """Return a policy loss and its gradient; ``masked``: a response that is masked when the loss is taken."""
    config = {"clip_ratio": edges, "clip_ratio_low": edges, "clip_ratio_high": edges, **config}
    config["policy_loss"] = PolicyLossConfig(**dict(policy))
    actor = ActorConfig(strategy="fsdp", rollout_n=batch.group, ppo_micro_batch_size_per_gpu=1, **config)
    options = {"norm_adv_by_std_in_grpo": divide} if estimator == "grpo" else {}
    A = advantages(batch, estimator, **options)
    mask = torch.tensor(batch.mask)
    if masked is not None:
        mask[masked] = 0
    logits, new = log_probs(batch, "new")
    old = log_probs(batch, "old")[1].detach()
    loss, _ = FUNCTIONS[name](old, new, A, mask, mode, actor)
    loss.backward()
    return loss.item(), logits.grad.numpy()


def penalty(batch, kind, by=1.0):
    """Return an estimate of the divergence from the reference as a loss, and its gradient."""
    logits, new = log_probs(batch, "new")
    each = core_algos.kl_penalty(new, log_probs(batch, "ref")[1].detach(), kind)
    loss = by * core_algos.agg_loss(each, torch.tensor(batch.mask), "token-mean")
    loss.backward()
    return loss.item(), logits.grad.numpy()
