"""Every small change to pgbook is noticed: `make mutants` runs mutmut and says which tests miss it.

`make mutants ONLY=printing` changes one module. A change that no test can notice, because the changed
function does the same, is listed in `EQUIVALENT` with the reason; any other that survives is a failure.
"""

import argparse
import re
import subprocess
import sys
from collections import Counter

# The function and its changed line: why it does what it did.
EQUIVALENT = {}

NOTICED = {"killed", "timeout", "caught by type check"}


def mutmut(*words):
    command = [sys.executable, "-m", "mutmut", *words]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def changed(name):
    """Return the function of a mutant, and its changed line; what was there, if nothing is left of it."""
    diff = mutmut("show", name)
    new, old = (re.findall(rf"^{sign}(?!{sign}{sign} )\s*(.*)$", diff, re.MULTILINE) for sign in ("\\+", "-"))
    return re.sub(r"__mutmut_\d+$", "", name), " ".join(new) or f"without {' '.join(old)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", help="a module, such as printing")
    only = parser.parse_args().only
    begin = f"pgbook.{only}." if only else "pgbook."
    subprocess.run([sys.executable, "-m", "mutmut", "run", *([f"{begin}*"] if only else [])], check=True)
    listed = re.findall(r"^\s+(pgbook\S+): (.+)$", mutmut("results", "--all", "true"), re.MULTILINE)
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
