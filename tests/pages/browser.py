"""What the tests that look at the built pages share: a page of the book, opened and typeset."""

from contextlib import contextmanager

from booktools.bench import pages

# A page without mathematics does not load MathJax.
TYPESET = """() => !document.querySelector('.math')
    || (window.MathJax?.startup?.promise && [...document.querySelectorAll('.math')]
        .every(math => math.querySelector('mjx-container')))"""
# The page's own script has measured everything: two frames after the last change.
SETTLED = (
    "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
)
OPEN = """open => {
    for (const button of document.querySelectorAll('article button.toggle-button'))
        if ((button.ariaExpanded === 'true') !== open) button.click();
    for (const details of document.querySelectorAll('article details')) details.open = open;
}"""


@contextmanager
def visited(browser, address, name):
    """Open a page of the book for a reader who wants no animations; give it, typeset.

    ``complaints`` are the errors that it says in the console, ``asked`` all addresses that it asks for, and
    ``weights`` what its first visit transferred.
    """
    with pages.opened(browser, address, name, reduced_motion="reduce") as page:
        page.name = name
        page.wait_for_function(TYPESET)
        yield page


def look(page, width=1280, theme="light", solutions=False):
    """Set the screen, the colours, and whether solutions and hidden code are open."""
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    page.evaluate(OPEN, solutions)
    page.evaluate(SETTLED)
