"""Old addresses lead on: a page that was renamed, and a place that went to another page with its section.

``moved`` in `_config.yml` names, per old page, the pages that have its contents now, the nearest first.
"""

import json
import os
import re
from pathlib import Path

# `{places}` are the ids that have left; all else goes to `{first}`, or stays where the page is still there.
SCRIPT = """<script id="moved">
{{
  const places = {places};
  const id = decodeURIComponent(location.hash.slice(1));
  const page = places[id] ?? {first};
  if (page) location.replace(page + location.hash);
}}
</script>
"""
PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>This page has moved</title><meta name="robots" content="noindex">
<link rel="canonical" href="{first}">
{script}</head>
<body><p>This page has moved: <a href="{first}">go to its new address</a>.</p></body>
</html>
"""


def ids(page):
    """Return the ids of a page that an author has given.

    >>> sorted(ids('<p id="id3"><h2 id="the-clip"></h2>'))
    ['the-clip']
    """
    return {name for name in re.findall(r'\sid="([^"]+)"', page) if not re.fullmatch(r"id\d+", name)}


def write(app, error):
    """Write a page at every old address, and into an old page that is still there where its places went."""
    if error or app.builder.name != "html":
        return
    for old, named in app.config.moved.items():
        homes = [home for home in named if home in app.env.all_docs]
        if not homes:  # a part of the book, built alone
            continue
        path = Path(app.outdir, f"{old}.html")
        texts = {home: Path(app.outdir, f"{home}.html").read_text(encoding="utf-8") for home in homes}
        address = {home: os.path.relpath(f"{home}.html", Path(old).parent) for home in homes}
        near, *others = homes
        here = ids(texts[near])
        places = {name: address[home] for home in others for name in sorted(ids(texts[home]) - here)}
        stays = near == old
        script = SCRIPT.format(places=json.dumps(places), first=json.dumps("" if stays else address[near]))
        if not stays:
            path.write_text(PAGE.format(first=address[near], script=script), encoding="utf-8")
        else:
            page = re.sub(r'<script id="moved">.*?</script>\n', "", texts[near], flags=re.DOTALL)
            path.write_text(page.replace("</head>", f"{script}</head>", 1), encoding="utf-8")


def setup(app):
    app.add_config_value("moved", {}, "html", [dict])
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
