"""The icons that the pages show, and no others.

The theme brings Font Awesome with its two thousand icons: three fonts and a script, 850 kB compressed.
Once the pages are written, those they use are cut out of the fonts into `_static/icons.css` and the two
small files beside it.
"""

import re

from fontTools import subset

# Family, as the theme's style sheets call it: font file, weight.
FONTS = {"Font Awesome 6 Free": ("fa-solid-900", 900), "Font Awesome 6 Brands": ("fa-brands-400", 400)}
CLASSES = {"Font Awesome 6 Free": ("fas", "fa-solid"), "Font Awesome 6 Brands": ("fab", "fa-brands")}
# The theme's style sheets name these icons by their code; the rest of their list is not used here.
_CODES = re.compile("[\ue000-\uf8ff]|(?<=\\\\)f[0-9a-f]{3}(?=[\"'])")
_NAMED = re.compile(r"((?:\.fa-[\w-]+:before,?)+)\{content:\"\\([0-9a-f]+)\"\}")
_RULES = """\
@font-face {{ font-family: "{family}"; font-weight: {weight}; font-display: block; src: url({file}); }}
:root {{ --fa-font-{name}: normal {weight} 1em/1 "{family}"; }}
{classes} {{ font: var(--fa-font-{name}); display: inline-block; -webkit-font-smoothing: antialiased; }}
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


def shown(pages, sheets, codes):
    """Return the names that occur in pages, and the codes that occur in style sheets."""
    words = {word for page in pages for word in re.findall(r"\bfa-([\w-]+)", page)}
    literal = {match for sheet in sheets for match in _CODES.findall(sheet)}
    return sorted(words & set(codes)), {ord(m) if len(m) == 1 else int(m, 16) for m in literal}


def cut(font, codes, target):
    """Write a font that holds only the given characters."""
    options = subset.Options(flavor="woff", layout_features=[], hinting=False, notdef_outline=True)
    loaded = subset.load_font(font, options)
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=codes)
    chosen.subset(loaded)
    subset.save_font(loaded, target, options)


def write(app, error):
    """Write the style sheet of the icons, and their fonts, for the pages just built."""
    if error or app.builder.name != "html":
        return
    static = app.outdir / "_static"
    vendor = next((static / "vendor" / "fontawesome").iterdir())
    codes = named((vendor / "css" / "all.min.css").read_text(encoding="utf-8"))
    pages = [path.read_text(encoding="utf-8") for path in app.outdir.rglob("*.html")]
    sheets = [
        path.read_text(encoding="utf-8") for path in [*static.glob("*.css"), *static.glob("styles/*.css")]
    ]
    names, literal = shown(pages, sheets, codes)
    css = [_SIZES]
    for family, (font, weight) in FONTS.items():
        name = font.split("-")[1]
        cut(
            vendor / "webfonts" / f"{font}.ttf",
            {codes[word] for word in names} | literal,
            static / f"icons-{name}.woff",
        )
        classes = ", ".join(f".{word}" for word in CLASSES[family])
        css.append(
            _RULES.format(family=family, weight=weight, file=f"icons-{name}.woff", name=name, classes=classes)
        )
    css += [f'.fa-{word}::before {{ content: "\\{codes[word]:x}"; }}\n' for word in names]
    (static / "icons.css").write_text("".join(css), encoding="utf-8")


def setup(app):
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
