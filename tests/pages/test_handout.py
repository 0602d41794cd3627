"""The handout: a sheet for each chapter, on A4 and on Letter, whole and large enough to be read."""

import ctypes
import re

import pypdfium2
import pytest
from pypdfium2 import raw

from booktools import handout, notebooks, pdf

NAMES = [f"chapters/{path.stem}" for path in notebooks.chapters()]


def sizes(characters):
    """Yield the size in points of every letter of the text; formulas have fonts of their own."""
    for index in range(characters.count_chars()):
        name = ctypes.create_string_buffer(64)
        raw.FPDFText_GetFontInfo(characters, index, name, 64, ctypes.byref(ctypes.c_int()))
        if b"STIX" in name.value:
            yield raw.FPDFText_GetFontSize(characters, index)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "points"), [("a4", (595, 842)), ("letter", (612, 792))])
def test_each_chapter_is_one_sheet_whole_and_readable(browser, tmp_path, size, points):
    fitted = handout.write(browser, tmp_path / "handout.pdf", size)
    assert [one for one in fitted if not one["fits"] or len(one["left"]) > 4] == []
    with pypdfium2.PdfDocument(tmp_path / "handout.pdf") as pages:
        assert len(pages) == len(NAMES)
        for page, name in zip(pages, NAMES, strict=True):
            assert tuple(map(round, page.get_size())) == points
            characters = page.get_textpage()
            text = characters.get_text_bounded()
            article = pdf.soup(notebooks.HTML / f"{name}.html").select_one("article.bd-article")
            title = article.h1.get_text().removesuffix("#")
            assert re.sub(r"\s", "", title) in re.sub(r"\s", "", text)
            assert "What we found" in text
            assert "Key equations" in text
            assert re.search(r"Fig\.\s+\d+\.\d", text)
            chapter = int(name.split("/")[1][:2])
            assert len(set(re.findall(rf"\({chapter}\.\d+\)", text))) >= 4
            # Paper has margins, and the foot is the lowest line.
            boxes = [characters.get_charbox(index) for index in range(characters.count_chars())]
            boxes = [box for box in boxes if box[2] - box[0] < 100 and box[3] - box[1] < 100 and box[0]]
            assert min(box[0] for box in boxes) > 25
            assert max(box[2] for box in boxes) < points[0] - 25
            assert max(box[3] for box in boxes) < points[1] - 25
            found = list(sizes(characters))
            assert len(found) > 800
            assert min(found) >= 8
