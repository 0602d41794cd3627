"""The icons that the pages show, and no others.

The theme brings Font Awesome with its two thousand icons: three fonts and a script, 850 kB compressed.
Once the pages are written, those they use are cut out of the fonts into `_static/icons.css` and the two
small files beside it.
"""

import re

from fontTools import subset

# Kinds of icons: weight, family as the theme's style sheets call it, class of old.
KINDS = {"solid": (900, "Font Awesome 6 Free", "fas"), "brands": (400, "Font Awesome 6 Brands", "fab")}
# The theme's style sheets name these icons by their code; the rest of their list is not used here.
_CODES = re.compile("[\ue000-\uf8ff]|(?<=\\\\)f[0-9a-f]{3}(?=[\"'])")
_NAMED = re.compile(r"((?:\.fa-[\w-]+:before,?)+)\{content:\"\\([0-9a-f]+)\"\}")
_RULES = """\
@font-face {{ font-family: "{1}"; font-weight: {0}; font-display: block; src: url(icons-{kind}.woff); }}
:root {{ --fa-font-{kind}: normal {0} 1em/1 "{1}"; }}
.{2}, .fa-{kind} {{ font: var(--fa-font-{kind}); display: inline-block; -webkit-font-smoothing: antialiased }}
"""
_SIZES = ".fa-lg { font-size: 1.25em; line-height: 0.05em; vertical-align: -0.075em; }\n"


def named(css):
    r"""Return the code of every icon that a style sheet of Font Awesome names.

    >>> named('.fa-bars:before,.fa-navicon:before{content:"\\f0c9"}')
    {'bars': 61641, 'navicon': 61641}
    """
    found = {}
    for selectors, code in _NAMED.findall(css):
        found |= dict.fromkeys(re.findall(r"\.fa-([\w-]+):", selectors), int(code, 16))
    return found


def write(app, error):
    """Write the style sheet of the icons, and their fonts, for the pages just built."""
    if error or app.builder.name != "html":
        return
    static = app.outdir / "_static"
    vendor = next((static / "vendor" / "fontawesome").iterdir())
    codes = named((vendor / "css" / "all.min.css").read_text(encoding="utf-8"))
    pages = read(app.outdir.rglob("*.html"))
    sheets = read([*static.glob("*.css"), *static.glob("styles/*.css")])
    names = sorted(codes.keys() & set(re.findall(r"\bfa-([\w-]+)", pages)))
    literal = {ord(found) if len(found) == 1 else int(found, 16) for found in _CODES.findall(sheets)}
    unicodes = ",".join(f"{code:x}" for code in literal.union(codes[name] for name in names))
    css = [_SIZES]
    for kind, values in KINDS.items():
        (font,) = (vendor / "webfonts").glob(f"fa-{kind}-*.ttf")
        options = "--flavor=woff", "--no-hinting", "--layout-features=", "--notdef-outline"
        target = f"--output-file={static}/icons-{kind}.woff"
        subset.main([str(font), f"--unicodes={unicodes}", *options, target])
        css.append(_RULES.format(*values, kind=kind))
    css += [f'.fa-{name}::before {{ content: "\\{codes[name]:x}"; }}\n' for name in names]
    (static / "icons.css").write_text("".join(css), encoding="utf-8")


def read(paths):
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def setup(app):
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
