"""The edition for students: nothing of any solution is in any of its files, and its notebooks run.

It is made once, as `make student` makes it, by `make test SLOW=1`.
"""

import ast
import re
import shutil
import zipfile

import nbformat
import pytest
from lxml import html
from nbclient import NotebookClient

from booktools import notebooks, pdf, student
from pgbook import exercises
from tests.solved import meets, read

PATHS = notebooks.paths()
NUMBERS = "//article//span[@class='eqno' or @class='caption-number']"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_chapter_runs_without_its_solutions(path):
    """Nothing outside of them uses a name that only they define."""
    outside, inside = student.split(notebooks.load(path))

    def names(cells, kind):
        code = (ast.parse(cell.source) for cell in cells if cell.cell_type == "code")
        found = {node for tree in code for node in ast.walk(tree)}
        named = {node.id for node in found if isinstance(node, ast.Name) and isinstance(node.ctx, kind)}
        defined = {node.name for node in found if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        defined |= {node.arg for node in found if isinstance(node, ast.arg)}
        return named | (defined if kind is ast.Store else set())

    assert names(inside, ast.Store) & names(outside, ast.Load) <= names(outside, ast.Store)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_for_students_has_every_exercise_and_no_answer(path):
    full, kept = notebooks.load(path), student.stripped(notebooks.load(path))
    text = "\n".join(cell.source for cell in kept.cells)
    assert "solution-" not in text
    assert text.count("{exercise}") == "\n".join(cell.source for cell in full.cells).count("{exercise}")
    assert [label for label, _ in notebooks.stubs(kept)] == [label for label, _ in notebooks.stubs(full)]
    for (label, cell), (_, before) in zip(notebooks.stubs(kept), notebooks.stubs(full), strict=True):
        assert set(cell.metadata) == {"sealed", "tags"}
        seal, told = cell.metadata["sealed"], before.metadata.get("answer")
        assert seal["label"] == label
        assert seal["hint"]
        # The right numbers are recognised, and no known mistake is taken for them.
        if told:
            assert exercises._unsealed(label, seal, told["answer"]).startswith("right, to ")
            for numbers, _ in told["mistakes"].values():
                assert exercises._unsealed(label, seal, numbers).startswith("not right, to ")


@pytest.fixture(scope="module")
def edition(browser, tmp_path_factory):
    """Return the folder with the edition, all of it unpacked, and with what its PDF is printed from."""
    folder = tmp_path_factory.mktemp("student")
    student.write(folder, folder / "tree")
    built, names = folder / "tree" / "_build" / "html", student.pages(folder / "tree")
    # What is printed; two pages on paper show that paper has no more.
    (folder / "printed.html").write_text(pdf.assemble(names, built, folder / "tree"), encoding="utf-8")
    pdf.write(browser, folder / "two.pdf", built, folder / "tree", ["index", "chapters/01_question"])
    for archive in folder.glob("*.zip"):
        zipfile.ZipFile(archive).extractall(folder)
    shutil.rmtree(folder / "tree")
    return folder


@pytest.mark.slow
def test_no_file_of_the_edition_has_anything_of_a_solution(edition, solutions):
    assert len(solutions.lines) > 900
    assert len(solutions.numbers) > 40
    # The full book's pages have what is looked for: else nothing would be found in any.
    pages = [path.relative_to(notebooks.ROOT).with_suffix(".html") for path in PATHS]
    full = "\n".join(read(notebooks.HTML / page) for page in pages)
    assert len(meets(full, solutions.lines)) > 0.97 * len(solutions.lines)
    numbers = re.compile(rf"(?<![\d.])(?:{'|'.join(map(re.escape, solutions.numbers))})(?!\d)")
    assert set(numbers.findall(full)) == solutions.numbers
    files = [path for path in edition.rglob("*") if path.is_file() and "mathjax" not in path.parts]
    kinds = {path.suffix for path in files}
    files = [path for path in files if path.suffix != ".zip"]
    assert {".html", ".js", ".ipynb", ".pdf", ".md", ".svg", ".inv"} <= kinds
    for path in files:
        text = read(path)
        found = meets(text, solutions.lines) | set(numbers.findall(text))
        assert found == set(), path.relative_to(edition)


@pytest.mark.slow
def test_equations_and_figures_keep_the_numbers_of_the_full_book(edition):
    web = edition / f"{student.NAME}-web"
    for path in PATHS:
        name = path.relative_to(notebooks.ROOT).with_suffix(".html")
        pages = [html.parse(folder / name) for folder in (notebooks.HTML, web)]
        full, ours = (
            {one.xpath("ancestor::*[@id][1]/@id")[0]: one.text_content() for one in page.xpath(NUMBERS)}
            for page in pages
        )
        assert ours.items() <= full.items()
        assert len(ours) >= len(full) - 2


@pytest.mark.slow
def test_exercises_keep_their_difficulty_and_minutes(edition):
    page = "chapters/appendix/teaching.html"
    full, ours = (
        [row.text_content().split() for row in html.parse(root / page).xpath("//details//tr[td]")]
        for root in (notebooks.HTML, edition / f"{student.NAME}-web")
    )
    assert len(full) > 80
    assert ours == full


@pytest.mark.slow
def test_a_student_runs_a_notebook_from_top_to_bottom(edition):
    """With stubs as they are, then with a right answer, a wrong one, and one that cannot be compared."""
    folder = edition / f"{student.NAME}-notebooks"
    path = folder / "chapters/05_all_scores.ipynb"
    notebook = nbformat.read(path, as_version=4)
    stored = {label: cell.outputs[0].text for label, cell in notebooks.stubs(notebook)}
    place = {"metadata": {"path": path.parent}}
    settings = {"startup_timeout": 600, "timeout": None, "iopub_timeout": 600, "resources": place}
    # A kernel may send a line and its end apart.
    NotebookClient(notebook, coalesce_streams=True, **settings).execute()
    assert {label: cell.outputs[0].text for label, cell in notebooks.stubs(notebook)} == stored
