"""What the style promises: equal files, colours that order themselves in greyscale."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from nnsweep.defaults import FIGURE_FORMATS
from nnsweep.errors import NnsweepError
from nnsweep.figures.heatmap import heatmaps
from nnsweep.figures.scale import DIVERGING, SEQUENTIAL
from nnsweep.figures.style import CELL, DPI, FAMILY, FORMATS, save, text_size


def picture():
    frame = pd.DataFrame([[1, 2], [3, 4]], index=pd.Index([1, 2], name="a"), columns=pd.Index([1, 2], name="b"))
    return heatmaps({(): frame}, "title", "name")


def test_equal_figures_are_equal_files(tmp_path):
    first, again, other = (tmp_path / f"{n}.png" for n in range(3))
    figure = picture()
    save(figure, first)
    save(figure, again)
    save(picture(), other)
    assert first.read_bytes() == again.read_bytes() == other.read_bytes()
    with Image.open(first) as image:
        assert set(image.info) == {"dpi"}


@pytest.mark.parametrize("suffix", [".svg", ".pdf", ".PNG"])
def test_other_formats_are_reproducible_too(tmp_path, suffix, monkeypatch):
    first, again = (tmp_path / f"{n}{suffix}" for n in range(2))
    save(picture(), first)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")  # a date would differ now
    save(picture(), again)
    assert first.read_bytes() == again.read_bytes()


def test_text_is_text_in_svg_and_fonts_are_embedded_in_pdf(tmp_path):
    save(picture(), tmp_path / "a.svg")
    save(picture(), tmp_path / "a.pdf")
    drawing, document = (tmp_path / "a.svg").read_text(encoding="utf-8"), (tmp_path / "a.pdf").read_bytes()
    assert ">title</text>" in drawing
    assert "<dc:date>" not in drawing
    assert b"/FontFile2" in document
    assert b"/CreationDate" not in document


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.jpg", "a.jpg: the suffix .jpg for a figure; allowed: .png, .svg, .pdf"),
        ("a", "a: no suffix for a figure; allowed: .png, .svg, .pdf"),
    ],
)
def test_other_suffixes_are_refused(name, message):
    with pytest.raises(NnsweepError) as refused:
        save(picture(), Path(name))
    assert str(refused.value) == message
    assert not Path(name).exists()


def test_a_matplotlibrc_changes_nothing(tmp_path):
    save(picture(), tmp_path / "plain.png")
    with matplotlib.rc_context({"font.family": "serif", "text.color": "red", "axes.unicode_minus": False}):
        save(picture(), tmp_path / "own.png")
    assert (tmp_path / "plain.png").read_bytes() == (tmp_path / "own.png").read_bytes()


def test_a_file_has_the_size_and_resolution_of_the_style(tmp_path):
    figure = picture()
    save(figure, tmp_path / "figure.png")
    width, height = figure.get_size_inches() * DPI
    with Image.open(tmp_path / "figure.png") as image:
        assert image.size == (int(width), int(height))


def luminance(name: str) -> np.ndarray:
    return matplotlib.colormaps[name](np.linspace(0, 1, 64))[:, :3] @ np.array([0.2126, 0.7152, 0.0722])


def test_more_is_darker_in_greyscale():
    assert (np.diff(luminance(SEQUENTIAL)) < 0).all()


def test_differences_are_palest_at_nought():
    grey = luminance(DIVERGING)
    assert (np.diff(grey[:30]) > 0).all()
    assert (np.diff(grey[-30:]) < 0).all()


def test_text_is_as_wide_as_it_is_drawn():
    figure = picture()
    canvas = FigureCanvasAgg(figure)
    text = figure.text(0, 0, "inputs standardised\n0.0123", size=CELL, family=FAMILY)
    drawn = text.get_window_extent(canvas.get_renderer())
    width, height = text_size("inputs standardised\n0.0123", CELL)
    assert abs(width - drawn.width / figure.dpi) < 0.03
    assert drawn.height / figure.dpi <= height + 0.03


def test_figures_need_neither_pyplot_nor_seaborn():
    code = "import sys, nnsweep.figures; print({'matplotlib.pyplot', 'seaborn', 'scipy'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_an_svg_file_is_xml_whatever_the_names(tmp_path):
    """Control characters and non-characters have no place in XML, not even escaped."""
    names = ["a\x01b", "\x1b[31m", "\x7f", "\x85", "\ufffe", "\uffff", "<&>", "]]>", "\U0001f600"]
    frame = pd.DataFrame([range(9)], index=pd.Index([1], name="a\x00"), columns=pd.Index(names, name="b\x0b"))
    figure = heatmaps({(): frame}, "\x02title", "\ufffename")
    save(figure, tmp_path / "a.svg")
    texts = [each.text for each in ElementTree.parse(tmp_path / "a.svg").iter("{http://www.w3.org/2000/svg}text")]
    assert {"a\ufffdb", "\ufffd[31m", "\x7f", "\x85", "\ufffd", "<&>", "]]>", "\U0001f600", "\ufffdtitle"} <= set(texts)


def test_every_format_that_is_offered_can_be_saved():
    assert list(FORMATS) == [f".{form}" for form in FIGURE_FORMATS]
