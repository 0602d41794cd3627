"""Editions to take along: the page "Run it yourself" lists those that were made of the pages as they are.

They lie in the built book's `downloads`. When pages are built, those of the pages before go.
"""

import re
import shutil
from pathlib import Path

from booktools import notebooks

PAGE = "chapters/appendix/running.html"
EDITIONS = {
    "why-divide-by-pi.pdf": "The whole book as a PDF",
    "why-divide-by-pi.epub": "The whole book for e-readers, as EPUB",
    "why-divide-by-pi-handout-a4.pdf": "One sheet for each chapter, on A4",
    "why-divide-by-pi-handout-letter.pdf": "One sheet for each chapter, on Letter",
    "slides/index.html": "Slides for each chapter, to show from here",
    "why-divide-by-pi-slides.zip": "Slides for each chapter, to show offline",
    "why-divide-by-pi-student.pdf": "For students, without solutions: the chapters as a PDF",
    "why-divide-by-pi-student-web.zip": "For students, without solutions: these pages, to read offline",
    "why-divide-by-pi-student-notebooks.zip": "For students, without solutions: the notebooks",
    "why-divide-by-pi-assignments.zip": "For students: graded sheets, as notebooks",
}
_LIST = re.compile(r'(<div class="[^"]*\bdownloads\b[^"]*">\n).*?(</div>)', re.DOTALL)


def folder(built=notebooks.HTML):
    """Return the folder of the editions, which is there then."""
    (built / "downloads").mkdir(parents=True, exist_ok=True)
    return built / "downloads"


def offer(built=notebooks.HTML):
    """List on the page what is there, with its size."""
    items = []
    for name, what in EDITIONS.items():
        path = built / "downloads" / name
        if path.exists():
            address = f"../../downloads/{name}"
            link = f'<a href="{address}" download>{what}</a>, {path.stat().st_size / 1e6:.1f} MB'
            if path.suffix == ".html":
                link = f'<a href="{address}">{what}</a>'
            items.append(f"<li><p>{link}</p></li>\n")
    said = f"<ul>\n{''.join(items)}</ul>\n" if items else "<p>No other edition was made of these pages.</p>\n"
    page = built / PAGE
    page.write_text(_LIST.sub(rf"\g<1>{said}\2", page.read_text(encoding="utf-8")), encoding="utf-8")


def renew(app, error):
    """Take away the editions of the pages before."""
    built = Path(app.outdir)
    if not error and app.builder.name == "html":
        shutil.rmtree(built / "downloads", ignore_errors=True)
        if (built / PAGE).exists():  # or a part of the book is built
            offer(built)


def setup(app):
    app.connect("build-finished", renew)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
