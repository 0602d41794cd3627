"""What a row of the table is, and short names for saying which equation an option is."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from booktools.conformance import ours


@dataclass(frozen=True)
class Row:
    """An option of a library, the labels of the equations, both computations, and wrong versions of ours.

    ``code`` is in the line of ``where`` that decides what is computed.
    """

    option: str
    equations: str
    theirs: Callable
    ours: Callable
    wrong: dict
    where: Callable
    code: str


def loss(weight, *terms):
    """Return a function of the batch: the loss made of these terms, each a function of the batch too."""
    return lambda b: ours.loss(b, weight, *(term(b) for term in terms))


def clip(A=ours.centred, ratio="w", **how):
    """PPO's minimum; the ratio is ``w``, ``mean_w`` or ``product_w`` of the batch."""
    return lambda b: ours.clipped(getattr(b, ratio), A(b), **how)


def minus(estimate, by=0.1):
    """An estimate of the divergence from the reference, as a penalty."""
    return lambda b: estimate(b, by)


def times(weight, term):
    """A term multiplied by numbers that are not differentiated."""
    return lambda b: [part * weight(b) for part in term(b)]


def both(*parts):
    """Return a function of the batch that adds values and gradients."""
    return lambda b: tuple(sum(found) for found in zip(*(part(b) for part in parts), strict=True))


def difference(found, expected):
    """Return the largest differences in the value and in the gradient."""
    return abs(found[0] - expected[0]), float(np.abs(found[1] - expected[1]).max())
