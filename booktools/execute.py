"""Execute chapters from a fresh kernel and keep their outputs: `make notebooks [CHAPTER=03]`.

A chapter is written only when all of its cells ran. What changes from run to run is left out, so
that a diff shows only what changed.
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from booktools import notebooks, reading, rules

# Run last, and not kept: what pages check the answers of readers with.
ANSWERS = """
import json
from pgbook.exercises import published
print(json.dumps({{label: published(label, dict(globals())) for label in {labels}}}))
"""


class Failure(Exception):
    """Something the author has to mend; the message says what and where."""


def execute(path):
    """Execute the chapter at ``path`` and write it back with its outputs."""
    try:
        notebook = notebooks.load(path)
    except ValueError as error:
        raise Failure(str(error)) from error
    wrong = rules.source_problems(notebook)
    if wrong:
        raise Failure("\n".join(f"{path.name}: {problem}" for problem in wrong))
    kernel = notebook.metadata.kernelspec.name
    place = {"metadata": {"path": path.parent}}
    settings = {"kernel_name": kernel, "resources": place, "extra_arguments": ["--log-level=40"]}
    settings |= {"startup_timeout": 600, "timeout": None, "iopub_timeout": 600}  # a busy machine is no fault
    client = NotebookClient(notebook, **settings)
    labels = [label for label, _ in notebooks.stubs(notebook)]
    notebook.cells.append(nbformat.v4.new_code_cell(ANSWERS.format(labels=labels)))
    try:
        client.execute()
    except NoSuchKernel:
        raise Failure(f"{path.name}: there is no kernel {kernel!r} here; install ipykernel") from None
    except (CellExecutionError, DeadKernelError) as error:
        raise Failure(f"{path.name}: {_failed_cell(notebook)} failed:\n{error}") from None
    answers = json.loads(notebook.cells.pop().outputs[0].text)
    for label, cell in notebooks.stubs(notebook):
        cell.metadata["answer"] = answers[label]
    write(notebook, path)


def write(notebook, path):
    """Write the notebook in its canonical form, all of it or nothing.

    What a killed run may have left beside it is written over.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        temporary.write_text(canonical(notebook), encoding="utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def canonical(notebook):
    """Return the notebook as text, without metadata that changes from run to run."""
    notebook.metadata = nbformat.from_dict({
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python", "pygments_lexer": "ipython3"},
    })  # fmt: skip
    for _, cell in notebooks.cells(notebook, "markdown"):
        closed = notebooks.DEEPER.match(cell.source)
        cell.metadata = nbformat.from_dict({"jp-MarkdownHeadingCollapsed": True} if closed else {})
    for cell in notebooks.closed(notebook):
        cell.metadata.tags = sorted({*cell.metadata.get("tags", []), "hide-input"})
    reading.dated(notebook)
    for count, (cell, stamp) in enumerate(notebooks.stamps(notebook), start=1):
        kept = {key: cell.metadata[key] for key in ("tags", "mystnb", "answer") if cell.metadata.get(key)}
        if "hide-input" in kept.get("tags", []):
            kept["jupyter"] = {"source_hidden": True}  # what JupyterLab calls it
        cell.metadata = nbformat.from_dict(kept | ({"equations": stamp} if stamp else {}))
        cell.execution_count = count
        cell.outputs = _joined(cell.outputs)
        for output in cell.outputs:
            if "metadata" in output:
                output.metadata = nbformat.from_dict({})
            if output.output_type == "execute_result":
                output.execution_count = count
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=4) + "\n"


def _joined(outputs):
    """Make one of text that follows on text: in which pieces it comes depends on timing.

    nbclient's ``coalesce_streams`` would also carry text past the tables and figures between it.
    """
    joined = []
    for output in outputs:
        if joined and output.get("name", "") == joined[-1].get("name"):
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def selected(name, root):
    """Return the chapters that ``name`` stands for: all if empty, else the one it begins with."""
    available = notebooks.paths(root)
    found = [path for path in available if not name or path.stem == name or path.stem.startswith(f"{name}_")]
    if not found:
        known = ", ".join(path.stem for path in available)
        raise Failure(f"there is no chapter {name!r}; there are: {known}")
    return found


def main(name="", root=notebooks.ROOT):
    """Execute the selected chapters side by side; return the exit code."""
    try:
        paths = selected(name, root)
        duplicates = rules.duplicate_labels(root)
        if duplicates:
            raise Failure("\n".join(duplicates))
    except (Failure, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    failed = False
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for path, run in [(path, pool.submit(execute, path)) for path in paths]:
            try:
                run.result()
                print(f"{path.name}: executed")
            except Failure as error:
                failed = True
                print(error, file=sys.stderr)
            except KeyboardInterrupt:
                # The pool would first finish every chapter. No file is half-written, and kernels follow.
                print("interrupted", file=sys.stderr, flush=True)
                os._exit(130)
    return int(failed)


def _failed_cell(notebook):
    """Name the last cell that was started: nbclient notes the start of each in its metadata."""
    started = [index for index, cell in notebooks.cells(notebook, "code") if "execution" in cell.metadata]
    return f"cell {started[-1]} (id {notebook.cells[started[-1]].id})" if started else "the first cell"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
