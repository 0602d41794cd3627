"""The shared code of the book *Why Divide by π?*

One idea per module: `policies` (distributions with a score), `estimators` (of the gradient of an
expected return), `bandits` and `episodes` (problems to learn on), `verify` (checks that stand beside the
equations), `figures` (house style and reproducible SVG), `explorers` (figures that compute in the browser),
`exercises` (which check themselves) and `printing`. Each is short enough to be read beside the chapter that
derives it.
"""

import importlib

_MODULES = (
    "bandits",
    "episodes",
    "estimators",
    "exercises",
    "explorers",
    "figures",
    "formulas",
    "mistakes",
    "policies",
    "printing",
    "verify",
)

__all__ = list(_MODULES)


def __dir__() -> list[str]:
    """All modules, imported or not."""
    return sorted({*globals(), *_MODULES})


def __getattr__(name: str):
    """Import a module when it is first asked for: not everybody needs figures."""
    if name in _MODULES:
        return importlib.import_module(f"pgbook.{name}")
    raise AttributeError(f"module 'pgbook' has no attribute {name!r}")
