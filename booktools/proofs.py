"""What proofs/ states, of which equations, whether these have changed since, and what Coq says of it."""

import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from booktools import notebooks

# What the proofs may rest on: the real numbers of Coq's standard library; that functions with the same values
# are equal; and, through Coquelicot, that every statement is true or false.
AXIOMS = {
    "ClassicalDedekindReals.sig_forall_dec",
    "ClassicalDedekindReals.sig_not_dec",
    "FunctionalExtensionality.functional_extensionality_dep",
    "Classical_Prop.classic",
}
# A theorem below the label of its equation, the fingerprint of what is displayed and for what it is proved;
# and below it what is refuted.
_STATEMENT = re.compile(
    r"(?:^\(\* (?!refuted: )(?P<note>[^*]*?) \*\)\n)?"
    r"^\(\* (?P<label>[a-z]+-[\w-]+) (?P<print>[0-9a-f]{8}) (?P<scope>[^\n]+) \*\)\n"
    r"(?P<text>Theorem (?P<name>\w+) :.*?\.)\nProof\.",
    re.MULTILINE | re.DOTALL,
)
_REFUTED = r"\(\* refuted: (?P<wrong>[^\n]+) \*\)\n(?P<text>Theorem {name}_wrong : ~ .*?\.)\nProof\."
_THEOREM = re.compile(r"\b(?:Theorem|Corollary|Proposition|Fact|Remark|Example)\s+(\w+)")
# What lets something pass unproved.
_UNPROVED = re.compile(
    r"\b(Admitted|admit|Abort|Axioms?|Parameters?|Conjectures?|Hypothes[ie]s|Variables?|Context|Unset|Declare|bypass_check)\b"
)
_BLOCK = re.compile(
    r"^(:{3,})\{prf:\w+\}[^\n]*\n:label: (?P<label>\S+)\n(?P<text>.*?)^\1$", re.MULTILINE | re.DOTALL
)
MISSING = (
    "Coq with Coquelicot is not installed, so the proofs are not checked; on Debian or Ubuntu:"
    " apt-get install coq libcoq-coquelicot"
)


@dataclass(frozen=True)
class Statement:
    """A theorem in proofs/, and the wrong version of it that is refuted there."""

    label: str
    fingerprint: str
    scope: str
    name: str
    text: str
    file: str
    line: int
    wrong: str
    refutation: str
    note: str


def statements(folder=notebooks.ROOT / "proofs"):
    """Return all statements, by chapter and in the order of the files."""
    found = []
    for path in sorted(folder.glob("chapter_*.v")):
        source = path.read_text(encoding="utf-8")
        for match in _STATEMENT.finditer(source):
            refuted = re.compile(_REFUTED.format(name=match["name"]), re.DOTALL).search(source, match.end())
            wrong = (refuted["wrong"], refuted["text"]) if refuted else ("", "")
            line = source.count("\n", 0, match.start("label")) + 1
            parts = match["label"], match["print"], match["scope"], match["name"], match["text"]
            found.append(Statement(*parts, path.name, line, *wrong, match["note"] or ""))
    return found


def unproved(root=notebooks.ROOT):
    """Return why equations are not proved: each reason with the labels that proofs/unproved.toml gives it.

    What has neither a proof nor a reason comes last: it is not done yet.
    """
    given = tomllib.loads((root / "proofs" / "unproved.toml").read_text(encoding="utf-8"))
    chapters = map(notebooks.load, notebooks.chapters(root))
    shown = [label for chapter in chapters for label, _ in notebooks.equations(chapter)]
    rest = set(shown) - {one.label for one in statements(root / "proofs")}
    rest -= {label for labels in given.values() for label in labels}
    return given | {"Not done yet.": [label for label in shown if label in rest]}


def labelled(path):
    """Return what is displayed in a chapter below each label, of equations and of theorems."""
    notebook = notebooks.load(path)
    blocks = [
        match for _, cell in notebooks.cells(notebook, "markdown") for match in _BLOCK.finditer(cell.source)
    ]
    return dict(notebooks.equations(notebook)) | {match["label"]: match["text"] for match in blocks}


def problems(folder=notebooks.ROOT / "proofs", root=notebooks.ROOT):
    """Return, as sentences, where statements and book do not belong together, and what is left unproved."""
    found, shown = [], {path.stem[:2]: labelled(path) for path in notebooks.chapters(root)}
    known = {one.name for one in statements(folder)}
    for path in sorted(folder.glob("*.v")):
        code = re.sub(r"\(\*.*?\*\)", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        found += [f"{path.name}: {word[0]}" for word in _UNPROVED.finditer(code)]
        for name in _THEOREM.findall(code):
            if name.removesuffix("_wrong") not in known:
                found.append(f"{path.name}: theorem {name} carries no label of the book")
    for one in statements(folder):
        place = f"{one.file}, line {one.line}: {one.label}"
        latex = shown.get(one.file[8:10], {}).get(one.label)
        if latex is None:
            found.append(f"{place} is not in chapter {one.file[8:10]}")
        elif (now := notebooks.fingerprint(latex)) != one.fingerprint:
            found.append(f"{place} has changed: see that the theorem still states it, then write {now}")
        if not one.refutation:
            found.append(f"{place} has no refuted version, {one.name}_wrong, below it")
    return found


def here():
    """Say whether Coq and Coquelicot are installed."""
    if not all(map(shutil.which, ("coqc", "coqchk", "coq_makefile"))):
        return False
    where = subprocess.run(["coqc", "-where"], capture_output=True, text=True, check=True).stdout.strip()
    return (Path(where) / "user-contrib" / "Coquelicot").exists()


def compiled(target, folder=notebooks.ROOT / "proofs"):
    """Compile the proofs in another folder; what Coq complains about is a ``ValueError``."""
    target.mkdir(parents=True, exist_ok=True)
    for path in target.glob("*.v*"):
        if not (folder / f"{path.stem}.v").exists():
            path.unlink()
    for path in folder.glob("*.v"):
        if not (target / path.name).exists() or (target / path.name).read_bytes() != path.read_bytes():
            shutil.copy(path, target)
    names = sorted(path.name for path in folder.glob("*.v"))
    _run(target, "coq_makefile", "-Q", ".", "", *names, "-arg", "-w", "-arg", "none", "-o", "Makefile")
    _run(target, "make", "--silent", "--jobs=2")


def axioms(target):
    """Return the axioms that the compiled statements and refutations rest on."""
    used = [(one.file[:-2], one.name + end) for one in statements(target) for end in ("", "_wrong")]
    files = sorted({file for file, _ in used})
    everything = ", ".join(f"@{file}.{name}" for file, name in used)
    text = f"Require {' '.join(files)}.\nDefinition everything := ({everything}).\n"
    (target / "everything.v").write_text(f"{text}Print Assumptions everything.\n", encoding="utf-8")
    said = _run(target, "coqc", "-w", "none", "-Q", ".", "", "everything.v")
    return set(re.findall(r"^(\w+\.\w+)", said, re.MULTILINE))


def rechecked(target):
    """Return the axioms that the independent checker finds in the compiled files and in all they load."""
    names = sorted(path.stem for path in target.glob("chapter_*.vo"))
    said = _run(target, "coqchk", "-silent", "-o", "-Q", ".", "", *names)
    listed = re.search(r"\* Axioms:\s*(.*?)\n\s*\n", said, re.DOTALL)[1]
    if unsafe := re.findall(r"\* .*(?:relying on|positivity).*: (?!<none>).*", said):
        raise ValueError("\n".join(unsafe))
    return {".".join(name.split(".")[-2:]) for name in listed.split()}


def _run(folder, *command):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"{command[0]}: {done.stdout + done.stderr}")
    return done.stdout + done.stderr


def main():
    """Check the links to the chapters, compile, and let the independent checker list the axioms."""
    target = notebooks.ROOT / "_build" / "proofs"
    if found := problems():
        sys.exit("\n".join(found))
    if not here():
        sys.exit(MISSING)
    try:
        compiled(target)
        found = axioms(target) | rechecked(target)
    except ValueError as error:
        sys.exit(str(error))
    print(f"{len(statements())} statements proved, and a wrong version of each refuted.", "They rest on:")
    print("\n".join(f"  {name}" for name in sorted(found)))
    if found - AXIOMS:
        sys.exit(f"Not among those listed in booktools/proofs.py: {', '.join(sorted(found - AXIOMS))}")


if __name__ == "__main__":
    main()
