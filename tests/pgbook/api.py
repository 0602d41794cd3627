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
    """Return a good call of what is public under ``name``, with arguments of its own."""
    function, arguments = CALLS[name]()
    kinds = {argument: kind(name, argument, value) for argument, value in arguments.items()}
    return Call(function, arguments, kinds)


# The arguments that are of one kind wherever they stand; of `x`, and of what is not listed, the value tells.
KINDS = {
    "rng": "rng", "size": "size", "steps": "count", "horizon": "count", "limit": "count", "cases": "count",
    "nrows": "count", "ncols": "count", "digits": "count", "height": "positive", "width": "positive",
    "tol": "positive", "tol_differences": "positive", "standard_errors": "positive", "logits": "logits",
    "policy": "policy", "behaviour": "policy", "other": "policy", "problem": "problem", "ax": "axes",
    "fig": "figure", "labels": "texts", "columns": "optional texts", "label": "label", "rows": "dict",
    "rejects": "dict", "why_none": "optional text", "lhs": "side", "rhs": "side", "expected": "side",
    "update": "function", "sample": "function", "function": "function", "derivative": "function",
    "record": "optional function",
}  # fmt: skip


def kind(name, argument, value):
    if (name, argument) == ("verify.exact", "given"):
        return "optional function"
    if (name, argument) == ("verify.gradient", "given"):
        return "function"
    if (name, argument) == ("verify.expectation", "size"):
        return "count"
    if (name, argument) == ("Categorical", "probs"):
        return "no numbers"
    if argument in KINDS:
        return KINDS[argument]
    return "integers" if np.asarray(value).dtype.kind == "i" and argument in ("x", "terminal") else "numbers"


def rng():
    return np.random.default_rng(0)


def choices():
    return Categorical([[1.0, 0.5, -2.0], [0.0, 0.0, 0.5]])


def problem():
    return episodes.Problem(np.full((2, 3, 2), 0.5), [[1, 2, 3], [0, -1, 4]], [0.25, 0.75], 2)


X = sympy.Symbol("x")
Z = [[1.0, 0.5, -2.0], [0.0, 0.0, 0.5]]
TRANSITIONS = [[[0.5, 0.5], [0.25, 0.75]], [[0.0, 1.0], [0.0, 1.0]]]
POLICIES = {
    "Categorical": choices,
    "Bernoulli": lambda: Bernoulli([0.25, 0.5]),
    "BernoulliLogit": lambda: BernoulliLogit([-1.0, 2.0]),
    "Gaussian": lambda: Gaussian([1.0, -1.0], 2.0),
    "GaussianLogStd": lambda: GaussianLogStd([1.0, -1.0], 0.5),
}


def good(function, /, **arguments):
    """A row of `CALLS`; what must be made anew for each call is given as a function that makes it."""
    makers = [rng, choices, problem, *POLICIES.values()]
    return lambda: (
        function,
        {
            key: value() if any(value is make for make in makers) else value
            for key, value in arguments.items()
        },
    )


# The numbers have few binary digits, so that narrow types hold them too.
CALLS = {
    "Categorical": good(Categorical, logits=Z, probs=None),
    "categorical.softmax": good(softmax, logits=Z),
    "Bernoulli": good(Bernoulli, p=[0.25, 0.5]),
    "BernoulliLogit": good(BernoulliLogit, logit=[-1.0, 2.0]),
    "Gaussian": good(Gaussian, mean=[1.0, -1.0], std=[2.0, 0.5]),
    "GaussianLogStd": good(GaussianLogStd, mean=[1.0, -1.0], log_std=[2.0, -0.5]),
    "Categorical.jvp": good(choices().jvp, v=[1.0, 2.0, -3.0]),
    "estimators.score_function": good(
        estimators.score_function, policy=choices, x=[0, 2], returns=[4.0, -1.0], baseline=[0.5, 0.25]
    ),
    "estimators.without_division": good(
        estimators.without_division, policy=choices, x=[0, 2], returns=[4.0, -1.0]
    ),
    "estimators.pathwise": good(
        estimators.pathwise, policy=POLICIES["Gaussian"], x=[0.5, 2.0], slopes=[4.0, -1.0]
    ),
    "estimators.optimal_baseline": good(
        estimators.optimal_baseline, scores=[[1.0, 0.5], [2.0, -1.0]], returns=[4.0, -1.0]
    ),
    "estimators.leave_one_out": good(
        estimators.leave_one_out, returns=[[4.0, -1.0, 2.0], [0.5, 0.0, 1.0]]
    ),
    "estimators.importance_weights": good(
        estimators.importance_weights, policy=choices, behaviour=choices, x=[0, 2]
    ),
    "bandits.learn": good(
        bandits.learn, rng=rng, returns=[4.0, -1.0], logits=[[0.5, 1.0], [0.0, 0.0], [2.0, -2.0]],
        step_size=[0.5, 0.25, 0.125], steps=2, update=estimators.score_function, baseline=[0.5, 0.25, 1.0],
        noise=[0.5, 0.25, 1.0], record=kept,
    ),
    "Problem": good(
        episodes.Problem, transitions=TRANSITIONS, rewards=[[1.0, -2.0], [0.0, 0.0]], start=[0.75, 0.25],
        horizon=3, discount=0.5, terminal=[1],
    ),
    "Problem.ended": lambda: (lambda: problem().ended, {}),
    "episodes.trajectories": good(episodes.trajectories, problem=problem, policy=choices, limit=1000),
    "episodes.evaluate": good(episodes.evaluate, problem=problem, policy=choices),
    "episodes.rollouts": good(episodes.rollouts, rng=rng, problem=problem, policy=choices, size=(2, 3)),
    "figures.use_house_style": good(figures.use_house_style),
    "figures.subplots": good(figures.subplots, nrows=1, ncols=2, height=3.0, width=5),
    "figures.simplex_xy": good(figures.simplex_xy, probs=[[0.25, 0.25, 0.5]]),
    "figures.simplex_axes": good(
        figures.simplex_axes, ax=figures.subplots()[1], labels=["one", "two", "three"]
    ),
    "figures.canonical_svg": good(figures.canonical_svg, fig=figures.subplots()[0]),
    "printing.table": lambda: (
        printing.table, {"rows": {"one": [0.5, 2.0], "two": (1, 3)}, "columns": ["1", "2"], "digits": 2}
    ),
    "verify.symbolic": good(
        verify.symbolic, label="eq-double", lhs=X + X, rhs=2 * X, rejects={"2 forgotten": X}, why_none=None
    ),
    "verify.exact": good(
        verify.exact, label="eq-double", lhs=lambda x=1.0: x + x, rhs=lambda x=1.0: 2 * x,
        given=lambda rng: rng.normal(), cases=3, tol=1e-10, rejects={"2 forgotten": lambda x=1.0: x},
        why_none=None,
    ),
    "verify.gradient": good(
        verify.gradient, label="eq-square", function=lambda x: x**2, derivative=lambda x: 2 * x,
        given=lambda rng: rng.normal(), cases=3, tol=1e-10, tol_differences=1e-6,
        rejects={"2 forgotten": lambda x: x}, why_none=None,
    ),
    "verify.expectation": good(
        verify.expectation, label="eq-mean", sample=lambda rng, size: rng.normal(1, 1, size), expected=1.0,
        size=1000, standard_errors=4, rejects={"mean forgotten": 0.0}, why_none=None,
    ),
}  # fmt: skip


def _methods(name):
    """The rows of a policy's methods and properties, which are alike for all policies."""
    policy, x = POLICIES[name], [[0, 1], [1, 0], [1, 1]]
    if name.startswith("Gaussian"):
        x = np.array(x, dtype=float).tolist()
    arguments = {"sample": {"rng": rng, "size": (2, 3)}, "kl": {"other": policy}}
    arguments |= {member: {"x": x} for member in ("log_prob", "score", "pathwise")}
    arguments |= {member: {} for member in ("fisher", "jacobian", "entropy")}
    for member, part in members(type(policy())).items():
        if is_property(part):
            CALLS[f"{name}.{member}"] = lambda member=member: (lambda: getattr(policy(), member), {})
        elif member in arguments:
            CALLS[f"{name}.{member}"] = lambda member=member: good(
                getattr(policy(), member), **arguments[member]
            )()


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
