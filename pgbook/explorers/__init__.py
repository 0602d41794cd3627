"""Figures that answer when touched. Each function returns one, as an Altair chart."""

from pgbook.explorers.baseline import baseline
from pgbook.explorers.bernoulli import bernoulli
from pgbook.explorers.gaussian import gaussian
from pgbook.explorers.one_update import one_update
from pgbook.explorers.parts import Explorer
from pgbook.explorers.simplex import simplex

__all__ = ["Explorer", "baseline", "bernoulli", "gaussian", "one_update", "simplex"]
