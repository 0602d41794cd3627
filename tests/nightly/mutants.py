"""Every small change to pgbook is noticed: `make mutants` runs mutmut and says which tests miss it.

`make mutants ONLY=printing` changes one module. A change that no test can notice, because the changed
function does the same, is listed in `equivalent.txt`; any other that survives is a failure.
"""

import ast
import re
import shutil
import subprocess
import sys
from collections import Counter

from tests.nightly.matrix import ROOT, tree

NOTICED = {"killed", "timeout", "caught by type check"}
# Where it happens: a copy, in which mutmut keeps what it found for the next time.
COPY = ROOT / "_build/mutants"


def equivalent():
    """Return the functions and their changed lines that change nothing; of strict=True, there are three."""
    listed = (ROOT / "tests/nightly/equivalent.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.partition(": ") for line in listed if line and line[0] != "#"]
    return {
        (f"pgbook.{function}", line.replace("strict=True", changed))
        for function, _, line in pairs
        for changed in ("strict=None", "strict=False", "")
    }


def undecorated(source):
    """Return a module that decorates each function in the line after it: mutmut passes over decorated ones.

    A function that looks at its caller is left as it is: mutmut would stand between the two.

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
        if "sys._getframe" in ast.unparse(function):
            lines[function.lineno - 1] += "  # pragma: no mutate block"
        for decorator in function.decorator_list:
            line = f"{function.name} = {ast.unparse(decorator)}({function.name})"
            lines.insert(function.end_lineno, " " * function.col_offset + line)
        del lines[function.lineno - 1 - len(function.decorator_list) : function.lineno - 1]
    return "\n".join(lines)


def prepare():
    """Copy the book; what was there of an earlier run, mutmut uses again."""
    for name in ("pgbook", "tests"):
        shutil.rmtree(COPY / name, ignore_errors=True)
    tree(COPY)
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


def main(only=""):
    begin = f"pgbook.{only}." if only else "pgbook."
    prepare()
    mutmut("run", *([f"{begin}*"] if only else []))
    results = mutmut("results", "--all", "true", stdout=subprocess.PIPE)
    listed = re.findall(r"^\s+(pgbook\S+): (.+)$", results, re.MULTILINE)
    outcomes = {name: outcome for name, outcome in listed if name.startswith(begin)}
    survivors = {name: changed(name) for name, outcome in outcomes.items() if outcome not in NOTICED}
    known = equivalent()
    missed = {name: found for name, found in survivors.items() if found not in known}
    for name, (_, line) in missed.items():
        print(f"{name}, {outcomes[name]}:\n    {line}")
    gone = {found for found in known if found[0].startswith(begin)} - set(survivors.values())
    for function, line in gone:
        print(f"{function}: listed as equivalent, but noticed or not made:\n    {line}")
    print(", ".join(f"{number} {outcome}" for outcome, number in Counter(outcomes.values()).most_common()))
    equal, noticed = len(survivors) - len(missed), len(outcomes) - len(survivors)
    print(f"{noticed} of {len(outcomes) - equal} noticed; {equal} more change nothing")
    return int(bool(missed or gone) or not outcomes)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
