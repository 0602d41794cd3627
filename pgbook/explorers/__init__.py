"""Figures that answer when touched. Each function returns one, as an Altair chart."""

from pgbook.explorers.house import Explorer
from pgbook.explorers.one_update import one_update

__all__ = ["Explorer", "one_update"]
