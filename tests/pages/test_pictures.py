"""Where there is no JavaScript, and on paper, an explorer is a picture."""

import json
import re
import sys
from html import unescape

import pytest

from booktools import notebooks

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the book is built on Linux and macOS")

# Where the picture, for paper and where there is no JavaScript, shows other values than the live view at
# first: what is written in it, as its alternative text and its caption say.
OWN = {
    ("chapters/04_one_over_pi", 0): [
        "Action 1 and all others pay 50: its logit moves",
        "by 12.50 when taken, by 5.00 on average.",
        *5 * ["−1.00"],
    ],
    ("chapters/04_one_over_pi", 1): [
        "Without 1/π, 19 of 36 starts end where",
        *["arm 1 pays 1.00", "arm 2 pays 0.90", "arm 3 pays 0.20"],
    ],
    ("chapters/04_one_over_pi", 2): [
        "Step 60: 5, 43, 0 of 48 at arms 1, 2, 3",
        *["arm 1 pays 1.00", "arm 2 pays 0.50", "arm 3 pays 0.20"],
    ],
    ("chapters/04_one_over_pi", 3): [
        "f = π, advantages 1 and 0.90.",
        *["From π₁ = 0.30 the flow goes to 0.00.", "There J = 0.90; the most is 1.00."],
    ],
    ("chapters/09_baselines", 0): ["Step 60: 21, 12, 13 of 48 at arms 1, 2, 3", "arm 2 pays 1.00"],
    ("chapters/11_natural_gradient", 0): ["natural: 95 % of the best from update 41"],
}


@pytest.mark.parametrize("page", notebooks.listed())
def test_a_picture_shows_what_its_words_say(page):
    html = (notebooks.HTML / f"{page}.html").read_text(encoding="utf-8")
    for number, figure in enumerate(re.findall('class="explorer .*?</figcaption>', html, re.DOTALL)):
        spec = json.loads(re.search("<script[^>]*>(.*?)</script>", figure, re.DOTALL)[1])
        alt, source = (re.search(f'<img[^>]* {name}="([^"]*)"', figure)[1] for name in ("alt", "src"))
        assert unescape(alt) == spec["usermeta"].get("picture", spec)["description"]
        assert ("picture" in spec["usermeta"]) == ((page, number) in OWN)
        if "picture" in spec["usermeta"]:
            assert re.search("without (the division|a baseline)|of 50 updates", alt.lower())
            assert "on paper: " in figure.lower()
        svg = (notebooks.HTML / page).parent.joinpath(source).read_text(encoding="utf-8")
        assert all(float(side) > 300 for side in re.search('width="(.*?)" height="(.*?)"', svg).groups())
        written = re.findall(r"<text(?:[^>]*[^/])?>(.*?)</text>", svg)
        lines = [line for text in written for line in re.split(r"<[^>]*>", text)]
        wanted = OWN.get((page, number), [])
        assert [lines.count(words) for words in wanted] == [wanted.count(words) for words in wanted]


def test_without_javascript_the_picture_is_shown(browser, address):
    tab = browser.new_page(java_script_enabled=False)
    tab.goto(f"{address}/index.html")
    image = tab.locator(".explorer img")
    image.scroll_into_view_if_needed()
    assert image.bounding_box()["height"] > 200
    assert image.evaluate("image => image.complete && image.naturalWidth") > 300
    assert tab.locator(".explorer").locator("svg, input").count() == 0
    tab.close()
