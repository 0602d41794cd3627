"""One sheet for each chapter, on A4 and on Letter: `make handout`.

A sheet is made of the built page: the question, the equations that "What we found" links to, with their
numbers, one figure, and what was found. Where that is too much, letters become smaller, down to 8.5 pt, and
then the last equations are left out.
"""

import html
import re
import sys
from functools import partial
from itertools import takewhile
from pathlib import Path

from booktools import notebooks, pdf

SIZES = {"a4": ("210mm", "297mm"), "letter": ("8.5in", "11in")}
# The figure of a chapter that says most by itself; of others it is the first.
FIGURE = {
    "01_question": "fig-worlds",
    "02_log_derivative": "fig-moving-edge",
    "04_one_over_pi": "fig-learners",
    "05_all_scores": "fig-four-estimators",
    "06_bernoulli": "fig-bernoulli-noise",
    "07_gaussian": "fig-narrow",
    "08_trajectories": "fig-horizon",
    "09_baselines": "fig-baseline-parabola",
    "10_networks": "fig-corridor-fair",
    "12_ppo": "fig-ppo-clip",
    "13_grpo": "fig-grpo-weight",
    "14_plausible_but_false": "fig-false-clip",
}
# Make every sheet fit its page; return what does not, and what was left out.
FIT = """() => [...document.querySelectorAll('.sheet')].map(sheet => {
    const content = sheet.querySelector('.fits'), left = [];
    const style = getComputedStyle(sheet);
    const room = sheet.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
    const width = content.clientWidth + 1;
    const over = () => content.scrollHeight > room + 1 || content.scrollWidth > width;
    const shrink = () => {
        for (let size = 11.5; size >= 8.5; size -= 0.25) {
            sheet.style.fontSize = size + 'pt';
            if (!over()) return true;
        }
        return false;
    };
    for (const equation of [...content.querySelectorAll('div.math')].reverse()) {
        if (shrink()) break;
        left.push(equation.id);
        equation.remove();
    }
    return {fits: shrink(), left};
})"""


def sheet(name, article, built):
    """Return the sheet of a chapter, made of its page."""
    for element in article.select(pdf.SCREEN):
        element.decompose()
    heading = article.find(lambda tag: tag.name == "h2" and "What we found" in tag.get_text())
    results, votes = heading.find_next("ul"), heading.find_next_sibling("div", class_="votes") or ""
    keys = re.findall(r'href="#(equation-[\w-]+)"', f"{votes}{results}")
    figures = [figure for figure in article.select("figure[id]") if not figure.select(".explorer")]
    figure = next((one for one in figures if one["id"] == FIGURE.get(name.split("/")[-1])), figures[0])
    question = list(takewhile(lambda part: part.name == "p", article.h1.find_next_siblings()))[1:]
    pdf.redirect(article, name, {}, built)
    equations = "".join(str(one) for one in article.select("div.math[id]") if one["id"] in keys)
    book = pdf.citation()
    return f"""<section class="sheet"><div class="fits">{article.h1}
        <div class="wide">{"".join(map(str, [*question, votes]))}</div>
        <div>{figure}<h2>What we found</h2>{results}</div>
        <div><h2>Key equations</h2>{equations}</div></div>
        <p class="foot">{html.escape(book["title"])}. Version {book["version"]}. Text and figures: CC BY 4.0.
        </p></section>"""


def assemble(size, built=notebooks.HTML):
    """Return all sheets as one HTML document."""
    names = [f"chapters/{path.stem}" for path in notebooks.chapters()]
    pages = {name: pdf.soup(built / f"{name}.html") for name in names}
    articles = {name: page.select_one("article.bd-article") for name, page in pages.items()}
    head = pdf.head_of(pages[names[0]], (built / names[0]).parent)
    sheets = "".join(sheet(name, article, built) for name, article in articles.items())
    style = pdf.style_of({}) + Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
    width, height = SIZES[size]
    style += f"@media print {{ @page {{ size: {width} {height}; }}"
    style += f" html.book .sheet {{ width: {width}; height: {height}; }} }}"
    return f"""<!DOCTYPE html>
        <html lang="en" data-theme="light" class="book whole"><head>{head}<style>{style}</style></head>
        <body><main class="bd-main"><div class="bd-content"><article class="bd-article">{sheets}</article>
        </div></main></body></html>"""


def write(browser, target, size):
    """Print the sheets; return, for each, whether it fits and which equations were left out."""
    document = pdf.BUILD / "pdf" / f"handout-{size}.html"
    document.parent.mkdir(parents=True, exist_ok=True)
    document.write_text(assemble(size), encoding="utf-8")
    page = pdf.typeset(browser, document)
    page.emulate_media(media="print")
    fitted = page.evaluate(FIT)
    target.write_bytes(page.pdf(prefer_css_page_size=True, print_background=True, tagged=True))
    page.close()
    if not all(one["fits"] for one in fitted):
        raise ValueError(f"a sheet of {size} is too full: {fitted}")
    return fitted


if __name__ == "__main__":
    sys.exit(
        pdf.main([(f"why-divide-by-pi-handout-{size}.pdf", partial(write, size=size)) for size in SIZES])
    )
