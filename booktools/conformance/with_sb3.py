"""Stable-Baselines3's own `PPO.train` on our tokens as decisions: one step, whose gradient is kept."""

from types import SimpleNamespace

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3 import PPO


def ppo(batch, advantage, **options):
    """Return the loss that is logged, and the gradient with respect to the logits of the one step."""
    real = batch.mask == 1
    logits = torch.tensor(batch.new[real], requires_grad=True)
    token = torch.tensor(batch.token[real])

    def evaluate(_, actions):
        logp = torch.log_softmax(logits, -1)
        entropy = -(logp.exp() * logp).sum(-1)
        return torch.zeros(len(logp)), logp.gather(-1, actions[:, None])[:, 0], entropy

    A = torch.tensor(np.broadcast_to(advantage, real.shape)[real])
    zeros = torch.zeros(len(A))
    old = torch.tensor(batch.log_probs("old")[real])
    minibatch = SimpleNamespace(
        observations=None,
        actions=token.float(),
        advantages=A,
        old_log_prob=old,
        old_values=zeros,
        returns=zeros,
    )
    logged = {}
    self = PPO.__new__(PPO)
    self.__dict__.update(
        policy=SimpleNamespace(
            set_training_mode=lambda mode: None, evaluate_actions=evaluate, parameters=lambda: [logits],
            optimizer=torch.optim.SGD([logits], lr=0.0),
        ),
        _logger=SimpleNamespace(record=lambda name, value, **_: logged.update({name: value})),
        rollout_buffer=SimpleNamespace(
            get=lambda size: [minibatch], values=np.zeros(len(A)), returns=np.zeros(len(A))
        ),
        lr_schedule=lambda left: 0.0, clip_range=lambda left: 0.2, clip_range_vf=None, n_epochs=1,
        action_space=spaces.Discrete(batch.new.shape[-1]), batch_size=len(A), normalize_advantage=True,
        ent_coef=0.0, vf_coef=0.5, max_grad_norm=np.inf, target_kl=None, verbose=0, _n_updates=0,
        _current_progress_remaining=1.0,
    )  # fmt: skip
    self.__dict__.update(options)
    self.train()
    gradient = np.zeros_like(batch.new)
    gradient[real] = logits.grad.numpy()
    return logged["train/loss"], gradient
