"""The whole public API of pgbook, found by looking, with one good call of each function and method."""

import importlib
import inspect
import pkgutil
import warnings
from collections import Counter
from functools import cached_property
from typing import NamedTuple

import numpy as np
import sympy
import torch

import pgbook
from pgbook import bandits, episodes, estimators, figures, printing, verify
from pgbook.policies import Bernoulli, BernoulliLogit, Categorical, Gaussian, GaussianLogStd, softmax

# What came of the inputs that were tried.
tried = Counter()

# Results and errors are made by pgbook, not by its users.
MADE_BY_PGBOOK = {"Episodes", "BookFigure", "VerificationError", "Policy"}


def public():
    """Return everything public by name: functions, classes, their methods and properties."""
    found = {}
    for info in pkgutil.walk_packages(pgbook.__path__, "pgbook."):
        # Explorers take their numbers from the reader's sliders, whose ends are the bounds.
        if "._" in info.name or info.name.startswith("pgbook.explorers"):
            continue
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
                continue
            is_class = inspect.isclass(value)
            if name in MADE_BY_PGBOOK:
                continue
            found[name if is_class else f"{info.name.split('.')[-1]}.{name}"] = value
            if is_class:
                found |= {f"{name}.{member}": part for member, part in members(value).items()}
    return found


def members(kind):
    """Return the public methods and properties that pgbook gives a class."""
    ours = [base for base in kind.__mro__ if base.__module__.startswith("pgbook")]
    return {
        name: part
        for base in reversed(ours)
        for name, part in vars(base).items()
        if not name.startswith("_") and (inspect.isfunction(part) or is_property(part))
    }


def is_property(part):
    return isinstance(part, property | cached_property)


class Call(NamedTuple):
    """A good call: the function, its arguments by name, and what kind of thing each argument is."""

    function: object
    arguments: dict
    kinds: dict


def kept(policy, actions):
    """A ``record`` for `bandits.learn`."""
    return actions


def call(name):
    """Return a good call of what is public under ``name``, with arguments of its own.

    The numbers have few binary digits, so that narrow types hold them too.
    """
    function, given = CALLS[name]()
    return Call(
        function,
        {argument: value for argument, (_, value) in given.items()},
        {argument: kind for argument, (kind, _) in given.items()},
    )


def generator():
    return np.random.default_rng(0)


POLICIES = {
    "Categorical": lambda: Categorical([[1.0, 0.5, -2.0], [0.0, 0.0, 0.5]]),
    "Bernoulli": lambda: Bernoulli([0.25, 0.5]),
    "BernoulliLogit": lambda: BernoulliLogit([-1.0, 2.0]),
    "Gaussian": lambda: Gaussian([1.0, -1.0], 2.0),
    "GaussianLogStd": lambda: GaussianLogStd([1.0, -1.0], 0.5),
}
# What the argument of log_prob and score is called, and what it is.
ACTIONS = {
    "Categorical": ("x", "integers"),
    "Bernoulli": ("x", "integers"),
    "BernoulliLogit": ("x", "integers"),
    "Gaussian": ("x", "numbers"),
    "GaussianLogStd": ("x", "numbers"),
}


def problem():
    return episodes.Problem(np.full((2, 3, 2), 0.5), [[1, 2, 3], [0, -1, 4]], [0.25, 0.75], 2)


def choices():
    return Categorical([[1.0, 0.5, -2.0], [0.0, 0.0, 0.5]])


X = sympy.Symbol("x")

CALLS = {
    "Categorical": lambda: (
        Categorical,
        {"logits": ("logits", [[1.0, 0.5, -2.0], [0.0, 0.0, 0.5]]), "probs": ("no numbers", None)},
    ),
    "categorical.softmax": lambda: (softmax, {"logits": ("numbers", [[1.0, 0.5, -2.0], [0.0, 0.0, 0.5]])}),
    "Bernoulli": lambda: (Bernoulli, {"p": ("numbers", [0.25, 0.5])}),
    "BernoulliLogit": lambda: (BernoulliLogit, {"logit": ("numbers", [-1.0, 2.0])}),
    "Gaussian": lambda: (Gaussian, {"mean": ("numbers", [1.0, -1.0]), "std": ("numbers", [2.0, 0.5])}),
    "GaussianLogStd": lambda: (
        GaussianLogStd,
        {"mean": ("numbers", [1.0, -1.0]), "log_std": ("numbers", [2.0, -0.5])},
    ),
    "Categorical.jvp": lambda: (POLICIES["Categorical"]().jvp, {"v": ("numbers", [1.0, 2.0, -3.0])}),
    "estimators.score_function": lambda: (
        estimators.score_function,
        {
            "policy": ("policy", choices()),
            "x": ("integers", [0, 2]),
            "returns": ("numbers", [4.0, -1.0]),
            "baseline": ("numbers", [0.5, 0.25]),
        },
    ),
    "estimators.without_division": lambda: (
        estimators.without_division,
        {"policy": ("policy", choices()), "x": ("integers", [0, 2]), "returns": ("numbers", [4.0, -1.0])},
    ),
    "estimators.pathwise": lambda: (
        estimators.pathwise,
        {
            "policy": ("policy", POLICIES["Gaussian"]()),
            "x": ("numbers", [0.5, 2.0]),
            "slopes": ("numbers", [4.0, -1.0]),
        },
    ),
    "estimators.optimal_baseline": lambda: (
        estimators.optimal_baseline,
        {"scores": ("numbers", [[1.0, 0.5], [2.0, -1.0]]), "returns": ("numbers", [4.0, -1.0])},
    ),
    "estimators.leave_one_out": lambda: (
        estimators.leave_one_out,
        {"returns": ("numbers", [[4.0, -1.0, 2.0], [0.5, 0.0, 1.0]])},
    ),
    "estimators.importance_weights": lambda: (
        estimators.importance_weights,
        {
            "policy": ("policy", choices()),
            "behaviour": ("policy", POLICIES["Categorical"]()),
            "x": ("integers", [0, 2]),
        },
    ),
    "bandits.learn": lambda: (
        bandits.learn,
        {
            "rng": ("rng", generator()),
            "returns": ("numbers", [4.0, -1.0]),
            "logits": ("numbers", [[0.5, 1.0], [0.0, 0.0], [2.0, -2.0]]),
            "step_size": ("numbers", [0.5, 0.25, 0.125]),
            "steps": ("count", 2),
            "update": ("function", estimators.score_function),
            "baseline": ("numbers", [0.5, 0.25, 1.0]),
            "noise": ("numbers", [0.5, 0.25, 1.0]),
            "record": ("optional function", kept),
        },
    ),
    "Problem": lambda: (
        episodes.Problem,
        {
            "transitions": ("numbers", [[[0.5, 0.5], [0.25, 0.75]], [[0.0, 1.0], [0.0, 1.0]]]),
            "rewards": ("numbers", [[1.0, -2.0], [0.0, 0.0]]),
            "start": ("numbers", [0.75, 0.25]),
            "horizon": ("count", 3),
            "discount": ("numbers", 0.5),
            "terminal": ("integers", [1]),
        },
    ),
    "episodes.trajectories": lambda: (
        episodes.trajectories,
        {"problem": ("problem", problem()), "policy": ("policy", choices()), "limit": ("count", 1000)},
    ),
    "episodes.evaluate": lambda: (
        episodes.evaluate,
        {"problem": ("problem", problem()), "policy": ("policy", choices())},
    ),
    "episodes.rollouts": lambda: (
        episodes.rollouts,
        {
            "rng": ("rng", generator()),
            "problem": ("problem", problem()),
            "policy": ("policy", choices()),
            "size": ("size", (2, 3)),
        },
    ),
    "figures.use_house_style": lambda: (figures.use_house_style, {}),
    "figures.subplots": lambda: (
        figures.subplots,
        {"nrows": ("count", 1), "ncols": ("count", 2), "height": ("positive", 3.0), "width": ("positive", 5)},
    ),
    "figures.simplex_xy": lambda: (figures.simplex_xy, {"probs": ("numbers", [[0.25, 0.25, 0.5]])}),
    "figures.simplex_axes": lambda: (
        figures.simplex_axes,
        {"ax": ("axes", figures.subplots()[1]), "labels": ("texts", ["one", "two", "three"])},
    ),
    "figures.canonical_svg": lambda: (figures.canonical_svg, {"fig": ("figure", figures.subplots()[0])}),
    "printing.table": lambda: (
        printing.table,
        {
            "rows": ("dict", {"first": [0.5, 2.0], "second": (1, 3)}),
            "columns": ("optional texts", ["one", "two"]),
            "digits": ("count", 2),
        },
    ),
    "verify.symbolic": lambda: (
        verify.symbolic,
        {
            "label": ("label", "eq-double"),
            "lhs": ("side", X + X),
            "rhs": ("side", 2 * X),
            "rejects": ("dict", {"2 forgotten": X}),
            "why_none": ("optional text", None),
        },
    ),
    "verify.exact": lambda: (
        verify.exact,
        {
            "label": ("label", "eq-double"),
            "lhs": ("side", lambda x=1.0: x + x),
            "rhs": ("side", lambda x=1.0: 2 * x),
            "given": ("optional function", lambda rng: rng.normal()),
            "cases": ("count", 3),
            "tol": ("positive", 1e-10),
            "rejects": ("dict", {"2 forgotten": lambda x=1.0: x}),
            "why_none": ("optional text", None),
        },
    ),
    "verify.gradient": lambda: (
        verify.gradient,
        {
            "label": ("label", "eq-square"),
            "function": ("function", lambda x: x**2),
            "gradient": ("function", lambda x: 2 * x),
            "given": ("function", lambda rng: rng.normal()),
            "cases": ("count", 3),
            "tol": ("positive", 1e-10),
            "tol_differences": ("positive", 1e-6),
            "rejects": ("dict", {"2 forgotten": lambda x: x}),
            "why_none": ("optional text", None),
        },
    ),
    "verify.expectation": lambda: (
        verify.expectation,
        {
            "label": ("label", "eq-mean"),
            "sample": ("function", lambda rng, size: rng.normal(1, 1, size)),
            "exact": ("side", 1.0),
            "size": ("count", 1000),
            "standard_errors": ("positive", 4),
            "rejects": ("dict", {"mean forgotten": 0.0}),
            "why_none": ("optional text", None),
        },
    ),
}


def _methods(name):
    """The rows of a policy's methods and properties, which are alike for all policies."""
    action, kind = ACTIONS[name]
    arguments = {
        "sample": lambda: {"rng": ("rng", generator()), "size": ("size", (2, 3))},
        "log_prob": lambda: {action: (kind, [[0, 1], [1, 0], [1, 1]])},
        "score": lambda: {action: (kind, [[0, 1], [1, 0], [1, 1]])},
        "pathwise": lambda: {action: (kind, [[0, 1], [1, 0], [1, 1]])},
        "fisher": dict,
        "jacobian": dict,
        "entropy": dict,
        "kl": lambda: {"other": ("policy", POLICIES[name]())},
    }
    for member, part in members(type(POLICIES[name]())).items():
        if is_property(part):
            CALLS[f"{name}.{member}"] = lambda member=member: (lambda: getattr(POLICIES[name](), member), {})
        elif member in arguments:
            CALLS[f"{name}.{member}"] = lambda member=member: (
                getattr(POLICIES[name](), member),
                arguments[member](),
            )


for _name in POLICIES:
    _methods(_name)


def outcome(function, arguments):
    """Call, with every warning an error; return the result and the error, of which one is None."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            result, error = function(**arguments), None
        except (ValueError, IndexError, TypeError) as raised:
            result, error = None, raised
    tried["refused" if error else "answered"] += 1
    return result, error


def arrays(result):
    """Return all numbers in a result as arrays: of tuples, of policies and problems, of everything."""
    if isinstance(result, tuple | list):
        return [array for part in result for array in arrays(part)]
    if hasattr(result, "__dataclass_fields__"):
        return arrays([getattr(result, field) for field in result.__dataclass_fields__])
    if isinstance(result, torch.Tensor | np.ndarray | np.generic | int | float):
        return [np.asarray(result)]
    return []
