"""A figure is the same text on every machine, and the picture that was drawn."""

import itertools
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from unittest import mock

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from IPython.core.formatters import DisplayFormatter
from matplotlib.lines import Line2D

from pgbook.figures import (
    COLORS,
    BookFigure,
    _rounded,
    canonical_svg,
    mark_clipped,
    simplex_axes,
    simplex_xy,
    subplots,
    use_house_style,
)


def gallery(change=0.0):
    """A figure with every kind of mark that writes coordinates, identifiers or references in its own way."""
    use_house_style()
    x, y = np.random.default_rng(0).normal(size=(2, 40)) * (1 + change)
    fig, (left, right) = subplots(1, 2)
    left.plot(np.linspace(0, 5, 40), np.cumsum(y), label=r"$\nabla\log\pi(a)$")
    left.plot(np.linspace(0, 5, 40), x, "o--", label="<&>")
    left.legend(loc="upper left")  # "best" warns where a machine is busy
    left.bar(range(5), 1 + x[:5] ** 2, hatch="//", yerr=0.1)
    left.fill_between(range(5), y[:5], alpha=0.3)
    left.annotate("here", (1, 1), (3, 2), arrowprops={"arrowstyle": "->"}, rotation=33.3)
    right.scatter(x, y, c=np.hypot(x, y), s=9 + x**2, alpha=0.625)
    right.set(xticks=[0.125, 1.5], title="a title", xlabel="a label")
    mesh = right.pcolormesh(x[:6].reshape(2, 3))
    fig.colorbar(mesh).solids.set_rasterized(False)
    return fig


def line(*points):
    """The path of a line through ``points`` (as fractions of the figure) in a figure of 144 by 144 points."""
    fig = BookFigure(figsize=(2, 2))
    fig.add_artist(Line2D(*np.transpose(points), color="#123456"))
    tree = ET.fromstring(canonical_svg(fig))
    (path,) = [element for element in tree.iter() if "#123456" in element.get("style", "")]
    return path.get("d")


def attributes_of(svg):
    return [pair for element in ET.fromstring(svg).iter() for pair in element.attrib.items()]


@pytest.fixture(autouse=True)
def house_style():
    with mpl.rc_context():
        use_house_style()
        yield


@pytest.fixture(scope="module")
def svg():
    with mpl.rc_context():
        return canonical_svg(gallery())


# --- the same text everywhere ----------------------------------------------------------------------


@pytest.mark.slow  # nbval draws every chapter's figures in another process, too
def test_text_does_not_depend_on_the_process_its_hash_seed_and_a_readers_matplotlibrc(svg, tmp_path):
    (tmp_path / "matplotlibrc").write_text(
        "font.size: 20\nfont.family: serif\nlines.linewidth: 5\nfigure.facecolor: black\n"
        "path.simplify: False\nsavefig.bbox: tight\nsavefig.dpi: 300\nsvg.fonttype: none\nsvg.id: x\n"
    )
    environment = os.environ | {"PYTHONHASHSEED": "2", "MATPLOTLIBRC": str(tmp_path / "matplotlibrc")}
    code = (
        "from tests.pgbook.test_figures import canonical_svg, gallery, mpl\n"
        "assert mpl.rcParams['font.size'] == 20\n"
        "print(canonical_svg(gallery()), end='')"
    )
    python = [sys.executable, "-W", "error", "-X", "utf8", "-c", code]
    done = subprocess.run(python, env=environment, stdout=subprocess.PIPE, check=True, encoding="utf-8")
    assert done.stdout == svg


def test_neither_a_look_at_a_figure_nor_later_svg_settings_change_it(svg):
    fig = gallery()
    assert canonical_svg(fig) == svg
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": None})
    assert canonical_svg(fig) == svg


def test_rounding_errors_in_the_data_do_not_show(svg):
    assert canonical_svg(gallery(change=-1e-12)) == svg


def test_zero_has_no_sign():
    assert line((1e-12, 1 + 1e-12), (0.5, 0.5)) == line((-1e-12, 1 - 1e-12), (0.5, 0.5)) == "M 0 0 L 72 72 "


def test_text_names_no_date_version_or_place_and_has_no_trailing_blanks(svg):
    assert not re.search(r"\d{4}-\d\d-\d\d|\d\d:\d\d|[ \t\r]\n", svg)
    assert not re.search("matplotlib|metadata|file:", svg, flags=re.IGNORECASE)
    for place in (Path.home(), Path.cwd(), Path(sys.prefix)):
        assert f"{place}{os.sep}" not in svg


# --- the picture that was drawn --------------------------------------------------------------------


def test_coordinates_have_at_most_two_decimals_but_font_units_and_labels_keep_theirs(svg):
    attributes = " ".join(value for _, value in attributes_of(svg))
    decimals = re.findall(r"\d\.(\d+)", re.sub(r"scale\([^)]*\)", "", attributes))
    assert len(decimals) > 500
    assert max(map(len, decimals)) == 2
    assert "scale(0.015625)" in svg
    assert "<!-- 0.125 -->" in svg


@pytest.mark.parametrize("quote", ["", '"'])
def test_links_and_names_keep_their_digits_too(quote):
    link, name = f"https://example.org/1.23456?at=-0&x={quote}v0.015625", f"line{quote}1.23456"
    fig, ax = subplots()
    ax.set_title("title", url=link)
    ax.plot([0, 1], gid=name)
    ax.plot([1, 0], gid=f"line{quote}1.23457")
    attributes = attributes_of(canonical_svg(fig))
    assert link in [value for _, value in attributes]
    ids = [value for name, value in attributes if name == "id"]
    assert len(set(ids)) == len(ids)
    assert not any("line" in one for one in ids)


@given(hnp.arrays(float, (2, 2), elements=st.floats(0, 1)))
def test_rounding_moves_a_point_by_less_than_a_hundredth(points):
    drawn = np.array(re.findall(r"[ML] (\S+) (\S+)", line(*points)), dtype=float)
    np.testing.assert_allclose(drawn, 144 * np.abs(points - [0, 1]), atol=0.0051)


def test_numbers_of_five_digits_are_whole():
    written = "1.005 -0.004 9999.126 10000.512 -123456.7"
    assert re.sub(r"-?\d+\.\d+", _rounded, written) == "1 0 9999.13 10001 -123457"


def test_an_arrowhead_stands_where_a_line_leaves_what_is_shown_and_nowhere_else():
    _, ax = subplots()
    ax.plot([0, 4], [0, 40])
    ax.set(xlim=(0, 2), ylim=(0, 10))
    mark_clipped(ax)
    ax.set(xlim=(0, 0.5))
    mark_clipped(ax)  # the line leaves at 1, which is not shown
    (_, head) = ax.lines
    np.testing.assert_allclose(head.get_xydata(), [[0.5, 1]])


@pytest.mark.parametrize(("method", "settings"), [("imshow", {}), ("plot", {"rasterized": True})])
def test_a_bitmap_is_refused(method, settings):
    fig, ax = subplots()
    getattr(ax, method)([[0, 1], [1, 0]], **settings)
    message = "fig holds a bitmap (imshow, a smooth colorbar?), whose bytes differ between machines; "
    with pytest.raises(ValueError, match=f"^{re.escape(message)}draw it with pcolormesh$"):
        canonical_svg(fig)


CUT = r"^fig has bars, .* must be linear and hold zero and every bar whole$"


@pytest.mark.parametrize("settings", [{"yscale": "log"}, {"ylim": (5, 30)}, {"ylim": (0, 10)}])
def test_a_bar_that_is_not_as_long_as_its_number_is_refused(settings):
    fig, ax = subplots()
    ax.bar([0, 1], [1, 20])
    ax.set(**settings)
    with pytest.raises(ValueError, match=CUT):
        canonical_svg(fig)


@pytest.mark.parametrize(
    ("draw", "limits"),
    [
        (lambda ax: ax.bar([0], [2], bottom=5), {"ylim": (0, 6)}),
        (lambda ax: ax.bar([0], [2], bottom=[7]), {"ylim": (0, 6)}),
        (lambda ax: ax.bar([0], [5], bottom=-5), {"ylim": (-2, 1)}),
        (lambda ax: (ax.bar([0], [3]), ax.bar([0], [3], bottom=3)), {"ylim": (0, 5)}),
        (lambda ax: ax.barh([0], [2], left=3), {"xlim": (0, 4)}),
    ],
)
def test_a_bar_is_cut_where_it_ends_and_not_by_its_length(draw, limits):
    fig, ax = subplots()
    draw(ax)
    ax.set(xlim=(-9, 9), ylim=(-9, 9))
    canonical_svg(fig)
    ax.set(**limits)
    with pytest.raises(ValueError, match=CUT):
        canonical_svg(fig)


def test_no_bars_are_cut_nowhere_and_an_end_may_be_rounded():
    fig, ax = subplots()
    ax.bar([], [])
    ax.bar([0, 1], 0.2, bottom=0.1)
    ax.set(ylim=(0, 0.3))
    assert 0.1 + 0.2 > 0.3
    canonical_svg(fig)


def test_ids_are_unique_other_figures_share_none_and_every_reference_resolves(svg):
    attributes, others = attributes_of(svg), attributes_of(canonical_svg(gallery(change=0.01)))
    ids = [value for name, value in attributes if name == "id"]
    assert len(set(ids)) == len(ids) > 20
    assert not set(ids) & {value for name, value in others if name == "id"}
    links = {value.removeprefix("#") for name, value in attributes if name.endswith("href")}
    urls = {target for _, value in attributes for target in re.findall(r"url\(#([^)]*)\)", value)}
    assert links
    assert urls
    assert links | urls <= set(ids)


def test_a_notebook_shows_the_svg_and_nothing_else():
    fig, _ = subplots(1, 2)
    shown, _ = DisplayFormatter().format(fig)
    assert shown == {"text/plain": "<figure with 2 axes>", "image/svg+xml": canonical_svg(fig)}


def test_axes_are_laid_out_as_asked():
    fig, axes = subplots(2, 3, height=4, width=6, sharex=True)
    assert axes.shape == (2, 3)
    assert tuple(fig.get_size_inches()) == (6, 4)
    assert axes[0, 0].get_shared_x_axes().joined(axes[0, 0], axes[1, 2])


@pytest.mark.parametrize(("place", "layouts"), [(0.5, 2), (1.1, 3)])
def test_a_figure_is_laid_out_until_its_axes_stay_and_is_drawn_once(place, layouts):
    fig, ax = subplots()
    ax.text(place, 0.5, "a text", transform=ax.transAxes)
    engine, artists = fig.get_layout_engine(), ax.get_children()
    with (
        mock.patch.object(engine, "execute", wraps=engine.execute) as laid_out,
        mock.patch.object(ax, "draw", wraps=ax.draw) as drawn,
    ):
        canonical_svg(fig)
    assert (laid_out.call_count, drawn.call_count) == (layouts, 1)
    assert (fig.get_layout_engine(), ax.get_children()) == (engine, artists)
    places = ax.get_position().bounds
    engine.execute(fig)
    np.testing.assert_allclose(ax.get_position().bounds, places, rtol=0, atol=1e-4)


def test_the_simplex_is_an_outline_with_names_outside_its_corners_and_no_axes():
    _, ax = subplots()
    simplex_axes(ax, ["a", "b", "c"])
    (outline,) = ax.patches
    corners = np.array([[0, 0], [1, 0], [0.5, np.sqrt(0.75)]])
    np.testing.assert_allclose(outline.get_xy(), [*corners, corners[0]])
    assert (outline.get_fill(), outline.get_linewidth()) == (False, 0.8)
    assert mpl.colors.same_color(outline.get_edgecolor(), COLORS["neutral"])
    written = [(text.get_text(), text.get_ha(), text.get_va()) for text in ax.texts]
    assert written == [("a", "left", "top"), ("b", "right", "top"), ("c", "center", "bottom")]
    places = [text.get_position() for text in ax.texts]
    np.testing.assert_allclose(places, np.add(corners, [[0, -0.02], [0, -0.02], [0, 0.02]]))
    assert (ax.get_aspect(), *ax.get_xlim(), *ax.get_ylim()) == (1, -0.02, 1.02, -0.02, 0.89)
    assert not ax.axison


def test_a_place_too_far_away_is_an_error_that_says_so():
    with pytest.raises(ValueError, match=r"^probs: a result exceeds the range of float64$"):
        simplex_xy([1.7e308] * 3)


# --- colours ---------------------------------------------------------------------------------------

# What a dichromat sees, in linear RGB: Machado, Oliveira and Fernandes (2009), severity 1, to three decimals.
VISION = {
    "normal": np.eye(3),
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.28, 0.673, 0.047], [-0.012, 0.043, 0.969]],
}
# Linear sRGB to CIE XYZ (IEC 61966-2-1); the second row is the luminance.
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear_rgb(color):
    c = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast_with_white(color):
    """Contrast ratio as WCAG 2 defines it."""
    return 1.05 / (XYZ[1] @ linear_rgb(color) + 0.05)


def lab(color, vision="normal"):
    """CIE L*a*b* coordinates of a colour as seen; a distance of 2.3 is just noticeable."""
    xyz = XYZ @ np.clip(VISION[vision] @ linear_rgb(color), 0, 1) / XYZ.sum(axis=1)
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_the_colour_formulas_give_known_values():
    assert contrast_with_white("#000000") == pytest.approx(21)
    assert contrast_with_white("#767676") == pytest.approx(4.54, abs=0.01)
    np.testing.assert_allclose(lab("#ffffff"), [100, 0, 0], atol=0.01)
    np.testing.assert_allclose(lab("#ff0000"), [53.24, 80.09, 67.20], atol=0.03)
    for vision in VISION:
        np.testing.assert_allclose(lab("#808080", vision), lab("#808080"), atol=0.01)


@pytest.mark.parametrize("role", COLORS)
def test_every_colour_stands_out_from_the_page(role):
    assert contrast_with_white(COLORS[role]) >= 3


@pytest.mark.parametrize("vision", VISION)
def test_colour_blind_readers_tell_all_roles_apart(vision):
    seen = {role: lab(color, vision) for role, color in COLORS.items()}
    distances = {(a, b): np.linalg.norm(seen[a] - seen[b]) for a, b in itertools.combinations(seen, 2)}
    # More than four just noticeable differences. The eight colours of Okabe and Ito keep 17.
    assert {pair: distance.round(1) for pair, distance in distances.items() if distance < 10} == {}
