"""Names in scripts that the figures' own font has not."""

import pytest
from matplotlib.font_manager import FontEntry, fontManager

import nnsweep
from nnsweep.figures import fonts, style
from nnsweep.figures.fonts import families, format_note, undrawn
from nnsweep.figures.style import Figure, boxes, save, styled, text_size
from nnsweep.report.missing_figures import lacking_characters
from tests.helpers import call

OWN = next(font.fname for font in fontManager.ttflist if font.name == fonts.FAMILY and font.style == "normal")
CHARACTERS = fonts._characters
HAN = "学习率"


@pytest.fixture
def installed(monkeypatch):
    """Have some fonts installed besides the figures' own: families with the characters that they have."""

    def install(**characters):
        known = {name: frozenset(map(ord, each)) for name, each in characters.items()}
        charmap = CHARACTERS(OWN)
        entries = [FontEntry(fname=name, name=name.replace("_", " ")) for name in known]
        monkeypatch.setattr(fonts, "_candidates", lambda: entries)
        monkeypatch.setattr(fonts, "_characters", lambda path: known.get(path, charmap))
        fonts._others.cache_clear()

    yield install
    fonts._others.cache_clear()
    text_size.cache_clear()


def test_a_text_that_the_own_font_has_is_drawn_in_it_alone():
    for text in ("alpha", "α → ½", "Größe", "Привет"):
        assert families(text) == ("DejaVu Sans",)
        assert undrawn([text]) == []


def test_the_font_with_most_of_what_is_missing_is_chosen_then_what_is_left(installed):
    installed(One="学", Most="学习", Rest="率x", None_="z")
    assert families(f"x {HAN}") == ("DejaVu Sans", "Most", "Rest")
    assert undrawn([HAN, "x"]) == []


def test_what_no_font_has_is_told_with_a_font_that_has(installed):
    installed(One="学")
    assert families(HAN) == ("DejaVu Sans", "One")
    assert undrawn(["a", HAN, "率"]) == ["习", "率"]
    assert format_note(undrawn([HAN])) == (
        "no installed font has 习 and 率, which figures show as boxes; a font that has: Noto Sans CJK"
    )


@pytest.mark.parametrize(
    ("text", "font"),
    [
        ("学", "Noto Sans CJK"),
        ("한", "Noto Sans CJK"),
        ("カ", "Noto Sans CJK"),
        ("ह", "Noto Sans Devanagari"),
        ("ไ", "Noto Sans Thai"),
        ("🦜", "Noto Emoji"),
        ("⏻", "Noto Sans Symbols 2"),
    ],
)
def test_the_advice_is_by_script(text, font):
    assert format_note([text]) == f"no installed font has {text}, which figures show as boxes; a font that has: {font}"


def test_many_characters_are_counted():
    assert format_note("学习率很高的值") == (
        "no installed font has 学, 习, 率, 很, 高 and 2 more, which figures show as boxes; "
        "a font that has: Noto Sans CJK"
    )
    assert format_note("学🦜") == (
        "no installed font has 学 and 🦜, which figures show as boxes; "
        "fonts that have them: Noto Sans CJK and Noto Emoji"
    )
    assert format_note([]) == ""


def test_a_figure_is_saved_without_a_warning_though_a_character_is_a_box(installed, tmp_path):
    installed()
    figure = Figure(figsize=(2, 1))
    figure.text(0.1, 0.5, HAN)
    for form in style.FORMATS:
        save(figure, tmp_path / f"a{form}")
    assert boxes(figure) == list(HAN)


def test_only_texts_that_need_it_get_another_font(installed, tmp_path):
    installed(Most=HAN)
    with styled():
        figure = Figure(figsize=(2, 1))
        plain, foreign = figure.text(0.1, 0.5, "alpha"), figure.text(0.1, 0.2, HAN)
    style._choose_fonts(figure)
    assert list(plain.get_fontfamily()) == ["DejaVu Sans"]
    assert list(foreign.get_fontfamily()) == ["DejaVu Sans", "Most"]


def test_an_installed_font_is_one_that_matplotlib_draws():
    """With the fonts of this machine: all that is not told as missing is drawn without a warning of matplotlib's."""
    fonts._others.cache_clear()
    with styled():
        figure = Figure(figsize=(2, 1))
        text = "".join(each for each in "学한カไ" if each not in undrawn([each]))
        figure.text(0.1, 0.5, f"a{text}", fontfamily=families(text))
        figure.canvas.draw()  # warnings are errors here
    width, _ = text_size(f"a{text}", 10)
    assert width > text_size("a", 10)[0] or not text


def test_font_files_are_read_from_the_system_and_broken_ones_left_out(monkeypatch, tmp_path):
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    monkeypatch.setattr(fonts, "findSystemFonts", lambda: [str(broken)])
    fonts._candidates.cache_clear()
    try:
        names = [font.name for font in fonts._candidates()]
    finally:
        fonts._candidates.cache_clear()
    assert "DejaVu Sans" in names
    assert len(names) == len(set(names))
    assert not any(name.startswith("Last Resort") for name in names)
    assert fonts._characters(str(broken)) == frozenset()


SWEEP = """
name = "fonts"
[fixed]
data = "xor"
split = "all"
[cases."学习"]
hidden = 2
[cases."率"]
hidden = 3
[axes]
seed = { count = 2 }
[success]
metric = "error"
below = 0.5
"""


def test_a_run_says_what_to_install_and_draws_again_when_it_is_there(installed, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "grid.toml").write_text(SWEEP, encoding="utf-8")
    line = "no installed font has 学, 习 and 率, which figures show as boxes; a font that has: Noto Sans CJK"
    installed()
    for verb in (["run"], ["run"], ["run", "--no-figures"]):
        status, out, _ = call(capsys, *verb, "grid.toml")
        assert (status, line in out.splitlines()) == (0, "--no-figures" not in verb)
    picture = tmp_path / "results" / "fonts" / "figures" / "success.png"
    drawn = picture.stat().st_mtime_ns
    call(capsys, "run", "grid.toml")
    assert picture.stat().st_mtime_ns == drawn
    assert line in call(capsys, "figure", "distribution", "fonts")[1].splitlines()
    installed(DejaVu_Serif=HAN)
    status, out, err = call(capsys, "run", "grid.toml")
    assert (status, line in out, err) == (0, False, "")


def test_common_names_are_not_looked_up(monkeypatch):
    monkeypatch.setattr(fonts, "_lacking", lambda text: pytest.fail("looked up"))
    sweep = nnsweep.loads('name = "a"\n[axes]\nalpha = [0.1]\n')
    assert lacking_characters(sweep, ["error", "größe"]) == []
