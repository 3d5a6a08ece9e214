"""Tables come back from their CSV files as they went, whatever axes, cases and metrics are called."""

from __future__ import annotations

import csv
from io import StringIO

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pandas._libs.parsers import STR_NA_VALUES

from nnsweep.design.spelling import MISSING, is_number, label
from nnsweep.design.sweep import Axis
from nnsweep.format import OBEYED
from nnsweep.tables import frame, to_csv
from nnsweep.tables.columns import column
from nnsweep.trainers.returned import _is_name

ODD = [*sorted(STR_NA_VALUES), "none", "NONE", "True", "false", "1e5", "1.10", "1.1", "inf", "-Infinity", " 1", "1 "]
ODD += [
    "0x10",
    "1_000",
    "+ momentum",
    "=1+1",
    "@x",
    "-",
    "8-8",
    "[8, 8]",
    "'1",
    '"1"',
    "\t",
    "a\rb",
    "a\nb",
    "a\0b",
    " ",
    "a,b",
]
ODD += ["١", "1,5", "1d5", "1+2j", "#", "a;b", "2020-01-01", "\ufeff", "\x85", "\u2028", "Ünïcödé"]
ODD += [
    "\uff1d1",
    "\uff20x",
    "a;=1+1",
    "a;'=1+1",
    'a; "=1+1',
    "a;\uff0b1",
    "a;-1",
    "a\t@x",
    "\x9b31mred",
    "\x1b[31m",
    "\u202ex",
]
texts = st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), st.sampled_from(ODD))
numbers = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False))
lists = st.lists(st.one_of(texts, st.integers(-9, 99)), max_size=3).map(tuple)


def read(text: str) -> pd.DataFrame:
    return pd.read_csv(StringIO(text))


def axis_of(values: list) -> Axis:
    return Axis("x", "x", tuple(values))


def test_all_texts_that_pandas_takes_for_missing_are_known():
    assert MISSING == STR_NA_VALUES


@pytest.mark.parametrize("text", ODD)
def test_a_text_alone_comes_back(text):
    table = {"x": column([label(text)])}
    pd.testing.assert_frame_equal(read(to_csv(table)), frame(table))
    assert read(to_csv(table))["x"].tolist() == [label(text)]


@given(texts)
def test_any_text_alone_comes_back(text):
    assert read(to_csv({"x": column([label(text)])}))["x"].tolist() == [label(text)]


def assert_comes_back(values: list) -> None:
    shown = list(axis_of(values).shown.values())
    assert len(set(map(str, shown))) == len(shown)
    table = {"x": column(shown), "y": np.arange(len(shown))}
    pd.testing.assert_frame_equal(read(to_csv(table)), frame(table))
    header = {"rows": column(["a"])} | {str(each): np.array([1]) for each in shown}
    assert read(to_csv(header)).columns.tolist() == ["rows", *map(str, shown)]


@given(st.lists(texts, min_size=1, max_size=6, unique=True))
@example(["none", "None", "NA", "null", "nan", "True", "1e5", "inf", "relu"])
@example(["1e5", "inf", "100000.0"])
@example(["1.1", "1.10"])
def test_an_axis_of_texts_comes_back(values):
    assert_comes_back(values)


@given(st.lists(numbers, min_size=1, max_size=6, unique=True))
def test_an_axis_of_numbers_comes_back(values):
    assert_comes_back(values)


@given(st.lists(st.one_of(texts, numbers, lists), min_size=1, max_size=6, unique=True))
@example([4, (4,), 2])
@example([(8, 8), "8-8", "[8, 8]", '"[8, 8]"'])
@example([("a-b", "c"), ("a", "b-c")])
@example([1, "1", "'1"])
@example([(), "", 0.5])
def test_an_axis_of_several_kinds_comes_back(values):
    assert_comes_back(values)


@given(st.lists(st.one_of(texts, numbers, lists), min_size=1, max_size=6, unique=True))
def test_every_value_is_found_by_its_label_and_by_itself(values):
    axis = axis_of(values)
    for value, text in axis.shown.items():
        assert axis.find(str(text)) == value
        assert axis.matches(value)[0] == value or isinstance(value, str)


@given(st.lists(st.one_of(texts, numbers, lists), min_size=1, max_size=6, unique=True))
def test_labels_of_labels_are_themselves(values):
    """A store keeps labels, of which tables are made again."""
    labels = list(axis_of(values).labels.values())
    assert list(axis_of(labels).labels.values()) == labels
    assert list(map(str, axis_of(labels).shown.values())) == list(map(str, axis_of(values).shown.values()))


@given(st.lists(st.text(max_size=8).filter(_is_name), min_size=1, max_size=5, unique=True))
def test_names_of_metrics_come_back(names):
    assert read(to_csv({name: np.array([0.5]) for name in names})).columns.tolist() == names


@given(st.one_of(texts, st.text(alphabet=" ;,\t\n\r\"'=+-@\uff1d\uff0b1a", max_size=9)))
@example("a;=1+1")
@example('a;"=1+1')
@example("\uff1d1+1")
def test_no_spreadsheet_finds_a_formula(text):
    """Neither in a label nor in a text such as a failure, whichever character it takes for the comma."""
    table = to_csv({"n": np.array([1]), "label": column([label(text)]), "text": column([text]), text: np.array([2])})
    for separator in ",;\t":
        for line in csv.reader(StringIO(table), delimiter=separator):
            for cell in line:
                assert not cell.startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20")) or is_number(cell), cell
    assert not OBEYED.search(table.replace("\n", "").replace("\t", ""))
