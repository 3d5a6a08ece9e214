from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from nnsweep.errors import SpecError
from nnsweep.sweepfile import load, loads
from tests.helpers.pace import seconds_of

DEEP = "nested too deep; allowed: at most 8 levels of tables, lists and dotted keys"
LONG = "a whole number of more than 64 bits; allowed: whole numbers of 64 bits"
NAME = 'name = "a"\n'
AXES = NAME + "[axes]\n"
ORDINARY = AXES + "alpha = [0.1, 0.2]\nseed = {count = 100}\n"


def message(text: str) -> str:
    with pytest.raises(SpecError) as caught:
        loads(text)
    return str(caught.value)


HOSTILE = {
    "open brackets": ("x = " + "[" * 10_000, f"grid.toml:1:13: {DEEP}"),
    "closed brackets": ("x = " + "[" * 10_000 + "]" * 10_000, f"grid.toml:1:13: {DEEP}"),
    "braces": ("x = " + "{a = " * 10_000, f"grid.toml:1:45: {DEEP}"),
    "dotted key": ("a." * 20_000 + "b = 1", f"grid.toml:1:16: {DEEP}"),
    "dotted header": ("[" + "a . " * 10_000 + "b]", f"grid.toml:1:32: {DEEP}"),
    "quoted dots": ('"a".' * 10_000 + "b = 1", f"grid.toml:1:32: {DEEP}"),
    "tables in tables": ("[a.b.c.d]\ne.f.g.h.i.j = 1", "grid.toml:2:1: nested too deep; allowed: at most 8 levels"),
    "5,000 digits": (
        AXES + "alpha = [" + "9" * 5000 + "]",
        "grid.toml:3:10: a number is too long; allowed: whole numbers of 64 bits",
    ),
    "4,000 digits": (AXES + "alpha = [" + "9" * 4000 + "]", f"grid.toml:3:10: `alpha`: found {LONG}"),
    "hexadecimal": (AXES + "alpha = [0x" + "f" * 200_000 + "]", f"grid.toml:3:10: `alpha`: found {LONG}"),
    "a grid of 10^9": (
        AXES + "alpha = {from = 1, to = 1000}\nepochs = {count = 1000, start = 1}\nseed = {count = 1000}",
        "grid.toml:2:1: the grid: found 1,000 × 1,000 × 1,000 = 1,000,000,000 trials; allowed: at most 10,000,000",
    ),
    "linspace": (
        AXES + "alpha = {linspace = [0, 1], num = 100000000000}",
        "grid.toml:3:1: `alpha` in [axes]: found 100,000,000,000 values; allowed: at most 1,000,000",
    ),
    "count": (
        AXES + "seed = {count = 1000000000000}",
        "grid.toml:3:1: `seed` in [axes]: found 1,000,000,000,000 values; allowed: at most 1,000,000",
    ),
    "a tiny step": (
        AXES + "alpha = {from = 0, to = 1e308, step = 1e-308}",
        "grid.toml:3:1: `alpha` in [axes]: found over 10^15 values; allowed: at most 1,000,000",
    ),
    "a large include": (
        AXES + "alpha = [1]\nseed = {count = 1000}\n[[include]]\nalpha = {count = 10000, start = 1}",
        "grid.toml:5:1: [[include]] names too many combinations; allowed: at most 1,000,000 in all",
    ),
    "many includes": (
        AXES + "alpha = [1]\n" + "[[include]]\nalpha = {count = 1000000, start = 1}\n" * 1000,
        "grid.toml:4:1: [[include]] names too many combinations; allowed: at most 1,000,000 in all",
    ),
    "an open string": ('x = "' + "a." * 1000, "grid.toml:1:2006: not TOML: unterminated string"),
    "quotes": ('"' * 100_000, "grid.toml:1:3: not TOML: expected '=' after a key in a key/value pair"),
    "too large": ("#" * 2**18 + "\n", "grid.toml: found more than 256 KiB; allowed: sweep files of at most 256 KiB"),
    "nothing": ("", "grid.toml:1:1: `name` is missing"),
}


@pytest.mark.parametrize("text_and_message", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_refused_soon_in_one_message(text_and_message: tuple[str, str]) -> None:
    text, expected = text_and_message
    found: list[str] = []
    refused, loaded = seconds_of(lambda: found.append(message(text)), lambda: loads(ORDINARY), rounds=1)
    assert refused < 500 * loaded, "fifty times is the most that is usual"
    assert found[0].splitlines()[0] == expected


@pytest.mark.parametrize("name", ["a grid of 10^9", "linspace", "count", "a large include", "dotted key"])
def test_refusing_takes_no_memory(name: str) -> None:
    tracemalloc.start()
    message(HOSTILE[name][0])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5e6


def test_a_long_key_is_shortened() -> None:
    found = message(AXES + "a" * 40_000 + " = [1]")
    assert found.startswith(f"grid.toml:3:1: unknown parameter `{'a' * 59}…` in [axes]; allowed: data, hidden")
    assert len(found) < 300


def test_values_no_sweep_can_hold_are_listed_together() -> None:
    assert message(NAME + "[fixed]\nalpha = nan\nepochs = 1979-05-27\n").splitlines() == [
        "grid.toml:3:1: `alpha`: found nan; allowed: a number",
        "grid.toml:4:1: `epochs`: found a date or time, 1979-05-27; "
        "allowed: numbers, text, true, false and lists of them",
    ]


def test_infinity_is_refused_where_no_parameter_takes_it() -> None:
    text = "[fixed]\nhidden = [-inf]\n[axes]\nepochs = { from = 1, to = inf }\n[run]\ntimeout = inf\n"
    text += "[success]\nmetric = 'error'\nbelow = inf\n"
    assert message(NAME + text).splitlines() == [
        "grid.toml:3:11: `hidden` in [fixed]: found -inf; allowed: a whole number",
        "grid.toml:5:22: `to` in `epochs` in [axes]: found inf; allowed: a finite number",
        "grid.toml:7:1: `timeout` in [run]: found inf; allowed: a finite number",
        "grid.toml:10:1: `below` in [success]: found inf; allowed: a finite number",
    ]


def test_syntax_errors_keep_their_line_and_column() -> None:
    assert message('name = "a"\n[axes]\nalpha = [1, 2') == "grid.toml:3:14: not TOML: unclosed array"
    assert message('name = "a"\nname = "b"') == (
        "grid.toml:2:1: not TOML: found `name` twice; write it once, with all that it holds"
    )


def of_file(path: Path) -> str:
    with pytest.raises(SpecError) as caught:
        load(path)
    return str(caught.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    assert of_file(tmp_path) == f"{tmp_path}: found a directory; allowed: a sweep file, such as grid.toml"
    missing = tmp_path / "grid.toml"
    assert of_file(missing) == f"{missing}: there is no such file"
    assert of_file(Path("a\0b")) == "a\0b: cannot be read: embedded null byte"


def test_a_large_file_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "grid.toml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    tracemalloc.start()
    found = of_file(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == f"{path}: found more than 256 KiB; allowed: sweep files of at most 256 KiB"
    assert peak < 5e6


def test_bad_utf8_names_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "grid.toml"
    path.write_bytes(b'name = "a"\ndescription = "\xff"')
    expected = f"{path}:2:16: found the byte 0xff, which is not UTF-8; allowed: text in UTF-8"
    assert of_file(path) == expected


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "grid.toml"
    path.write_bytes(b'\xef\xbb\xbfname = "a"')
    assert load(path).name == "a"
