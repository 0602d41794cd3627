"""verl's policy losses, penalties and advantages, option by option (read in version 0.9.1)."""

from dataclasses import replace
from functools import partial

import numpy as np

from booktools.conformance import ours, with_verl
from booktools.conformance.ours import (
    centred,
    k1,
    k2,
    k3,
    leave_one_out,
    like,
    over,
    per_response,
    per_token,
    standard,
    summed,
    whitened,
)  # fmt: skip
from booktools.conformance.rows import Row, clip, loss, minus, times

core, FUNCTIONS = with_verl.core_algos, with_verl.FUNCTIONS


def policy(name="vanilla", **options):
    return lambda b: with_verl.policy_loss(b, name, **options)


def penalty(kind):
    return lambda b: with_verl.penalty(b, kind)


def without(b, masked=4):
    """The batch with a response masked whole, as paid as it was."""
    mask = b.mask.copy()
    mask[masked] = 0
    return replace(b, mask=mask)


def covariance(b):
    """Of each token: its advantage times its log-probability, both minus their means."""
    A, log = np.broadcast_to(centred(b), b.mask.shape), b.log_probs("new")
    real = b.mask == 1
    return (A - A[real].mean()) * (log - log[real].mean())


def outside(b, low=0.3, high=5.0):
    """0 for tokens whose covariance lies between the bounds, unless the clip has stopped them already."""
    alive = ours.clipped(b.w, centred(b))[1] != 0
    return 1 - (covariance(b) > low) * (covariance(b) < high) * alive


def kl_cov(b, share=0.2, by=0.1, largest=True):
    """No clip; for tokens with the largest covariance the distance of log w from 0 is added to the loss."""
    order = np.sort(covariance(b)[b.mask == 1])
    n = int(len(order) * share)
    chosen = by * (covariance(b) >= order[-n] if largest else covariance(b) <= order[n - 1])
    A = centred(b)
    return A * b.w - chosen * abs(b.log_w), A * b.w - chosen * np.sign(b.log_w)


def geometric(b, edge=0.2, pick=np.minimum):
    """The geometric mean of ratios each of which is clipped, as a logarithm, on the side of its advantage."""
    A = centred(b)
    log = np.sign(A) * pick(np.sign(A) * b.log_w, np.sign(A) * np.clip(b.log_w, -edge, edge))
    mean = np.exp((log * b.mask).sum(axis=1, keepdims=True) / b.length)
    return mean * A, mean * A * (log == b.log_w)


def tv(p, q):
    return abs(p - q)


def binary_kl(p, q):
    """The divergence D(q ‖ p) of two coins."""
    return q * np.log(q / p) + (1 - q) * np.log((1 - q) / (1 - p))


def dppo(distance, edge, most=3.0, any_way=False):
    """Cut ratios; 0 for a token further than the edge from the old policy, the way its advantage sends it."""

    def keep(b):
        p, q = np.exp(b.log_probs("new")), np.exp(b.log_probs("old"))
        ahead = any_way | np.where(centred(b) > 0, p > q, p < q)
        return 1 - (distance(p, q) > edge) * ahead

    return loss(per_token, times(keep, lambda b: ours.cut(b, centred(b), most)))


def cut(most, least=0.0):
    return loss(per_token, lambda b: ours.cut(b, centred(b), most, least))


def soft(weight, **how):
    return loss(weight, lambda b: ours.soft(b.w, centred(b), **how))


def reinforce(A):
    return loss(per_token, lambda b: ours.scored(b, A(b)))


def far(b):
    """The batch with a reference that is far away for some tokens."""
    return replace(b, ref=5 * b.ref)


def capped(b, most=10.0):
    """k3, but never more than a number, where it has no gradient."""
    f, c = k3(b, 1)
    return np.maximum(f, -most), c * (f > -most)


def paid(b):
    return b.rewards[:, None]


def white(A, **how):
    return lambda b: whitened(b, A(b), **how)


def over_deviation(b, A):
    return A / b.rewards.std(ddof=1)


DUAL, BY_RESPONSE = clip(most=3), clip(ratio="mean_w")
SCALED = partial(standard, extra=1e-6)
K1_AS_K2, K3_AS_K2 = (loss(per_token, lambda b, k=k: like(k(b, 1), k2(b, 1))) for k in (k1, k3))
VERL = [
    Row("vanilla", "eq-ppo-dead-zone", policy(), loss(per_token, DUAL), {
        "alive above w = 3": loss(per_token, clip()),
        "maximum for minimum": loss(per_token, clip(most=3, pick=np.maximum)),
    }, FUNCTIONS["vanilla"], "pg_losses3 = -advantages * clip_ratio_c"),
    Row("vanilla, clip_ratio_high=0.28", "eq-ppo-dead-zone", policy(clip_ratio_high=0.28),
        loss(per_token, clip(high=0.28, most=3)), {
        "both edges 0.2": loss(per_token, DUAL),
        "the edges exchanged": loss(per_token, clip(low=0.28, most=3)),
    }, FUNCTIONS["vanilla"], "ratio, 1 - cliprange_low, 1 + cliprange_high"),
    Row("vanilla, seq-mean-token-mean", "eq-grpo-gradient", policy(mode="seq-mean-token-mean"),
        loss(per_response, DUAL), {
        "over the tokens of the batch": loss(per_token, DUAL),
        "sum of a response": loss(summed, DUAL),
    }, core.agg_loss, "seq_losses = torch.sum(loss_mat * loss_mask, dim=-1) / (seq_mask + 1e-8)"),
    Row("vanilla, seq-mean-token-mean, a response masked whole", "eq-grpo-gradient",
        policy(mode="seq-mean-token-mean", masked=4),
        lambda b: loss(ours.per_response_left, DUAL)(without(b)), {
        "it counts as 0": lambda b: loss(per_response, DUAL)(without(b)),
        "not masked": loss(per_response, DUAL),
    }, core.agg_loss, "seq_mask = (seq_mask > 0).float()"),
    Row("vanilla, seq-mean-token-sum", "eq-ppo-dead-zone", policy(mode="seq-mean-token-sum"),
        loss(summed, DUAL), {
        "over one's own length": loss(per_response, DUAL),
        "over the tokens of the batch": loss(per_token, DUAL),
    }, core.agg_loss, "seq_losses = torch.sum(loss_mat * loss_mask, dim=-1)  # token-sum"),
    Row("vanilla, seq-mean-token-sum-norm", "eq-ppo-dead-zone", policy(mode="seq-mean-token-sum-norm"),
        loss(over(5), DUAL), {
        "over one's own length": loss(per_response, DUAL),
        "sum of a response": loss(summed, DUAL),
    }, core.agg_loss, "horizon = loss_mask.shape[-1]"),
    Row("gspo, seq-mean-token-mean", "eq-gspo-ratio eq-ppo-dead-zone",
        policy("gspo", mode="seq-mean-token-mean"), loss(per_response, BY_RESPONSE), {
        "a ratio for each token": loss(per_response, clip()),
        "no root": loss(per_response, clip(ratio="product_w")),
        "over the tokens of the batch": loss(per_token, BY_RESPONSE),
    }, FUNCTIONS["gspo"], "negative_approx_kl_seq = torch.sum("),
    Row("gspo", "eq-gspo-ratio eq-ppo-dead-zone", policy("gspo"), loss(per_token, BY_RESPONSE), {
        "over one's own length": loss(per_response, BY_RESPONSE),
        "a ratio for each token": loss(per_token, clip()),
    }, FUNCTIONS["gspo"], "pg_losses2 = -advantages * torch.clamp(seq_importance_ratio, 1 - clip_ratio_low"),
    Row("cispo", "eq-cut-weight", policy("cispo"), cut(1.2, 0.8), {
        "no lower edge": cut(1.2),
        "PPO's minimum": loss(per_token, clip()),
    }, FUNCTIONS["cispo"], "clipped_ratio = torch.clamp(ratio, 1 - clip_ratio_low, 1 + clip_ratio_high)"),
    Row("gpg", "eq-surrogate-gradient", policy("gpg"), reinforce(centred), {
        "times the ratio": cut(np.inf),
        "sign": reinforce(lambda b: -centred(b)),
    }, FUNCTIONS["gpg"], "pg_losses = -log_prob * advantages"),
    Row("sapo", "eq-ratio-gradient", policy("sapo"), soft(per_response), {
        "PPO's minimum": loss(per_response, clip()),
        "over the tokens of the batch": soft(per_token),
        "temperatures exchanged": soft(per_response, praised=1.05, blamed=1.0),
    }, FUNCTIONS["sapo"], 'loss_agg_mode="seq-mean-token-mean", **config'),
    Row("clip_cov, clip_cov_ratio=1, clip_cov_lb=0.3", "eq-clip-gradient",
        policy("clip_cov", policy={"clip_cov_ratio": 1.0, "clip_cov_lb": 0.3}),
        loss(per_token, times(outside, clip())), {
        "none dropped": loss(per_token, clip()),
        "the small ones dropped": loss(per_token, times(partial(outside, low=-5.0, high=0.3), clip())),
    }, FUNCTIONS["clip_cov"], "pg_losses = torch.maximum(pg_losses1, pg_losses2) * corr"),
    Row("kl_cov, kl_cov_ratio=0.2", "eq-ratio-gradient", policy("kl_cov", policy={"kl_cov_ratio": 0.2}),
        loss(per_token, kl_cov), {
        "the smallest covariances": loss(per_token, partial(kl_cov, largest=False)),
        "sign of the penalty": loss(per_token, partial(kl_cov, by=-0.1)),
        "PPO's minimum": loss(per_token, clip()),
    }, FUNCTIONS["kl_cov"], "pg_losses_kl = -advantages * ratio + ppo_kl_coef * abs_kl"),
    Row("geo_mean", "eq-gspo-ratio", policy("geo_mean"), loss(per_response, geometric), {
        "the mean clipped, not its parts": loss(per_response, BY_RESPONSE),
        "maximum for minimum": loss(per_response, partial(geometric, pick=np.maximum)),
    }, FUNCTIONS["geo_mean"], "torch.clamp(negative_approx_kl, -cliprange_low, cliprange_high)"),
    Row("dppo_tv, clip_ratio_low/high=0.1", "eq-cut-weight", policy("dppo_tv", edges=0.1), dppo(tv, 0.1), {
        "ratio cut at 20": dppo(tv, 0.1, most=20),
        "nothing dropped": cut(3),
        "dropped on either side": dppo(tv, 0.1, any_way=True),
    }, FUNCTIONS["dppo_tv"], 'clip_ratio_c = config.get("clip_ratio_c", 20.0)'),
    Row("dppo_kl, clip_ratio_low/high=0.05", "eq-cut-weight", policy("dppo_kl", edges=0.05),
        dppo(binary_kl, 0.05), {
        "dropped on either side": dppo(binary_kl, 0.05, any_way=True),
        "nothing dropped": cut(3),
    }, FUNCTIONS["dppo_kl"], "(binary_kl <= clip_divergence_high) | (prob <= old_prob)"),
    Row("advantages grpo, loss gpg", "eq-grpo-std-weight", policy("gpg", divide=True), reinforce(SCALED), {
        "S divided by G, not G − 1": reinforce(partial(SCALED, ddof=0)),
        "not over S": reinforce(centred),
        "0.0001 added to S": reinforce(standard),
    }, core.compute_grpo_outcome_advantage, "/ (id2std[index[i]] + epsilon)"),
    Row("advantages grpo, norm_adv_by_std_in_grpo=False, loss gpg", "eq-own-return-mean", policy("gpg"),
        reinforce(centred), {
        "over S": reinforce(SCALED),
        "without one's own": reinforce(leave_one_out),
    }, core.compute_grpo_outcome_advantage, "scores[i] = scores[i] - id2mean[index[i]]"),
    Row("advantages rloo, loss gpg", "eq-leave-one-out", policy("gpg", estimator="rloo"),
        reinforce(leave_one_out), {
        "one's own in the mean": reinforce(centred),
        "over S": reinforce(SCALED),
    }, core.compute_rloo_outcome_advantage, "scores[i] = scores[i] * response_num / (response_num - 1)"),
    Row("advantages reinforce_plus_plus, loss gpg", "eq-batch-factor",
        policy("gpg", estimator="reinforce_plus_plus"), reinforce(white(paid)), {
        "deviation divided by N, not N − 1": reinforce(white(paid, ddof=0)),
        "mean and deviation of responses": reinforce(lambda b: over_deviation(b, paid(b) - paid(b).mean())),
        "minus the group's mean first": reinforce(white(centred)),
    }, core.compute_reinforce_plus_plus_outcome_advantage, "verl_F.masked_whiten(returns, response_mask)"),
    Row("advantages reinforce_plus_plus_baseline, loss gpg", "eq-batch-factor",
        policy("gpg", estimator="reinforce_plus_plus_baseline"), reinforce(white(centred)), {
        "deviation of the rewards": reinforce(lambda b: over_deviation(b, centred(b))),
        "the batch's mean alone": reinforce(white(paid)),
    }, core.compute_reinforce_plus_plus_baseline_outcome_advantage, "scores = verl_F.masked_whiten("),
    Row("kl_penalty k1", "eq-kl-gradients", penalty("k1"), loss(per_token, minus(k1, 1)), {
        "sign": loss(per_token, minus(k1, -1)),
        "gradient of k2": K1_AS_K2,
    }, core.kl_penalty_forward, "return logprob - ref_logprob"),
    Row("kl_penalty k2", "eq-kl-gradients", penalty("k2"), loss(per_token, minus(k2, 1)), {
        "without the half": loss(per_token, minus(k2, 2)),
        "k3": loss(per_token, minus(k3, 1)),
    }, core.kl_penalty_forward, "return 0.5 * (logprob - ref_logprob).square()"),
    Row("kl_penalty k3", "eq-kl-estimators eq-kl-gradients", penalty("k3"), loss(per_token, minus(k3, 1)), {
        "gradient of k2": K3_AS_K2,
        "k1": loss(per_token, minus(k1, 1)),
    }, core.kl_penalty_forward, "return torch.clamp(kld, min=-10, max=10)"),
    Row("kl_penalty k3, where it is above 10", "eq-kl-estimators", lambda b: penalty("k3")(far(b)),
        lambda b: loss(per_token, capped)(far(b)), {
        "no bound": lambda b: loss(per_token, minus(k3, 1))(far(b)),
        "the gradient goes on": lambda b: loss(per_token, lambda b: like(capped(b), k3(b, 1)))(far(b)),
    }, core.kl_penalty_forward, "return torch.clamp(kld, min=-10, max=10)"),
    Row("kl_penalty k1+", "eq-kl-gradients", penalty("k1+"), K1_AS_K2, {
        "gradient of k1": loss(per_token, minus(k1, 1)),
        "value of k2": loss(per_token, minus(k2, 1)),
    }, core.kl_penalty, "return backward_score - backward_score.detach() + forward_score.detach()"),
    Row("kl_penalty k3+", "eq-kl-estimators eq-kl-gradients", penalty("k3+"), K3_AS_K2, {
        "gradient of k3": loss(per_token, minus(k3, 1)),
        "value of k2": loss(per_token, minus(k2, 1)),
    }, core.kl_penalty, "return backward_score - backward_score.detach() + forward_score.detach()"),
]  # fmt: skip
