from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnsweep.sweepfile.positions import offsets

TEXT = '''# [not.a.table]
name = "a # [x]"   # = "b"
[axes]  # comment
alpha = [ 1, # one, ]
  2.5, "x]", 'y,',
  [3, 4], ]
"quo\\"ted".b . 'c d' = { x = 1, y.z = [1, {q = 2}] }
t = 1979-05-27 07:32:00
[[exclude]]
a=1
[[ exclude ]]
a = """x
[[exclude]]"""""
b = \'\'\'it's\'\'\'
[exclude.sub]
z=1
[ cases . "as posted" ]
w = ""
'''


@pytest.mark.parametrize(
    ("path", "line", "start"),
    [
        (("name",), 2, 'name = "a'),
        (("axes",), 3, "[axes]"),
        (("axes", "alpha"), 4, "alpha ="),
        (("axes", "alpha", 0), 4, "1, # one"),
        (("axes", "alpha", 1), 5, "2.5,"),
        (("axes", "alpha", 2), 5, '"x]",'),
        (("axes", "alpha", 3), 5, "'y,',"),
        (("axes", "alpha", 4), 6, "[3, 4]"),
        (("axes", "alpha", 4, 1), 6, "4], ]"),
        (("axes", 'quo"ted', "b", "c d"), 7, '"quo\\"ted".b'),
        (("axes", 'quo"ted', "b", "c d", "x"), 7, "x = 1"),
        (("axes", 'quo"ted', "b", "c d", "y", "z"), 7, "y.z ="),
        (("axes", 'quo"ted', "b", "c d", "y", "z", 1, "q"), 7, "q = 2}"),
        (("axes", "t"), 8, "t = 1979"),
        (("exclude",), 9, "[[exclude]]\na=1"),
        (("exclude", 0), 9, "[[exclude]]\na=1"),
        (("exclude", 0, "a"), 10, "a=1"),
        (("exclude", 1), 11, "[[ exclude ]]"),
        (("exclude", 1, "a"), 12, 'a = """x'),
        (("exclude", 1, "b"), 14, "b = '''it"),
        (("exclude", 1, "sub", "z"), 16, "z=1"),
        (("cases",), 17, "[ cases ."),
        (("cases", "as posted"), 17, "[ cases ."),
        (("cases", "as posted", "w"), 18, 'w = ""'),
    ],
)
def test_each_key_and_item_is_where_it_stands(path: tuple[Any, ...], line: int, start: str) -> None:
    offset = offsets(TEXT)[path]
    assert TEXT[offset:].startswith(start)
    assert TEXT.count("\n", 0, offset) + 1 == line


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> set[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path}.union(*(paths_of(item, (*path, key)) for key, item in pairs))


def test_places_are_those_of_the_parsed_text() -> None:
    assert set(offsets(TEXT)) == paths_of(tomllib.loads(TEXT))


def test_places_fit_line_ends_of_windows() -> None:
    text = TEXT.replace("\n", "\r\n")
    assert {p: text[o : o + 3].replace("\r", "") for p, o in offsets(text).items()} == {
        p: text[o : o + 3].replace("\r", "") for p, o in offsets(text).items() if p in offsets(TEXT)
    }
    assert set(offsets(text)) == paths_of(tomllib.loads(text))


NAMES = st.sampled_from(["a", "b-1", '"c d"', "'e.f'", '"\\u00e9"', '"#"', "7"])
SCALARS = st.sampled_from(["1", "-2.5e3", "true", '"x"', "'[#'", '"\\"]"', '"""m\n""\\" """', "0x1f", "1979-05-27"])
GAPS = st.sampled_from(["", " ", "\n", " # c, ]\n"])


def _lists(items: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(st.lists(items, max_size=3), GAPS, GAPS).map(
        lambda parts: f"[{parts[1]}{(parts[2] + ',' + parts[1]).join(parts[0])}{parts[2]}]"
    )


def _tables(items: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.dictionaries(NAMES, items, max_size=3).map(
        lambda pairs: "{ " + ", ".join(f"{name} = {value}" for name, value in pairs.items()) + " }"
    )


VALUES = st.recursive(SCALARS, lambda items: _lists(items) | _tables(items), max_leaves=6)
PAIRS = st.dictionaries(NAMES, VALUES, max_size=3).map(lambda d: "".join(f"{k}\t= {v} # e\n" for k, v in d.items()))
HEADERS = st.sampled_from(["[t]\n", "[t . 'u']\n", "[[l]]\n", "[[l]] # [x]\n", "[l.m]\n", "[[l.n]]\n"])


@given(PAIRS, st.lists(st.tuples(HEADERS, PAIRS), max_size=6))
def test_any_toml_has_every_path_placed(top: str, tables: list[tuple[str, str]]) -> None:
    text = top + "".join(header + pairs for header, pairs in tables)
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(offsets(text)) == paths_of(parsed)
