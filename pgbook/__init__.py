"""The shared code of the book *Why Divide by π?*

One idea per module: `policies` (distributions with a score), `estimators` (of the gradient of an
expected return), `bandits` and `episodes` (problems to learn on), `verify` (checks that stand beside the
equations), `figures` (house style and reproducible SVG), `explorers` (figures that compute in the browser)
and `printing`. Each is short enough to be read beside the chapter that derives it.
"""

from pgbook import bandits, episodes, estimators, policies, printing

__all__ = ["bandits", "episodes", "estimators", "policies", "printing"]
