"""TRL's own code on our batch, from rewards to the loss. Models, generation and accelerator are stand-ins."""

import contextlib
from collections import defaultdict
from types import SimpleNamespace

import torch
from trl import GRPOConfig, GRPOTrainer, RLOOConfig, RLOOTrainer

from booktools.conformance.batch import STOP


class Model:
    """What TRL asks of a model: the log-probabilities of the tokens, here from logits that are given."""

    training = True
    is_gradient_checkpointing = False

    def __init__(self, logits, token):
        self.logits = torch.tensor(logits, requires_grad=True)
        self.token = torch.tensor(token)
        self.rows = slice(None)

    def __call__(self, **_):
        logp = torch.log_softmax(self.logits[self.rows], -1)
        picked = logp.gather(-1, self.token[self.rows, :, None])[..., 0]
        return SimpleNamespace(log_probs=picked, entropy=-(logp.exp() * logp).sum(-1))


class Accelerator:
    """One process: what is gathered is what there is."""

    device, num_processes, process_index, is_main_process = torch.device("cpu"), 1, 0, True
    autocast = contextlib.nullcontext

    def gather(self, x):
        return x

    def reduce(self, x, reduction):
        return x


def trainer(cls, config, batch, **options):
    """Return a trainer that was not initialised, with the options of a real configuration as attributes."""
    args = config(
        output_dir="", use_cpu=True, bf16=False, report_to=[], num_iterations=2,
        per_device_train_batch_size=len(batch.mask), num_generations=batch.group, **options,
    )  # fmt: skip
    self = cls.__new__(cls)
    self.__dict__.update({name: value for name, value in vars(args).items() if name != "use_vllm"})
    edge = args.epsilon if args.epsilon_high is None else args.epsilon_high
    lists = defaultdict(list)
    self.__dict__.update(
        args=args, epsilon_low=args.epsilon, epsilon_high=edge, accelerator=Accelerator(),
        model=Model(batch.old, batch.token), ref_model=Model(batch.ref, batch.token), use_vllm=False,
        _tokenizer=SimpleNamespace(pad_token_id=STOP), eos_token_ids=[STOP], pad_to_multiple_of=None,
        aux_loss_enabled=False, environment_factories=None, environments=None, tools=None,
        _entropy_bonus_enabled=False, current_gradient_accumulation_steps=1,
        reward_weights=torch.ones(1), reward_funcs=[None], reward_func_names=["reward"],
        _metrics={"train": lists}, _pending_extra_logs={}, _pending_metrics={},
        _logs={**{name: [] for name in ("prompt", "completion", "advantages")}, "rewards": defaultdict(list)},
    )  # fmt: skip
    answers = [list(row[:n]) for row, n in zip(batch.token.tolist(), batch.length[:, 0], strict=True)]
    questions = [[1]] * len(answers)
    self._calculate_rewards = lambda *_: torch.tensor(batch.rewards)[:, None]
    self._answers = questions, answers
    return self


def scored(self, batch):
    """Let the trainer turn the batch's rewards into what its loss reads."""
    return self._generate_and_score_completions([{"prompt": ""}] * len(batch.mask))


def differentiated(loss, model):
    loss.backward()
    return loss.item(), model.logits.grad.numpy()


def grpo(batch, pieces=1, sampled=False, **options):
    """Return GRPOTrainer's loss and its gradient; in pieces, as gradients add up; or with samples of vLLM."""
    self = trainer(GRPOTrainer, GRPOConfig, batch, steps_per_generation=pieces, **options)
    questions, answers = self._answers
    logps = batch.log_probs("sampler")
    drawn = [list(row[: len(a)]) for row, a in zip(logps, answers, strict=True)] if sampled else None
    self._generate = lambda prompts: (questions, answers, None, [""] * len(answers), drawn, {}, None, None)
    self.use_vllm = sampled
    inputs = scored(self, batch)
    self.current_gradient_accumulation_steps = pieces
    model, size = Model(batch.new, batch.token), len(batch.mask) // pieces
    total = 0.0
    for piece in range(pieces):
        model.rows = slice(piece * size, (piece + 1) * size)
        of_piece = {name: x[model.rows] if x.dim() else x for name, x in inputs.items()}
        total = total + self._compute_loss(model, of_piece)
    return differentiated(total, model)


def rloo(batch, **options):
    """Return RLOOTrainer's loss and its gradient."""
    self = trainer(RLOOTrainer, RLOOConfig, batch, **options)
    questions, answers = self._answers
    self._generate = lambda prompts: (questions, answers, [""] * len(answers))
    model = Model(batch.new, batch.token)
    return differentiated(self._compute_loss(model, scored(self, batch)), model)
