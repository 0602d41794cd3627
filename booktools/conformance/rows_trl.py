"""TRL's losses, option by option (read in version 1.16.0)."""

from dataclasses import replace
from functools import partial

import numpy as np
from trl import GRPOTrainer, RLOOTrainer

from booktools.conformance import ours, with_trl
from booktools.conformance.batch import STOP
from booktools.conformance.ours import (
    centred,
    k1,
    k2,
    k3,
    k3_by_response,
    k3_weighted,
    leave_one_out,
    once,
    over,
    per_response,
    per_token,
    standard,
    summed,
)  # fmt: skip
from booktools.conformance.rows import Row, both, clip, loss, minus, times

GRPO, SCORED = GRPOTrainer._compute_loss, GRPOTrainer._generate_and_score_completions
RLOO, RLOO_SCORED = RLOOTrainer._compute_loss, RLOOTrainer._generate_and_score_completions


def grpo(loss_type="grpo", **options):
    return lambda b: with_trl.grpo(b, loss_type=loss_type, **options)


def rloo(**options):
    return lambda b: with_trl.rloo(b, **options)


def finished(b):
    """The batch without the responses that were cut off before the STOP."""
    last = b.token[np.arange(len(b.token)), b.length[:, 0] - 1]
    return replace(b, mask=b.mask * (last == STOP)[:, None])


def near(b, sides=(-1,), most=0.1):
    """0 for a blamed response far from the old policy: where the mean of −log w over its tokens is large."""
    far = -(b.log_w * b.mask).sum(axis=1, keepdims=True) / b.length > most
    return 1 - far * np.isin(np.sign(centred(b)), sides)


def vespo(k=(2, 3), rate=(3, 2)):
    """REINFORCE times a function of the product of the response's ratios, for praise and for blame."""

    def term(b):
        A, w = standard(b), b.product_w
        power, decay = (np.where(A >= 0, *pair) for pair in (k, rate))
        return ours.scored(b, A, np.exp(decay * (1 - w)) * w**power)

    return loss(per_token, term)


def trainer_over_sampler(change, of_response=True, most=3.0):
    """The ratio of the old policy to the one that drew, of a response or of each token, cut or dropped."""

    def weight(b):
        log = b.log_probs("old") - b.log_probs("sampler")
        return change(np.exp((log * b.mask).sum(axis=1, keepdims=True) if of_response else log), most)

    return weight


def dropped(w, most):
    return w * (w <= most)


def of_response(A, ratio="product_w"):
    return loss(summed, lambda b: once(b, ours.clipped(getattr(b, ratio), A(b))))


def net(**how):
    return lambda b: leave_one_out(b, ours.penalised(b, **how))


def cut(most, least=0.0):
    return loss(per_token, lambda b: ours.cut(b, standard(b), most, least))


def soft(praised=1.0, blamed=1.25):
    return loss(per_response, lambda b: ours.soft(b.w, standard(b), praised, blamed))


def corrected(change, **how):
    return loss(per_token, times(trainer_over_sampler(change, **how), SCALED))


SCALED, BY_RESPONSE = clip(standard), clip(standard, "mean_w")
WHOLE = partial(standard, whole=True)
TRL = [
    Row("loss_type='grpo'", "eq-grpo-objective eq-grpo-gradient", grpo(), loss(per_response, SCALED), {
        "maximum for minimum": loss(per_response, clip(standard, pick=np.maximum)),
        "S divided by G, not G − 1": loss(per_response, clip(partial(standard, ddof=0))),
        "nothing added to S": loss(per_response, clip(partial(standard, extra=0))),
    }, GRPO, "per_token_loss = -torch.min(per_token_loss1, per_token_loss2)"),
    Row("grpo, epsilon_high=0.28", "eq-ppo-dead-zone", grpo(epsilon_high=0.28),
        loss(per_response, clip(standard, high=0.28)), {
        "both edges 0.2": loss(per_response, SCALED),
        "the edges exchanged": loss(per_response, clip(standard, low=0.28)),
    }, GRPO, "coef_2 = torch.clamp(coef_1, 1 - self.epsilon_low, 1 + self.epsilon_high)"),
    Row("grpo, delta=3", "eq-ppo-dead-zone", grpo(delta=3.0), loss(per_response, clip(standard, most=3)), {
        "no bound": loss(per_response, SCALED),
        "bound 1 + delta": loss(per_response, clip(standard, most=4)),
    }, GRPO, "coef_1 = torch.clamp(coef_1, max=self.args.delta)"),
    Row("grpo, beta=0.1, use_bias_correction_kl=False", "eq-grpo-gradient eq-kl-gradients",
        grpo(beta=0.1, use_bias_correction_kl=False), loss(per_response, SCALED, minus(k3)), {
        "sign of the penalty": loss(per_response, SCALED, minus(k3, -0.1)),
        "k2": loss(per_response, SCALED, minus(k2)),
        "k1": loss(per_response, SCALED, minus(k1)),
    }, GRPO, "if self.args.use_bias_correction_kl:"),
    Row("grpo, beta=0.1", "eq-kl-weighted", grpo(beta=0.1), loss(per_response, SCALED, minus(k3_weighted)), {
        "without the ratio": loss(per_response, SCALED, minus(k3)),
        "sign of the penalty": loss(per_response, SCALED, minus(k3_weighted, -0.1)),
        "the ratio not differentiated": loss(per_response, SCALED, times(lambda b: b.w, minus(k3))),
    }, GRPO, "per_token_kl = per_token_kl * coef_1"),
    Row("grpo, scale_rewards='none'", "eq-own-return-mean", grpo(scale_rewards="none"),
        loss(per_response, clip()), {
        "without one's own": loss(per_response, clip(leave_one_out)),
        "over S": loss(per_response, SCALED),
    }, SCORED, "advantages = rewards - mean_grouped_rewards"),
    Row("grpo, scale_rewards='batch'", "eq-batch-factor", grpo(scale_rewards="batch"),
        loss(per_response, clip(WHOLE)), {
        "S of the group": loss(per_response, SCALED),
        "S divided by N, not N − 1": loss(per_response, clip(partial(WHOLE, ddof=0))),
    }, SCORED, "advantages = advantages / (std_rewards + 1e-4)"),
    Row("grpo, mask_truncated_completions=True", "eq-grpo-objective", grpo(mask_truncated_completions=True),
        lambda b: loss(per_response, SCALED)(finished(b)), {
        "over the responses that are left": lambda b: loss(ours.per_response_left, SCALED)(finished(b)),
        "nothing masked": loss(per_response, SCALED),
    }, GRPO, "loss = ((per_token_loss * mask).sum(-1) / mask.sum(-1).clamp(min=1.0)).mean()"),
    Row("grpo, off_policy_mask_threshold=0.1", "eq-approx-kl", grpo(off_policy_mask_threshold=0.1),
        loss(per_response, times(near, SCALED)), {
        "praised ones too": loss(per_response, times(partial(near, sides=(-1, 1)), SCALED)),
        "none": loss(per_response, SCALED),
    }, GRPO, "per_token_loss = per_token_loss * off_policy_mask"),
    Row("grpo, importance_sampling_level='sequence'", "eq-gspo-ratio eq-ppo-dead-zone",
        grpo(importance_sampling_level="sequence"), loss(per_response, BY_RESPONSE), {
        "a ratio for each token": loss(per_response, SCALED),
        "no root": loss(per_response, clip(standard, "product_w")),
    }, GRPO, "log_importance_weights = (log_ratio * mask).sum(-1) / mask.sum(-1).clamp(min=1.0)"),
    Row("grpo, importance_sampling_level='sequence', beta=0.1", "eq-gspo-ratio eq-grpo-gradient",
        grpo(importance_sampling_level="sequence", beta=0.1),
        loss(per_response, BY_RESPONSE, minus(k3_by_response)), {
        "penalty with the token's ratio": loss(per_response, BY_RESPONSE, minus(k3_weighted)),
        "penalty without a ratio": loss(per_response, BY_RESPONSE, minus(k3)),
    }, GRPO, "per_token_kl = per_token_kl * coef_1"),
    Row("dapo, importance_sampling_level='sequence'", "eq-gspo-ratio eq-ppo-dead-zone",
        grpo("dapo", importance_sampling_level="sequence"), loss(per_token, BY_RESPONSE), {
        "over one's own length": loss(per_response, BY_RESPONSE),
        "a ratio for each token": loss(per_token, SCALED),
    }, GRPO, "loss = (per_token_loss * mask).sum() / normalizer"),
    Row("loss_type='dapo'", "eq-ppo-dead-zone", grpo("dapo"), loss(per_token, SCALED), {
        "over one's own length": loss(per_response, SCALED),
        "sum of a response": loss(summed, SCALED),
    }, GRPO, "loss = (per_token_loss * mask).sum() / normalizer"),
    Row("dapo, in three pieces", "eq-ppo-dead-zone", grpo("dapo", pieces=3), loss(per_token, SCALED), {
        "over the tokens of the piece": loss(ours.in_pieces, SCALED),
    }, GRPO, "normalizer * self.current_gradient_accumulation_steps / self.args.steps_per_generation"),
    Row("bnpo, in three pieces", "eq-ppo-dead-zone", grpo("bnpo", pieces=3), loss(ours.in_pieces, SCALED), {
        "over the tokens of the batch": loss(per_token, SCALED),
        "over one's own length": loss(per_response, SCALED),
    }, GRPO, "loss = (per_token_loss * mask).sum() / mask.sum().clamp(min=1.0)"),
    Row("dr_grpo, scale_rewards='none', max_completion_length=8", "eq-ppo-dead-zone eq-own-return-mean",
        grpo("dr_grpo", scale_rewards="none", max_completion_length=8), loss(over(8), clip()), {
        "over one's own length": loss(per_response, clip()),
        "over S": loss(over(8), SCALED),
        "over the longest in the batch": loss(over(5), clip()),
    }, GRPO, "loss = (per_token_loss * mask).sum() / (per_token_loss.size(0) * self.max_completion_length)"),
    Row("luspo, importance_sampling_level='sequence'", "eq-gspo-ratio",
        grpo("luspo", importance_sampling_level="sequence"), loss(summed, BY_RESPONSE), {
        "over one's own length": loss(per_response, BY_RESPONSE),
        "a ratio for each token": loss(summed, SCALED),
    }, GRPO, "loss = (per_token_loss * mask).sum(-1).mean()"),
    Row("loss_type='cispo'", "eq-cut-weight", grpo("cispo"), cut(0.2), {
        "cut at 1.2": cut(1.2),
        "cut at 5": cut(5.0),
    }, GRPO, "clamped_ratios = torch.clamp(coef_1, max=self.epsilon_high).detach()"),
    Row("cispo, epsilon_high=1.5", "eq-cut-weight", grpo("cispo", epsilon_high=1.5), cut(1.5), {
        "cut at 1 + epsilon_high": cut(2.5),
        "a lower edge of 0.8 too": cut(1.5, 0.8),
        "PPO's minimum": loss(per_token, clip(standard, high=0.5)),
    }, GRPO, "clamped_ratios = torch.clamp(coef_1, max=self.epsilon_high).detach()"),
    Row("sapo, sapo_temperature_neg=1.25", "eq-ratio-gradient eq-every-weight",
        grpo("sapo", sapo_temperature_neg=1.25), soft(), {
        "PPO's minimum": loss(per_response, SCALED),
        "temperatures exchanged": soft(1.25, 1.0),
    }, GRPO, "soft_coef_1 = torch.sigmoid(temperatures * (coef_1 - 1)) * 4 / temperatures"),
    Row("loss_type='vespo'", "eq-surrogate-gradient eq-every-weight", grpo("vespo"), vespo(), {
        "praise and blame alike": vespo((2, 2), (3, 3)),
        "powers exchanged": vespo((3, 2)),
    }, GRPO, "per_token_loss = -phi_seq * advantages * per_token_logps"),
    Row("dapo, sampled by vLLM", "eq-importance-weight", grpo("dapo", sampled=True), corrected(dropped), {
        "cut, not dropped": corrected(np.minimum),
        "for each token": corrected(dropped, of_response=False),
        "no weight": loss(per_token, SCALED),
    }, SCORED, "invalid_mis_mask, value=0.0"),
    Row("dapo, sampled by vLLM, vllm_importance_sampling_mode='token_truncate'", "eq-cut-weight",
        grpo("dapo", sampled=True, vllm_importance_sampling_mode="token_truncate"),
        corrected(np.minimum, of_response=False), {
        "dropped, not cut": corrected(dropped, of_response=False),
        "for the response": corrected(np.minimum),
    }, SCORED, 'if self.vllm_importance_sampling_mode in ["sequence_truncate", "token_truncate"]:'),
    Row("RLOOTrainer, beta=0", "eq-leave-one-out eq-importance-weight", rloo(beta=0.0),
        of_response(leave_one_out), {
        "one's own in the mean": of_response(centred),
        "the root of the product": of_response(leave_one_out, "mean_w"),
        "a ratio for each token": loss(summed, clip(leave_one_out)),
    }, RLOO, "per_sequence_loss = -torch.min(per_sequence_loss1, per_sequence_loss2)"),
    Row("RLOOTrainer, beta=0.1", "eq-kl-in-reward", rloo(beta=0.1), of_response(net()), {
        "k3 in the reward": of_response(net(k3=True)),
        "sign of the penalty": of_response(net(by=-0.1)),
        "k3 as a loss": both(of_response(leave_one_out), loss(summed, minus(k3))),
    }, RLOO_SCORED, "rewards = rewards - self.beta * kl"),
]  # fmt: skip
