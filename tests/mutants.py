"""Every small change to pgbook is noticed: `make mutants` runs mutmut and says which tests miss it.

`make mutants ONLY=printing` changes one module. A change that no test can notice, because the changed
function does the same, is listed in `EQUIVALENT` with the reason; any other that survives is a failure.
"""

import argparse
import re
import subprocess
import sys
from collections import Counter

# By function: the changed line, and why the function does what it did.
EQUIVALENT = {}

NOTICED = {"killed", "timeout", "caught by type check"}


def mutmut(*words):
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *words], capture_output=True, text=True, check=True
    )
    return done.stdout


def results(pattern):
    """Return the status of every mutant of the chosen modules, by its name."""
    found = re.findall(r"^\s+(\S+): (.+)$", mutmut("results", "--all", "true"), re.MULTILINE)
    return {name: status for name, status in found if re.match(pattern, name)}


def changed(name):
    """Return the function of a mutant and its changed line."""
    lines = mutmut("show", name).splitlines()
    (line,) = [line[1:].strip() for line in lines if re.match(r"\+(?!\+\+ )", line)]
    return re.sub(r"__mutmut_\d+$", "", name), line


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="*", help="a module, such as printing")
    only = f"pgbook.{parser.parse_args().only}.*"
    subprocess.run([sys.executable, "-m", "mutmut", "run", *([] if "*." in only else [only])], check=True)
    status = results(re.escape(only).replace(r"\*", ".*"))
    survived = [name for name, outcome in status.items() if outcome not in NOTICED]
    unexplained = 0
    for name in survived:
        function, line = changed(name)
        if line not in EQUIVALENT.get(function, {}):
            unexplained += 1
            print(f"{name}: {status[name]}\n    {line}")
    noticed = len(status) - len(survived)
    print(f"{noticed} of {len(status)} changes were noticed; {len(survived) - unexplained} change nothing")
    print(", ".join(f"{number} {outcome}" for outcome, number in Counter(status.values()).most_common()))
    return int(unexplained > 0 or not status)


if __name__ == "__main__":
    sys.exit(main())
