"""What the tests that look at the built pages share: a page of the book, opened and typeset."""

# One page of each kind: landing page, chapter without an explorer and with one, text, index.
KINDS = [
    "index",
    "chapters/05_all_scores",
    "chapters/01_question",
    "chapters/appendix/glossary",
    "chapters/appendix/index",
]
# A page without mathematics does not load MathJax.
TYPESET = """() => !document.querySelector('.math')
    || (window.MathJax?.startup?.promise && [...document.querySelectorAll('.math')]
        .every(math => math.querySelector('mjx-container')))"""
# What is near is typeset: how many elements the page has, and how many formulas that are glyphs.
OPENED = """() => [...document.querySelectorAll('mjx-lazy')].every(it => !it.checkVisibility()
    || it.getBoundingClientRect().bottom < 0 || it.getBoundingClientRect().top > innerHeight)
    && [document.querySelectorAll('*').length, document.querySelectorAll('mjx-math').length]"""
TYPESET_ALL = "window.MathJax?.startup?.document.lazyTypesetAll()"
# The page's own script has measured everything since the last change, and nothing grew by it.
SETTLED = """async () => {
    const height = () => document.querySelector('article').offsetHeight;
    for (let before = -1; before !== height() || document.measured === false;) {
        before = height();
        for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
        await new Promise(done => setTimeout(done, 100));
    }
}"""
# The place that the address names can be seen.
IN_VIEW = """() => {
    const place = document.getElementById(location.hash.slice(1)), top = place.getBoundingClientRect().top;
    return place.checkVisibility() && -20 < top && top < 150;
}"""
OPEN = """open => {
    for (const details of document.querySelectorAll('article details')) details.open = open;
}"""
# Nothing waits for a prediction; a blank page keeps nothing.
COVER_NOTHING = (
    """location.protocol === 'about:' || localStorage.setItem('predictions', '{"always": true}')"""
)


def visit(tab, address, name, query=""):
    """Open a page of the book, typeset all of it; its ``opened``, ``asked``, ``complaints`` begin anew."""
    tab.goto("about:blank")  # or the page before would be laid out once more
    tab.asked.clear()
    tab.complaints.clear()
    tab.set_viewport_size({"width": 1280, "height": 900})
    tab.goto(f"{address}/{name}.html{query}")
    tab.wait_for_function(TYPESET)
    tab.opened = tab.wait_for_function(OPENED).json_value()
    tab.evaluate(TYPESET_ALL)
    tab.name = name
    return tab


def look(page, width=1280, theme="light", solutions=False):
    """Set the screen, the colours, and whether solutions and hidden code are open; all of it is laid out."""
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    # What is laid out only when it comes near is cut at its sides, and would widen no page.
    page.evaluate("document.documentElement.classList.add('whole')")
    page.evaluate(OPEN, solutions)
    page.evaluate(SETTLED)
