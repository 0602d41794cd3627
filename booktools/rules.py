"""What is wrong with a chapter, in sentences: its source, its outputs, its equations and their checks."""

import re

from booktools.notebooks import DEEPER, ROOT, cells, checks, equations, listed, load, paths, stamps
from pgbook.explorers.parts import MIME as EXPLORER

# Characters of code that fit on a page.
LINE = 78

_FIGURES = {"image/svg+xml", EXPLORER}
# nbval passes over these.
_UNCOMPARED = {"image/png", "image/jpeg", "application/vnd.jupyter.widget-view+json"}
# What makes nbval, or nbclient, pass over a cell.
_LOOKS_AWAY = re.compile("nbval|pytest_validate|raises-exception|skip-execution", re.IGNORECASE)
_NOT_REPRODUCIBLE = re.compile(r"(?:^|[\s'\"(])(?:/\w[\w.-]*/|[A-Z]:\\)|\b0x[0-9a-f]{6,}")


def equation_problems(notebook):
    """Return what is wrong with the labelled equations of one chapter and their checks."""
    labels = [label for label, _ in equations(notebook)]
    called = checks(notebook)
    checked = {check.label for check in called}
    problems = [f"equation {label} is labelled twice" for label in set(labels) if labels.count(label) > 1]
    problems += [f"equation {label}: a label starts with eq-" for label in labels if label[:3] != "eq-"]
    problems += [f"equation {label} has no check" for label in labels if label not in checked]
    for check in called:
        call = f"cell {check.cell}: verify.{check.kind}"
        if check.label is None:
            problems.append(f"{call} names no equation")
        elif check.label not in labels:
            problems.append(f"{call} names {check.label}, which is no equation of this chapter")
        if not check.rejects:
            problems.append(f"{call} rejects no wrong version and does not say why")
    return problems


def source_problems(notebook):
    """Return what is wrong with the text and code of one chapter, before anything is executed."""
    problems = equation_problems(notebook)
    for index, cell in cells(notebook, "code"):
        if not cell.source.strip():
            problems.append(f"cell {index} is empty")
        longest = max(map(len, cell.source.splitlines()), default=0)
        if longest > LINE:
            problems.append(f"cell {index} has a line of {longest} characters, more than the page's {LINE}")
        tags = cell.metadata.get("tags", [])
        if any(map(_LOOKS_AWAY.search, tags)) or re.search(rf"#\s*{_LOOKS_AWAY.pattern}", cell.source, re.I):
            problems.append(f"cell {index} asks nbval to look away")
    for index, cell in cells(notebook, "markdown"):
        # JupyterLab hides the cells that follow it.
        if any(it.start() or "\n" in cell.source[it.end() :] for it in DEEPER.finditer(cell.source)):
            problems.append(f"cell {index} has a heading 'Deeper: …' that does not stand alone in it")
    kernel = notebook.metadata.get("kernelspec", {}).get("name")
    if kernel != "python3":
        problems.append(f"the kernel is {kernel!r}, not 'python3'")
    ids = [cell.get("id") for cell in notebook.cells]
    if None in ids or len(set(ids)) < len(ids):
        problems.append("cell ids are missing or not unique")
    return problems


def output_problems(notebook):
    """Return what is wrong with the outputs of one chapter."""
    problems = []
    for count, (index, cell) in enumerate(cells(notebook, "code"), start=1):
        if cell.execution_count != count:
            problems.append(f"cell {index} has execution count {cell.execution_count}, expected {count}")
        figure = cell.metadata.get("mystnb", {}).get("figure", {})
        drawn = [output for output in cell.outputs if _FIGURES & set(output.get("data", {}))]
        texts = [figure.get("name", "").startswith("fig-"), figure.get("caption"), *_alt_texts(cell, drawn)]
        if drawn and not all(texts):
            problems.append(f"cell {index} draws a figure without a name (fig-...), a caption or alt text")
        if figure and not (len(drawn) == len(cell.outputs) == 1):
            problems.append(f"cell {index} has a caption but does not show exactly one figure")
        # nbval does not compare the order of outputs of different kinds. Only tables may stand among lines:
        # tests/pages/test_jupyterlab.py sees to these.
        for output in cell.outputs[:-1]:
            if output.output_type != "stream" and "text/html" not in output.get("data", {}):
                problems.append(f"cell {index} shows more than what it prints, tables, and then one result")
        for output in cell.outputs:
            if output.output_type == "error" or output.get("name") == "stderr":
                problems.append(f"cell {index} shows an error or writes to stderr")
            for mime in _UNCOMPARED & set(output.get("data", {})):
                problems.append(f"cell {index} shows {mime}, which nbval does not compare")
            text = output.get("text", "") + output.get("data", {}).get("text/plain", "")
            if "\r" in text:
                problems.append(f"cell {index} prints over a line, and nbval compares what is left")
            if _NOT_REPRODUCIBLE.search(text):
                problems.append(f"cell {index} shows a path or a memory address")
    for (index, cell), (_, expected) in zip(cells(notebook, "code"), stamps(notebook), strict=True):
        if cell.metadata.get("equations", {}) != expected:
            problems.append(f"cell {index}: an equation it checks has changed since it ran (make notebooks)")
    return problems


def _alt_texts(cell, drawn):
    """Return the alt text of each figure: an explorer brings its own."""
    alt = {"description": cell.metadata.get("mystnb", {}).get("image", {}).get("alt")}
    return [output.data.get(EXPLORER, alt).get("description") for output in drawn]


def problems(path, root=ROOT):
    """Return everything that is wrong with one chapter, as sentences."""
    try:
        notebook = load(path)
    except ValueError as error:
        return [str(error)]
    found = source_problems(notebook) + output_problems(notebook)
    if path.relative_to(root).with_suffix("").as_posix() not in listed(root):
        found.append("it is not listed in _toc.yml")
    if path.stat().st_size > 1_000_000:
        found.append(f"it has {path.stat().st_size:,} bytes, more than 1 MB")
    return [f"{path.name}: {problem}" for problem in found]


def duplicate_labels(root=ROOT):
    """Return, as sentences, the equation labels that two chapters share."""
    home, found = {}, []
    for path in paths(root):
        for label in {label for label, _ in equations(load(path))}:
            if label in home:
                found.append(f"{path.name}: equation {label} is labelled in {home[label]} already")
            home.setdefault(label, path.name)
    return sorted(found)
