"""Slides for each session of "Teaching with this book": `make slides`.

The plan is the page's tables. A row's slides are those of the places that it names, in their order: a
prediction and, on the next slide, what each answer says; an equation; a figure; an explorer beside each of
its tasks; an exercise; a table. What the right answer of a box cites is shown after it. All of it comes from
the built pages. Reveal.js shows it, without a network.
"""

import html
import json
import os
import posixpath
import re
import shutil
from collections import namedtuple
from importlib.util import find_spec
from itertools import islice, takewhile
from pathlib import Path
from urllib.parse import urlsplit

from booktools import notebooks, pdf
from booktools.slides.fit import LETTERS, divided, is_formula, is_paragraph, is_words, lines, measured
from booktools.slides.lead import HEADINGS, leading, opening, right, sentence
from booktools.slides.plan import Book
from booktools.student import packed

NAME = "why-divide-by-pi-slides"
SHORT = 4  # so many lines stand above a question
TITLE = 30  # seconds of each slide of a title
STATIC = ["mathjax/tex-chtml.js", "mathjax/output/chtml/fonts", "vega.js", "explorers.js", "book.css"]
REVEAL = ["dist/reveal.js", "dist/reveal.css", "plugin/notes/notes.js", "LICENSE"]
OURS = [Path(__file__).with_name(name) for name in ("slides.css", "slides.js")]
PAGE = """<!DOCTYPE html>
<html lang="en" data-theme="light"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="_static/reveal.css"><link rel="stylesheet" href="_static/book.css">
<link rel="stylesheet" href="_static/slides.css">{head}</head>
<body class="mathjax_ignore">{body}</body></html>
"""
DECK = """<div class="reveal" data-seconds="{seconds}"><div class="slides">{slides}</div></div>"""
HELP = """<p>Arrows turn the slides, Esc shows all of them, S opens the notes. A control of an explorer keeps
the keys that it uses until Esc. For paper, put <code>?print-pdf</code> behind an address and print.</p>"""

Slide = namedtuple("Slide", "heading body kind notes", defaults=("", ""))


def slides_of(session, name, place, row, book, shown=()):
    """Return the slides of a place that a row names; ``shown`` are the places that have been.

    Raises
    ------
    ValueError
        If the page has no such place, or no slide can be made of it.
    """
    found = book.article(name).find(id=place)
    if found is None:
        raise ValueError(f"session {session}: {name} has no place {place!r}")
    # The content of a theorem is a section too, without a heading.
    section = next(one for one in [found, *found.parents] if one.name == "section" and one.find(HEADINGS))
    heading = section.find(HEADINGS).decode_contents()
    if found.name == "section" or (found.name == "span" and found.parent is section):
        boxes = [box for box in section.select(".predict") if "touch" not in box.p.get_text()]
        if boxes:
            return predicted(heading, boxes[0], row, shown)
        return [
            Slide(heading, some, "text") for some in divided(measured(opening(section, kind=is_paragraph)))
        ]
    if found.name == "figure":
        made = touched(heading, found, row, shown) if found.select(".explorer") else None
        return made or [pictured(heading, found)]
    if is_formula(found):
        return [] if place in shown else stated(heading, found, row, shown)
    if "exercise" in found.get("class", []):
        link, title = book.page(name).select_one("link[rel=canonical]"), found.p.decode_contents()
        title = f'<a href="{link["href"]}#{place}">{title}</a>' if link else title
        parts = [part for part in found.section(recursive=False) if not part.get_text().startswith("Check.")]
        solution = found.find_next(class_=["exercise", "solution"])
        told = filter(is_words, solution.section(recursive=False)) if "solution" in solution["class"] else []
        notes = f"<p>The solution:</p>{''.join(map(str, told))}"
        return [Slide(title, text, "question", notes) for text in divided(measured(parts))]
    if table := found if found.name == "table" else found.table:
        return tabled(heading, table)
    raise ValueError(f"session {session}: no slide can be made of {place!r} of {name}, a <{found.name}>")


def predicted(heading, box, row, shown):
    """Return the slides of a box, above it or before them what leads to it, and what its answers cite."""
    found, after = leading(box, shown)
    questions, first = list(asked(box)), []
    if sum(map(lines, found)) < SHORT:
        questions[0][0][:0] = found
    else:
        first = [Slide(heading, "".join(map(str, found)), "text")]
    if {part.get("id") for part in after}.intersection(place for _, place in row.places):
        after = []  # a slide of its own
    last = [Slide(heading, some, "text") for some in divided(measured(after))]
    known = {*shown, *(part.get("id") for part in after), *(place for _, place in row.places)}
    for key in dict.fromkeys(right(box)):
        if key not in known:
            last += stated(heading, box.find_parent("article").find(id=key), row, known)
    asked_of = [slide for question in questions for slide in voted(heading, *question)]
    return first + asked_of + case(heading, box, known) + last


def case(heading, box, shown):
    """Return the slides of the small case that decides a vote: words, tables and figures below the box."""
    found, parts, vote = [], [], box.p.get_text() == "Vote" and "case for it" in box.get_text()
    for part in box.find_next_siblings() if vote else []:
        after = part.find_next_sibling()
        if part.name == "section" or part.get_text().startswith("What is true"):
            break
        if is_paragraph(part) and after is not None and is_formula(after):  # the equation has these words
            break
        if is_paragraph(part):
            parts += measured([part])
        for figure in part("figure"):
            found += [Slide(heading, some, "text") for some in divided(parts)]
            found += [pictured(heading, figure)] if figure["id"] not in shown else []
            parts = []
        parts += [(str(table), 1.4 * len(table("tr"))) for table in part("table")]
    return found + [Slide(heading, some, "text") for some in divided(parts)]


def stated(heading, equation, row, shown=()):
    """Return an equation's slides, with the end of what leads to it; the notes have the rest, and the proof.

    Letters that are explained follow, and, if the row says so, "the table below it".
    """
    before, after = leading(equation)[0], equation.find_next_sibling()
    words = sentence(equation, {*shown, *(place for _, place in row.places)})
    told = [part for part in before if part not in words]
    holder = equation.find_parent(class_="theorem")
    proof = holder and holder.find_next_sibling(class_="proof")
    notes = f"<p>What leads to it:</p>{''.join(map(str, told))}" if told else ""
    if proof and "theorem" not in proof["class"]:
        notes += f"<p>The proof:</p>{''.join(map(str, proof.find_all(is_words, recursive=False)))}"
    parts = measured([*words, equation])
    if after and (
        after.get_text().startswith("Here ") or after.get_text()[:1].islower()
    ):  # the sentence goes on
        listed = after.find_next_sibling()
        items = listed("li") if listed and listed.name == "ul" else []
        parts += [*measured([after]), *((f"<ul>{item}</ul>", lines(item)) for item in items)]
    first, *more = divided(parts)
    found = [Slide(heading, first, "equation", notes), *(Slide(heading, some, "text") for some in more)]
    number = re.escape(equation.select_one(".eqno").find(string=True))
    if re.search(rf"{number}[^(]*the table below it", row.part.get_text()):
        table = equation.find_next("table")
        words = table.find_parent(class_="cell").find_previous_sibling("p")
        found.append(Slide(heading, f"{words}{table}", "table"))
    return found


def asked(box):
    """Yield each question of a box: its words, its answers, and what is said to each."""
    responses, words = iter(box.select("details > ul")), []
    for part in box.find_all(["p", "ul"], recursive=False):
        if part.name == "ul":
            yield words, part("li", recursive=False), next(responses)("li", recursive=False)
            words = []
        elif "admonition-title" not in part.get("class", []):
            words.append(part)


def voted(heading, words, answers, responses, explorer=None, state=""):
    """Return the slide of a question, its notes with the answers people give, and what each answer says."""
    choices = "".join(f"<li>{answer.decode_contents()}</li>" for answer in answers)
    question = f'{"".join(map(str, words))}<ol class="answers">{choices}</ol>'
    said = []
    for number, (answer, response) in enumerate(zip(answers, responses, strict=True), start=1):
        right = ' class="right"' if response.get_text().strip().startswith("Right.") else ""
        given = f'<div class="answer">{answer.decode_contents()}</div>{response.decode_contents()}'
        said.append((f'<li value="{number}"{right}>{given}</li>', lines(answer) + lines(response)))
    listed = [f'<ol class="answers said">{some}</ol>' for some in divided(said)]
    notes = f"<p>What people answer, and the thought that leads there:</p>{''.join(listed)}"
    if explorer:
        task = f'<div class="task">{question}</div>{explorer}'
        question = f'<div class="explorer untouched{state} data-prevent-swipe>{task}</div>'
    first = Slide(heading, question, "touch" if explorer else "question", notes)
    return [first, *(Slide(heading, some) for some in listed)]


def named(words, presets):
    """Return the preset whose words all are emphasised in a task, the longest, or nothing.

    >>> named({"then", "all", "pay"}, ["all pay", "all pay, undivided"])
    'all pay'
    """
    fitting = [one for one in presets if set(re.findall(r"[^\s,]+", one)) <= words]
    return max(fitting, key=lambda one: (len(one.split()), presets.index(one)), default="")


def touched(heading, figure, row, shown):
    """Return the slides of an explorer: beside each task that the row asks for, and what its answers say.

    It opens as the task before left it; where that is nothing, or has the answer, it is covered.
    """
    box = figure.find_previous("div", class_="predict")
    wanted = re.search(r"tasks 1 (?:to|and) (\d)", row.part.get_text())
    explorer, before = figure.select_one(".explorer"), leading(box, shown)[0]
    (task,) = [one for one in json.loads(explorer.script.get_text())["signals"] if one["name"] == "task"]
    slides, state = [Slide(heading, "".join(map(str, before)), "text")] if before else [], ""
    for words, *answers in islice(asked(box), int(wanted[1]) if wanted else None):
        stressed = " ".join(one.get_text().lower() for part in words for one in part("em"))
        then = named(set(re.findall(r"[^\s,]+", stressed)), task["bind"]["options"])
        covered = " covered" if state in ("", then) else ""
        opens = f'{covered}" data-opens="{html.escape(state)}"'
        slides += voted(heading, words, *answers, explorer.decode_contents(), opens)
        state = then or state
    return slides


def pictured(heading, figure):
    """Return the slide of a figure, with the first sentence of its caption; the notes have all of it."""
    number, caption = (
        figure.select_one(".caption-number"),
        figure.select_one(".caption-text").decode_contents(),
    )
    short = re.match(r"(?s).*?[.?!](</span>)*(?=\s+[A-Z]|\s*$)|.*", caption)[0]
    body = f'{figure.img}<p class="caption">{number}{short}</p>'
    return Slide(heading, body, "figure", f"<p>{caption}</p>")


def tabled(heading, table):
    """Return the slides of a table, its head on each."""
    letters = LETTERS / len(table.thead("th"))
    rows = [(str(row), max(lines(cell, letters) for cell in row("td"))) for row in table.tbody("tr")]
    return [Slide(heading, f"<table>{table.thead}{some}</table>", "table") for some in divided(rows)]


def results(article, shown):
    """Return the slides of what was found, without the parts of which nothing was shown."""
    title = article.find(lambda tag: tag.name == "h2" and "What we found" in tag.get_text())
    heading, listed = title.decode_contents(), title.find_next("ul")
    votes = article.select_one(".votes table")
    parts, more = measured(listed.find_previous_siblings("p", limit=1) if votes else []), ""
    for item in listed("li", recursive=False):
        cited = set(re.findall(r'href="[^"#]*#((?:equation|fig|deeper)-[\w-]+)"', str(item)))
        if not cited or cited & shown:
            parts += [(f"<ul>{item}</ul>", lines(item))]
        else:
            more = "<p>More in the chapter.</p>"
    found, (last, high) = tabled(heading, votes) if votes else [], parts.pop() if parts else ("", 0)
    parts.append((last + more, high + 1.4 * bool(more)))
    return found + [Slide(heading, some) for some in divided(parts)]


def deck(number, rows, name, book):
    """Return all slides of a session about a chapter, each with its seconds."""
    article, found, start, shown = book.article(name), [], 0, set()
    opening = list(takewhile(lambda part: part.name == "p", article.h1.find_next_siblings()))[1:]
    title, *more = divided(measured(opening))
    slides = [
        Slide(article.h1.decode_contents(), title, "title"),
        *(Slide("", some, "title") for some in more),
    ]
    for count, row in enumerate(rows, start=1):
        for place in row.places:
            slides += slides_of(number, *place, row, book, shown)
            bodies = "".join(one.body for one in slides)
            shown |= {place[1], *re.findall(r'id="(equation-[\w-]+)"', bodies)}
            shown |= set(re.findall(r"<p>.*?</p>", bodies, re.DOTALL))  # so none is shown twice
        if count == len(rows):
            slides += results(article, shown)
        start += row.minutes
        said = f"Part {count} of {len(rows)}, {row.minutes} minutes, until minute {start}."
        said = f"<p><strong>{said}</strong> {row.part.decode_contents()}</p>"
        titles = sum(one.kind == "title" for one in slides)
        share = (60 * row.minutes - TITLE * titles) / max(1, len(slides) - titles)
        for one in slides:
            found.append((TITLE if one.kind == "title" else share, one._replace(notes=said + one.notes)))
        slides = []
    return found


def written(title, found, head):
    """Return a deck as a page without links that lead out of it, and the images it shows."""
    sections = []
    for (seconds, slide), (_, after) in zip(found, [*found[1:], (0, None)], strict=True):
        then = f"<em>Next:</em> {after.heading or 'more of this'}" if after else "This is the end."
        level = "h1" if slide.kind == "title" else "h2"
        sections.append(
            f'<section class="{slide.kind}" data-timing="{seconds:.0f}"><{level}>{slide.heading}</{level}>'
            f'<div class="body">{slide.body}</div>'
            f'<aside class="notes">{slide.notes}<p>{then}</p></aside></section>'
        )
    deck = DECK.format(seconds=round(sum(seconds for seconds, _ in found)), slides="".join(sections))
    body = pdf.BeautifulSoup(deck, "html.parser")
    for element in body.select(".headerlink"):
        element.decompose()
    for element in body.select("[id]"):
        del element["id"]
    for link in body.select("a[href]"):
        if not urlsplit(link["href"]).scheme:
            if link.get_text().startswith("Deeper:"):
                before = str(link.previous_sibling or "")
                link.string = "the chapter" if before.endswith("see ") else "see the chapter"
            link.unwrap()
    for image in body("img"):
        image["src"] = f"_images/{posixpath.basename(image['src'])}"
    return PAGE.format(title=html.escape(title), head=head, body=body), {
        image["src"] for image in body("img")
    }


def head_of(page):
    """Return the scripts of a deck; MathJax is set as on the pages, but typesets all at once."""
    (settings,) = [one.get_text() for one in page("script") if "window.MathJax" in one.get_text()]
    settings = json.loads(settings.partition("=")[2])
    settings["loader"]["load"].remove("ui/lazy")
    del settings["options"]["lazyMargin"]
    names = ["mathjax/tex-chtml.js", "reveal.js", "notes.js", "explorers.js", "slides.js"]
    loaded = "".join(f'<script defer src="_static/{name}"></script>' for name in names)
    return f"<script>window.MathJax = {json.dumps(settings)}</script>{loaded}"


def add_static(folder, built):
    """Copy what the decks load into a folder."""
    for name in STATIC:
        source, copy = built / "_static" / name, folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, copy)
    reveal = Path(find_spec("sphinx_revealjs").submodule_search_locations[0], "_static/revealjs")
    for path in [*(reveal / name for name in REVEAL), *OURS]:
        shutil.copy(path, folder / path.name.replace("LICENSE", "reveal-LICENSE.txt"))
    style = folder / "reveal.css"  # its own controls are an aside, those of an explorer are a form
    text = style.read_text(encoding="utf-8")
    if " .controls" not in text:
        raise ValueError(f"{style} has no controls, whose style would be that of an explorer's too")
    style.write_text(text.replace(" .controls", " aside.controls"), encoding="utf-8")


def write(folder, book=None):
    """Write the decks, what they load and a list of them into a folder `slides`, and all of it as a zip."""
    book, target, made = book or Book(), folder / "slides", folder / ".slides.tmp"
    shutil.rmtree(made, ignore_errors=True)
    (made / "_images").mkdir(parents=True)
    items, chapters = [], {int(path.stem[:2]): path.stem for path in notebooks.chapters()}
    for number, (title, rows) in book.sessions.items():
        chapter = chapters[number]
        found = deck(number, rows, f"chapters/{chapter}", book)
        page, images = written(title, found, head_of(book.page(f"chapters/{chapter}")))
        (made / f"{chapter}.html").write_text(page, encoding="utf-8")
        for image in images:
            shutil.copy(book.built / image, made / image)
        said = f"{sum(row.minutes for row in rows)} minutes, {len(found)} slides"
        items.append(f'<li value="{number}"><a href="{chapter}.html">{html.escape(title)}</a> {said}</li>')
    cover = f"<main><h1>{html.escape(pdf.citation()['title'])}</h1><ol>{''.join(items)}</ol>{HELP}</main>"
    (made / "index.html").write_text(PAGE.format(title="Slides", head="", body=cover), encoding="utf-8")
    add_static(made / "_static", book.built)
    shutil.rmtree(target, ignore_errors=True)
    os.replace(made, target)
    packed(folder / f"{NAME}.zip", target, ["."])
