"""Every small change to pgbook is noticed: `make mutants` runs mutmut and says which tests miss it.

`make mutants ONLY=printing` changes one module. A change that no test can notice, because the changed
function does the same, is listed in `REASONS`; any other that survives is a failure.
"""

import argparse
import ast
import re
import shutil
import subprocess
import sys
from collections import Counter

from tests.nightly.matrix import ROOT, tree

# Why a change changes nothing: the functions and their changed lines.
REASONS = {
    "both have the same length": [
        (function, line.format(strict))
        for strict in (" strict=None", " ", " strict=False")
        for function, line in [
            (
                "verify.x_exact",
                "return [_error(label, a, _value(label, side, case)) for a, case in zip(left, arguments,{})]",
            ),
            ("verify.x_gradient", "return [_error(label, a, b) for a, b in zip(reference, values,{})]"),
            (
                "figures.x_simplex_axes",
                "for (x, y), label, below in zip(corners, labels, [True, True, False],{}):",
            ),
            (
                "episodes.xǁProblemǁ__post_init__",
                'for name, array in zip((*names, "terminal"), (*arrays, terminal),{}):',
            ),
            ("explorers.one_update.x_one_update", 'for b, sub in zip(range(2, 7), "₂₃₄₅₆",{})'),
            ("explorers.gaussian.x_gaussian", "roles, dashes = zip(*ESTIMATES.values(),{})"),
        ]
    ],
    "both sides have one shape by then": [("verify.x_symbolic", "if 0 in both[1].shape:")],
    "the table is empty, or the width of no cell is asked for": [
        ("printing.x_table", line)
        for default in ("None", "1")
        for line in (
            f"first = max((len(name) for name, _ in lines), default={default})",
            f"width = max((len(cell) for _, row in lines for cell in row), default={default})",
        )
    ],
    "one number more is rounded first, and it has no decimals": [
        (
            "printing.x__fixed",
            "rounded = np.round(value, digits) if abs(value) <= 2**53 / 10**digits else value",
        )
    ],
    "this is numpy's default, since 2.3": [
        ("bandits.x_learn", "paid = np.take_along_axis(returns, actions[..., None], )[..., 0]"),
        (
            "policies.categorical.xǁCategoricalǁlog_prob",
            "return np.take_along_axis(log_probs, action[..., None], )[..., 0]",
        ),
    ],
    "float64 is numpy's default": [
        ("_inputs.x__float64", "return array.astype(None)"),
        ("verify.x__numbers", "return array.astype(None)"),
    ],
    "to numpy and matplotlib, None is False, and capitals are letters": [
        ("_inputs.x_read_only", "array.flags.writeable = None"),
        ("_inputs.x_int_array", "return array.astype(np.intp, copy=None)"),
        (
            "figures.x_simplex_axes",
            'ax.fill(*corners.T, fill=None, edgecolor=COLORS["neutral"], linewidth=0.8)',
        ),
        ("figures.x_simplex_axes", 'ax.axis("OFF")'),
        ("figures.x_canonical_svg", 'format="SVG",'),
    ],
    "no array of numpy is of kind X": [
        ("_inputs.x_int_array", 'array = numeric(name, value, "integers", kinds="XXiuXX")'),
        ("_inputs.x_numeric", 'def numeric(name, value, wanted, kinds="XXiufXX"):'),
        ("_inputs.x_numeric", 'if array.dtype.kind not in (kinds if array.size else "XXiufXX"):'),
        (
            "verify.x__numbers",
            'array = numeric(f"{label}: a side", value, "real numbers", kinds="XXbiufOXX")',
        ),
    ],
    "it lies on the same side of the bound": [
        ("_inputs.x_sample_shape", "if min(shape, default=1) < 0:"),
        ("_inputs.x_count", "number = least - 2"),
        (
            "_inputs.x_real_array_and_size",
            "size = float(max(array.max(initial=0), -array.min(initial=1)))",
        ),
        (
            "policies.gaussian.xǁ_Normalǁ_noise",
            "if max(noise.max(initial=1), -noise.min(initial=0)) > LARGEST:",
        ),
        (
            "policies.gaussian.xǁ_Normalǁ_noise",
            "if max(noise.max(initial=0), -noise.min(initial=1)) > LARGEST:",
        ),
    ],
    "no shape holds a negative number, and one of two is enough": [
        ("episodes.xǁProblemǁ__post_init__", f"S, A = R.shape if R.ndim == 2 and R.size else ({shape})")
        for shape in ("+1, -1", "-2, -1", "-1, +1", "-1, -2")
    ],
    "the error of a sum near 1 is a multiple of 2**-53, and 1e-9 is none": [
        (
            "episodes.xǁProblemǁ__post_init__",
            "wrong = probs[(probs.min(axis=-1) < 0) | (np.abs(probs.sum(axis=-1) - 1) >= 1e-9)].tolist()",
        )
    ],
    "up to the same logits nothing overflows, shifted or not": [
        ("policies.categorical.xǁCategoricalǁ_exponentials", f"if self._largest {bound}:")
        for bound in (">= 300", "> 301")
    ],
    "an axis goes by any letter": [
        (
            "policies.categorical.xǁCategoricalǁ_exponentials",
            'return exponentials, np.einsum("...K->...", exponentials)[..., None]',
        )
    ],
    "of two axes, the last is the second": [
        ("estimators.x_optimal_baseline", "squares = ((scores / largest) ** 2).sum(axis=+1)")
    ],
    "it is the same number": [
        (
            "episodes.x_trajectories",
            "ways = np.minimum(possible @ ways, 1e+300)  # as good as infinite, without overflow",
        )
    ],
    "the condition cannot fail without words, since the numbers are finite": [
        ("bandits.x__per_run", 'def _per_run(name, value, runs, wanted="XXXX", condition=np.isfinite):')
    ],
    "the loop is left at STEPS": [("explorers.simplex.x_simplex", "for k in range(STEPS + 2):")],
    "a third look at the layout changes nothing": [("figures.x_canonical_svg", "for _ in range(3):")],
    "both ways write 10000": [
        (
            "figures.x__rounded",
            'return f"{round(float(text), 2) + 0.0:g}" if abs(float(text)) <= 1e4 else f"{float(text):.0f}"',
        )
    ],
    "it takes more memory, or time, for the same numbers": [
        *(
            ("policies.bernoulli.xǁBernoulliLogitǁscore", f"return np.divide(sign, score,{out})[..., None]")
            for out in (" out=None", " ")
        ),
        *(
            (
                "policies.categorical.xǁCategoricalǁscore",
                f"score[(*np.indices(action.shape,{sparse}), action)] += 1",
            )
            for sparse in (" sparse=None", " ", " sparse=False")
        ),
        *(
            ("policies.categorical.x__running_sums", f"if array.shape[-1] {condition} array.size:")
            for condition in ("* 2 >", "** 3 >", "** 2 >=")
        ),
        *(
            ("policies.categorical.x__running_sums", f"sums = array.copy(order={order})")
            for order in ("None", '"k"')
        ),
    ],
}
EQUIVALENT = {(f"pgbook.{function}", line) for found in REASONS.values() for function, line in found}

NOTICED = {"killed", "timeout", "caught by type check"}


# Where it happens: a copy, in which mutmut keeps what it found for the next time.
COPY = ROOT / "_build/mutants"


def undecorated(source):
    """Return a module that decorates each function in the line after it: mutmut passes over decorated ones.

    >>> print(undecorated("class A:\\n    @property\\n    def b(self):\\n        return 1\\n"))
    class A:
        def b(self):
            return 1
        b = property(b)
    <BLANKLINE>
    """
    lines = source.split("\n")
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    for function in sorted(functions, key=lambda node: -node.lineno):
        for decorator in function.decorator_list:
            line = f"{function.name} = {ast.unparse(decorator)}({function.name})"
            lines.insert(function.end_lineno, " " * function.col_offset + line)
        del lines[function.lineno - 1 - len(function.decorator_list) : function.lineno - 1]
    return "\n".join(lines)


def prepare():
    """Copy what mutmut needs."""
    for name in ("pgbook", "chapters", "booktools", "tests"):
        shutil.rmtree(COPY / name, ignore_errors=True)
    tree(COPY)
    shutil.copytree(ROOT / "tests", COPY / "tests")
    shutil.copy(ROOT / "requirements.txt", COPY)
    for path in (COPY / "pgbook").rglob("*.py"):
        path.write_text(undecorated(path.read_text(encoding="utf-8")), encoding="utf-8")


def mutmut(*words, **how):
    return subprocess.run(
        [sys.executable, "-m", "mutmut", *words], cwd=COPY, check=True, text=True, **how
    ).stdout


def changed(name):
    """Return the function of a mutant, and its changed line; what was there, if nothing is left of it."""
    diff = mutmut("show", name, stdout=subprocess.PIPE)
    new, old = (re.findall(rf"^{sign}(?!{sign}{sign} )\s*(.*)$", diff, re.MULTILINE) for sign in ("\\+", "-"))
    return re.sub(r"__mutmut_\d+$", "", name), " ".join(new) or f"without {' '.join(old)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", help="a module, such as printing")
    only = parser.parse_args().only
    begin = f"pgbook.{only}." if only else "pgbook."
    prepare()
    mutmut("run", *([f"{begin}*"] if only else []))
    results = mutmut("results", "--all", "true", stdout=subprocess.PIPE)
    listed = re.findall(r"^\s+(pgbook\S+): (.+)$", results, re.MULTILINE)
    outcomes = {name: outcome for name, outcome in listed if name.startswith(begin)}
    survivors = {name: changed(name) for name, outcome in outcomes.items() if outcome not in NOTICED}
    missed = {name: found for name, found in survivors.items() if found not in EQUIVALENT}
    for name, (_, line) in missed.items():
        print(f"{name}, {outcomes[name]}:\n    {line}")
    gone = {found for found in EQUIVALENT if found[0].startswith(begin)} - set(survivors.values())
    for function, line in gone:
        print(f"{function}: listed as equivalent, but noticed or not made:\n    {line}")
    print(", ".join(f"{number} {outcome}" for outcome, number in Counter(outcomes.values()).most_common()))
    equal, noticed = len(survivors) - len(missed), len(outcomes) - len(survivors)
    print(f"{noticed} of {len(outcomes) - equal} noticed; {equal} more change nothing")
    return int(bool(missed or gone) or not outcomes)


if __name__ == "__main__":
    sys.exit(main())
