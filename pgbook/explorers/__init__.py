"""Figures that answer when touched. Each function returns one, as Vega."""

from pgbook.explorers.baseline import baseline
from pgbook.explorers.bernoulli import bernoulli
from pgbook.explorers.clip import clip
from pgbook.explorers.gaussian import gaussian
from pgbook.explorers.group import group
from pgbook.explorers.learners import learners_baseline, learners_division
from pgbook.explorers.natural import natural
from pgbook.explorers.one_update import one_update
from pgbook.explorers.parts import Explorer
from pgbook.explorers.raise_logit import raise_logit
from pgbook.explorers.simplex import simplex
from pgbook.explorers.weights import weights

__all__ = [
    "Explorer",
    "baseline",
    "bernoulli",
    "clip",
    "gaussian",
    "group",
    "learners_baseline",
    "learners_division",
    "natural",
    "one_update",
    "raise_logit",
    "simplex",
    "weights",
]
