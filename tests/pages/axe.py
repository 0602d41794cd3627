"""What axe-core finds that keeps readers out of a page of the built book."""

from axe_playwright_python.base import AXE_SCRIPT

from tests.pages.browser import look

COLOURS = ["color-contrast", "link-in-text-block"]
# Glyphs of formulas are for the eye only; test_html asks for what is read aloud, and whether what scrolls is
# reached by keys, which without its glyphs has nothing to scroll. Of the words of one class in a block of
# code, which are of one colour, the first is left in its own element.
LEAN = """() => {
    for (const math of document.querySelectorAll('mjx-math')) {
        math.parentElement.style.overflow = 'visible';
        math.remove();
    }
    document.querySelectorAll('mjx-assistive-mml').forEach(math => math.replaceChildren(math.textContent));
    for (const code of document.querySelectorAll('pre')) {
        const kept = new Set();
        for (const word of code.querySelectorAll('span:not(:has(*))'))
            kept.has(word.className) ? word.replaceWith(word.textContent) : kept.add(word.className);
    }
}"""
# Words of one kind and colour, size and weight, on the same grounds, are one question: it is asked twice.
ALIKE = """() => {
    const asked = {}, grounds = new Map([[null, '']]);
    for (const element of document.querySelectorAll('*')) {
        const style = getComputedStyle(element), above = element.parentElement;
        const ground = [style.backgroundColor, style.backgroundImage, style.opacity].join();
        grounds.set(element, grounds.get(above) + (ground === 'rgba(0, 0, 0, 0),none,1' ? '' : ground));
        const words = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
        const shown = words && element.checkVisibility({visibilityProperty: true, opacityProperty: true});
        const kind = [
            element.tagName, element.className, style.color, style.fontSize, style.fontWeight,
            style.textDecorationLine, getComputedStyle(above ?? element).color, grounds.get(element),
        ].join('|');
        if (shown) asked[kind] = (asked[kind] ?? 0) + 1;
        element.toggleAttribute('data-alike', !shown || asked[kind] > 2);
    }
    axe.configure({rules: [
        {id: 'color-contrast', selector: ':not([data-alike])'},
        {id: 'link-in-text-block', selector: 'a[href]:not([data-alike])'},
    ]});
}"""


def serious(page, theme="light", width=1280, solutions=False):
    """Return what keeps readers out of a page as it is shown; in the dark, only colours are asked for."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(LEAN)
        page.evaluate(AXE_SCRIPT)
    look(page, width, theme, solutions)  # what the page does about what is gone is done then, too
    page.evaluate(ALIKE)
    options = {"resultTypes": ["violations"], "preload": False, "iframes": False}
    options |= {"runOnly": COLOURS} if theme == "dark" else {}
    return [
        f"{violation['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for violation in page.evaluate("options => axe.run(options)", options)["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
