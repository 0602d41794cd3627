"""Train the small transformer of "A run you can open" and write what happened: `make train`.

The task: the prompt is a number, and an answer is right if its digits, 1 to 5, add up to it and it ends.
Each variant starts from the same warm start, with the same prompts and the same random numbers; what
differs is in `VARIANTS`. The recordings are data: on another CPU the last digits differ, and then the tokens.
"""

import json
import math
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import torch
from torch import nn

FOLDER = Path(__file__).resolve().parent.parent / "chapters" / "practice" / "run"
SEED = 1501  # fixed before anything was trained with it

END, LONGEST = 5, 16  # tokens 0 to 4 are the digits 1 to 5; the end is the padding, too
PROMPTS = torch.arange(6, 22)  # each is its own input token, and in every batch
GROUP, BATCHES, UPDATES = 8, 120, 4
WIDTH, HEADS, LAYERS = 64, 4, 2
WARM, WARM_STEP = 50, 1e-3

BOOK = {"step": 3e-4, "eps": 0.2, "penalty": 0.04, "deviation": True, "length": "own"}
BOOK |= {"temperature": 1.0, "baseline": "group mean", "mask": "right"}
VARIANTS = {
    "grpo": {},
    "neither": {"deviation": False, "length": "constant"},
    "temperature": {"temperature": 1.5},
    "length": {"baseline": 1.0, "deviation": False},
    "collapse": {"step": 3e-3, "eps": math.inf, "penalty": 0.0},
    "padding": {"mask": "padding counted"},
    "noend": {"mask": "end left out"},
}
# The prompts whose answers are kept, and the batches: before their first and before their last update.
SHOWN = 8, 14, 20
KEPT = 1, 5, 20, 40, 120


class Block(nn.Module):
    """Attention to what stands before, and a hidden layer; each adds to what comes in."""

    def __init__(self):
        super().__init__()
        self.norms = nn.ModuleList([nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)])
        self.query_key_value, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.hidden = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH))

    def forward(self, x):
        q, k, v = self.query_key_value(self.norms[0](x)).unflatten(-1, (3, HEADS, -1)).permute(2, 0, 3, 1, 4)
        seen = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(seen.transpose(1, 2).flatten(2))
        return x + self.hidden(self.norms[1](x))


class Transformer(nn.Module):
    """Logits of the next token, for the prompt and each token of an answer but the last."""

    def __init__(self):
        super().__init__()
        self.token, self.place = nn.Embedding(END + 1 + len(PROMPTS), WIDTH), nn.Embedding(LONGEST, WIDTH)
        self.blocks = nn.Sequential(*(Block() for _ in range(LAYERS)))
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, END + 1)

    def forward(self, prompts, answers):
        read = torch.cat([(END + 1 + prompts - PROMPTS[0])[:, None], answers], dim=1)[:, :LONGEST]
        x = self.token(read) + self.place(torch.arange(read.shape[1]))
        return self.head(self.norm(self.blocks(x)))


def log_prob(logits, answers):
    """Return log π of the tokens that were drawn."""
    return torch.log_softmax(logits, -1).gather(-1, answers[..., None])[..., 0]


@torch.no_grad()
def sample(policy, prompts, temperature, rng):
    """Draw answers; after its end, an answer is filled up with the end token."""
    answers = torch.empty(len(prompts), 0, dtype=torch.long)
    ended = torch.zeros(len(prompts), dtype=torch.bool)
    for _ in range(LONGEST):
        chances = torch.softmax(policy(prompts, answers)[:, -1] / temperature, -1)
        below = chances.cumsum(-1) < torch.rand(len(prompts), 1, generator=rng)
        token = torch.where(ended, END, below.sum(-1).clamp(max=END))
        answers, ended = torch.cat([answers, token[:, None]], 1), ended | (token == END)
    return answers


def reward(prompts, answers):
    """Return 1 for an answer whose digits add up to the prompt and that ends, otherwise 0."""
    total = torch.where(answers < END, answers + 1, 0).sum(1)
    return ((total == prompts) & (answers[:, -1] == END)).float()


def lengths(answers):
    """Return how many tokens an answer has, its end included."""
    return ((answers < END).sum(1) + 1).clamp(max=LONGEST)


def counted(answers, mask):
    """Return 1 for the tokens that the objective counts, 0 for the others."""
    size = lengths(answers)[:, None]
    inside = torch.arange(LONGEST) < size
    kinds = {"right": inside, "padding counted": inside | True, "end left out": inside & (answers < END)}
    return kinds[mask].float()


def advantage(rewards, how):
    """Return R minus the mean of the group (or, as a fault, minus a fixed number), over its deviation."""
    fixed = how["baseline"] != "group mean"
    centred = rewards - (how["baseline"] if fixed else rewards.mean(-1, keepdim=True))
    return centred / (rewards.std(-1, keepdim=True, correction=0) + 1e-4) if how["deviation"] else centred


def dead(w, A, eps):
    """Equation ``eq-ppo-dead-zone``: whether a token has no slope."""
    return ((A > 0) & (w > 1 + eps)) | ((A < 0) & (w < 1 - eps))


def objective(logp, old, ref, A, on, how):
    """Equation ``eq-grpo-objective``, of each answer; where the length is constant, over that."""
    w, u = torch.exp(logp - old), torch.exp(ref - logp)
    gain = torch.min(w * A, w.clamp(1 - how["eps"], 1 + how["eps"]) * A)
    each = gain - how["penalty"] * (u - 1 - torch.log(u))
    size = on.sum(-1).clamp(min=1) if how["length"] == "own" else LONGEST
    return (each * on).sum(-1) / size


def warm_start(rng):
    """Return a policy that has seen some right answers, each digit drawn evenly from those that still fit."""
    policy = Transformer()
    optimiser = torch.optim.Adam(policy.parameters(), WARM_STEP)
    for _ in range(WARM):
        prompts, answers = PROMPTS.repeat(GROUP), []
        left = prompts.clone()
        for _ in range(LONGEST):
            digit = (torch.rand(len(left), generator=rng) * left.clamp(max=5)).long()
            answers.append(torch.where(left > 0, digit, END))
            left = left - torch.where(left > 0, digit + 1, 0)
        answers = torch.stack(answers, 1)
        on = counted(answers, "right")
        loss = -(log_prob(policy(prompts, answers), answers) * on).sum() / on.sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return policy


def train(name, seed=SEED, batches=BATCHES):
    """Train a variant and return its recording, whose form the page describes."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    rng = torch.Generator().manual_seed(seed)
    how = BOOK | VARIANTS[name]
    policy, reference = warm_start(rng), Transformer()
    reference.load_state_dict(policy.state_dict())
    optimiser = torch.optim.Adam(policy.parameters(), how["step"])
    prompts = PROMPTS.repeat_interleave(GROUP)
    curves, steps = [], []
    for batch in range(1, batches + 1):
        answers = sample(policy, prompts, how["temperature"], rng)
        on, rewards = counted(answers, how["mask"]), reward(prompts, answers)
        A = advantage(rewards.view(-1, GROUP), how).view(-1, 1)
        with torch.no_grad():
            old = log_prob(policy(prompts, answers) / how["temperature"], answers)
            ref = log_prob(reference(prompts, answers), answers)
        curves.append({"step": batch})
        for update in range(1, UPDATES + 1):
            logits = policy(prompts, answers)
            logits.retain_grad()
            logp = log_prob(logits, answers)
            loss = -objective(logp, old, ref, A, on, how).mean()
            optimiser.zero_grad()
            loss.backward()
            if update in (1, UPDATES):
                tokens = measured(logits, logp, old, ref, A, on, how)
                curves[-1] |= curve_points(tokens, answers, rewards, on, loss, first=update == 1)
                if batch in KEPT:
                    kept = [group(prompt, answers, rewards, A, on, tokens) for prompt in SHOWN]
                    steps.append({"step": batch, "update": update, "groups": kept})
            optimiser.step()
    curves = {key: [rounded(row[key]) for row in curves] for key in curves[0]}
    return {"form": "run 1", "name": name, "settings": settings(how, seed), "curves": curves, "steps": steps}


@torch.no_grad()
def measured(logits, logp, old, ref, A, on, how):
    """Return what is kept of every token; its gradient is that of its own group's objective, by autograd."""
    w, u = torch.exp(logp - old), torch.exp(ref - logp)
    alive = ~dead(w, A, how["eps"])
    return {
        "pi": torch.exp(logp),
        "pi_old": torch.exp(old),
        "pi_ref": torch.exp(ref),
        "alive": alive,
        "weight": (w * A * alive + how["penalty"] * (u - 1)) * on,  # the number c of eq-grpo-gradient
        "gradient": logits.grad.norm(dim=-1) * len(PROMPTS),
        "ratio": w,
        "entropy": torch.distributions.Categorical(logits=logits).entropy(),
    }


def curve_points(tokens, answers, rewards, on, loss, first):
    """Return the points of the curves for a batch, of its first update or of its last."""

    def mean(x, where):
        return x[where].float().mean().item() if where.any() else None

    real = counted(answers, "right") > 0
    dead = ~tokens["alive"] & (on > 0)
    if not first:
        ratios = tokens["ratio"][on > 0]
        return {"clipped": mean(dead, on > 0), "ratio_min": ratios.min().item(),
                "ratio_max": ratios.max().item(), "loss": loss.item()}  # fmt: skip
    log_u = torch.log(tokens["pi_ref"] / tokens["pi"])
    groups, size = rewards.view(-1, GROUP), lengths(answers)
    return {
        "reward": rewards.mean().item(),
        "mixed": (groups.amax(1) > groups.amin(1)).float().mean().item(),
        "entropy": mean(tokens["entropy"], real),
        "k1": mean(-log_u, on > 0),
        "k3": mean(log_u.exp() - 1 - log_u, on > 0),
        "length_right": mean(size, rewards > 0),
        "length_wrong": mean(size, rewards == 0),
        "clipped_first": mean(dead, on > 0),
        "loss_first": loss.item(),
    }


def group(prompt, answers, rewards, A, on, tokens):
    """Return a prompt's answers, token by token: alive, dead or masked. Padding is kept if it counts."""
    found = []
    first = (prompt - PROMPTS[0]) * GROUP
    for i in range(first, first + GROUP):
        size = max(lengths(answers)[i].item(), int(on[i].sum()))
        answer = {"tokens": ["." if token == END else str(token + 1) for token in answers[i, :size].tolist()]}
        answer |= {"reward": rounded(rewards[i].item()), "advantage": rounded(A[i].item())}
        for key in ("pi", "pi_old", "pi_ref", "weight", "gradient"):
            answer[key] = [rounded(x) for x in tokens[key][i, :size].tolist()]
        state = zip(on[i, :size].tolist(), tokens["alive"][i, :size].tolist(), strict=True)
        answer["state"] = "".join(("a" if alive else "d") if counts else "m" for counts, alive in state)
        found.append(answer)
    return {"prompt": str(prompt), "answers": found}


def rounded(x):
    """Return a number with four significant digits, as short as JSON can write it."""
    x = float(f"{x:.4g}") if x is not None and math.isfinite(x) else None
    return int(x) if x is not None and x == int(x) else x


def settings(how, seed):
    """Return what the recording was made with."""
    return {"seed": seed, "group": GROUP, "updates": UPDATES, **how, "eps": rounded(how["eps"])}


def write(name):
    """Train a variant and write its recording."""
    FOLDER.mkdir(exist_ok=True)
    text = json.dumps(train(name), ensure_ascii=False, separators=(",", ":"))
    (FOLDER / f"{name}.json").write_text(text.replace('{"step"', '\n{"step"') + "\n", encoding="utf-8")
    return name


if __name__ == "__main__":
    with ProcessPoolExecutor(min(2, os.cpu_count()), get_context("spawn")) as pool:
        for name in pool.map(write, sys.argv[1:] or VARIANTS):
            print(f"{name}: written", flush=True)
