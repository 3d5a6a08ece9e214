"""CSV files as other programs write them: each loads, or is refused with the line to write."""

import gzip
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nnsweep.data import arrays, gz
from nnsweep.data.csv import Csv, table
from nnsweep.data.csv import content as text
from nnsweep.errors import DataError

PENGUINS = (
    "species,island,bill,sex,year\n"
    "Adelie,Torgersen,39.1,male,2007\n"
    "Adelie,Torgersen,NA,NA,2007\n"
    "Gentoo,Biscoe,46.1,female,2008\n"
)
IRIS = "150,4,setosa,versicolor,virginica\n" + "".join(f"5.{k % 10},3.5,1.4,0.2,{k // 50}\n" for k in range(150))
CANCER = "40,3,malignant,benign\n" + "".join(f"1.5,{k},2,{k % 2}\n" for k in range(40))
PLAIN = ([[1.0], [3.5]], [[2.0], [4.0]], ["x"])
FOUND = {
    "commas": ("x,y\n1,2\n3.5,4\n", {}, ()),
    "semicolons": ("x;y\n1;2\n3.5;4\n", {}, ("separated by semicolons",)),
    "decimal commas": ("x;y\n1,0;2\n3,5;4\n", {}, ("separated by semicolons", "decimal commas")),
    "tabs": ("x\ty\n1\t2\n3.5\t4\n", {}, ("separated by tabs",)),
    "bars": ("x|y\n1|2\n3.5|4\n", {}, ("separated by vertical bars",)),
    "spaces": ("  x    y\n  1    2\n3.5\t 4 \n", {}, ("separated by spaces",)),
    "Excel's sep": ("sep=;\nx;y\n1;2\n3.5;4\n", {}, ("separated by semicolons",)),
    "a mark of UTF-8": ("\ufeffx,y\n1,2\n3.5,4\n", {}, ()),
    "a mark of UTF-16": ("x,y\n1,2\n3.5,4\n".encode("utf-16"), {}, ("UTF-16",)),
    "a mark of UTF-32": ("x,y\n1,2\n3.5,4\n".encode("utf-32"), {}, ("UTF-32",)),
    "Windows": ("x,y\r\n1,2\r\n3.5,4\r\n", {}, ()),
    "old Mac": ("x,y\r1,2\r3.5,4\r", {}, ()),
    "gzip": (gzip.compress(b"x,y\n1,2\n3.5,4\n"), {}, ()),
    "pandas' index": (",x,y\n0,1,2\n1,3.5,4\n", {}, ("column 1 left out: it has no name and names the rows",)),
    "filtered index": (",x,y\n7,1,2\n31,3.5,4\n", {}, ("column 1 left out: it has no name and names the rows",)),
    "R's row names": (
        '"x" "y"\n"Mazda" 1 2\n"Ford" 3.5 4\n',
        {},
        ("separated by spaces", "column 1 left out: it has no name and names the rows"),
    ),
    "trailing commas": ("x,y,\n1,2,\n3.5,4,\n", {}, ("column 3 left out: it is empty",)),
    "trailing commas below": ("x,y\n1,2,\n3.5,4,\n", {}, ("column 3 left out: it is empty",)),
    "comments above": (
        "# made by hand\n# in 1936\nx,y\n1,2\n3.5,4\n",
        {},
        ("2 lines of comments at the top left out",),
    ),
    "comments": ("x,y\n1,2\n# note\n3.5,4\n", {"comment": "#"}, ()),
    "a title": ("The data\n\nx,y\n1,2\n3.5,4\n", {"skip": 1}, ()),
    "no header": ("1,2\n3.5,4\n", {"header": ["x", "y"]}, ()),
    "another header": ("a,b\n1,2\n3.5,4\n", {"skip": 1, "header": ["x", "y"]}, ()),
    "numbers that are names": ("1,2\n1,2\n3.5,4\n", {"skip": 1, "header": ["x", "y"]}, ()),
    "a dropped date": ("d,x,y\n2024-01-05,1,2\n2024-01-06,3.5,4\n", {"drop": "d"}, ()),
    "latin-1": ("x,y,é\n1,2,é\n3.5,4,é\n".encode("latin-1"), {"encoding": "latin-1", "drop": "é"}, ()),
    "thousands": ('x,y\n"1",2\n3.5,4\n', {"thousands": ","}, ()),
    "German": ("x;y\n1;2\n3,5;4\n", {"decimal": ",", "thousands": "."}, ("separated by semicolons",)),
    "dropped rows": (
        "x,y\n1,2\nNA,3\n3.5,4\n2,\n",
        {"on_missing": "drop"},
        ("2 rows with missing values left out (lines 3, 5)",),
    ),
    "-999": (
        "x,y\n1,2\n-999,3\n-999.0,3\n3.5,4\n",
        {"missing": ["-999"], "on_missing": "drop"},
        ("2 rows with missing values left out (lines 3, 4)",),
    ),
}


@pytest.mark.parametrize("case", FOUND)
def test_what_is_certain_is_found_and_told(read, case):
    content, form, told = FOUND[case]
    found = read(content, **form)
    assert (found.inputs.tolist(), found.targets.tolist(), list(found.names)) == PLAIN
    assert found.notes == ((f"a.csv: {'; '.join(told)}",) if told else ())
    assert found.fingerprint == read("x,y\n1,2\n3.5,4\n").fingerprint


FILL = 'write `on_missing = "drop"` (or "mean", "median", a number)'
SAMPLE = 'write `header = true` or `header = false` (the columns are then named "column 1" to "column 3")'
REFUSED = {
    "scikit-learn's iris": (
        IRIS,
        {"target": "virginica"},
        ", line 1: counts 150 rows and 4 inputs, and names classes, as scikit-learn's files do; "
        'write `skip = 1, header = false, target = "column 5", classes = true`',
    ),
    "scikit-learn's cancer": (
        CANCER,
        {},
        ", line 1: counts 40 rows and 3 inputs, and names classes, as scikit-learn's files do; "
        'write `skip = 1, header = false, target = "column 4", classes = true`',
    ),
    "numbers alone": (
        "5.1,1.4,0\n4.9,1.4,0\n7,4.7,1\n",
        {"target": "0"},
        f", line 1: found numbers alone, which may be names or a sample; {SAMPLE}",
    ),
    "a class as header": (
        "5.1,1.4,setosa\n4.9,1.4,setosa\n7,4.7,virginica\n",
        {"target": "setosa"},
        f', line 1: may be names or a sample: "setosa" stands in that column below, too; {SAMPLE}',
    ),
    "no header": (
        "5.1,1.4,setosa\n4.9,1.4,setosa\n7,4.7,virginica\n",
        {"target": "species"},
        ', line 1: no column "species"; found: "5.1", "1.4", "setosa"; write `header = false` if this is a sample',
    ),
    "a title": (
        "The data\n\nx,y\n1,2\n3,4\n",
        {},
        ', line 1: no column "y", which stands 1 row below; write `skip` with the number of lines above the header',
    ),
    "a header in a comment": (
        "# x y\n1 2\n3 4\n",
        {},
        ", line 1: the columns' names stand in a comment; write `skip = 1, header = [\"x\", \"y\"]`",
    ),
    "a comment": (
        "x,y\n1,2\n# note\n3,4\n",
        {},
        ', line 3: found 1 cell; allowed: 2, as in the header; write `comment = "#"` if it is one',
    ),
    "commas that may be thousands": (
        "x;y\n1,500;2\n2,250;3\n",
        {},
        ': found "1,500"; a comma may be a decimal mark, or part thousands; '
        'write `decimal = ","` or `thousands = ","`',
    ),
    "commas and points": (
        "x;y\n1,5;2.5\n2,25;3\n",
        {},
        ': found "1,5" and "2.5"; a comma may be a decimal mark, or part thousands; '
        'write `decimal = ",", thousands = "."` or `thousands = ","`',
    ),
    "both marks": (
        "x;y\n1.234,5;2\n",
        {},
        ', line 2, column "x": found "1.234,5"; allowed: a finite number; write `decimal = ",", thousands = "."`',
    ),
    "thousands": (
        'x,y\n"1,234",2\n',
        {},
        ', line 2, column "x": found "1,234"; allowed: a finite number; write `decimal = ","` or `thousands = ","`',
    ),
    "a quoted decimal comma": (
        'x,y\n"1,5",2\n',
        {},
        ', line 2, column "x": found "1,5"; allowed: a finite number; write `decimal = ","`',
    ),
    "decimal commas in the target": (
        'x,y\n1,"1,5"\n2,"2,5"\n',
        {},
        ', line 2, column "y": found "1,5"; write `decimal = ","`, or `classes = true`',
    ),
    "an underscore": (
        "x,y\n1_000,2\n",
        {},
        ', line 2, column "x": found "1_000"; allowed: a finite number; write `thousands = "_"`',
    ),
    "groups that are none": (
        'x,y\n"1,2,3",2\n',
        {"thousands": ","},
        ', line 2, column "x": found the text "1,2,3"; write `categories = ["x"]`',
    ),
    "a code": (
        "x,y\n1,3_1\n2,31\n",
        {},
        ', line 2, column "y": found "3_1" among numbers; allowed: numbers alone, or `classes = true`',
    ),
    "texts": (PENGUINS, {"target": "species"}, ', line 2, column "island": found the text "Torgersen"; '
        'write `categories = ["island", "sex"]`'),
    "missing values": (
        PENGUINS,
        {"target": "species", "categories": ["island", "sex"]},
        f', line 3, column "bill": found "NA", which stands for a missing value; {FILL}',
    ),
    "dates": ("d,x,y\n2024-01-05,1,2\n", {}, ', line 2, column "d": found the text "2024-01-05"; write `drop = ["d"]`'),
    "dates in the target": (
        "x,y\n1,2024-01-05\n2,2024-01-06\n",
        {},
        ', line 2, column "y": found "2024-01-05", a date; allowed: numbers or names of classes, or `classes = true`',
    ),
    "names": (
        "n,x,k,y\n" + "".join(f"Mr {k},{k},a,{k % 2}\n" for k in range(60)),
        {},
        ', line 2, column "n": found the text "Mr 0"; write `categories = ["k"], drop = ["n"]`',
    ),
    "names among inputs": (
        "n,x,y\n" + "".join(f"Mr {k},{k},{k % 2}\n" for k in range(60)),
        {"inputs": ["n", "x"]},
        ', line 2, column "n": found the text "Mr 0"; write `inputs = ["x"]`',
    ),
    "infinity": ("x,y\n-inf,2\n", {}, ', line 2, column "x": found "-inf"; allowed: a finite number'),
    "latin-1": (
        "x,y\n1,Málaga\n2,b\n".encode("latin-1"),
        {},
        ', line 2: found the byte 0xe1, which is not UTF-8; write `encoding = "latin-1"` if it is to read "Málaga"',
    ),
    "Windows' own": (
        "x,y\n1,5€\n2,b\n".encode("cp1252"),
        {},
        ', line 2: found the byte 0x80, which is not UTF-8; write `encoding = "cp1252"` if it is to read "5€"',
    ),
    "another encoding": (
        b"x,y\n1,\x81\n2,b\n",
        {"encoding": "cp1252"},
        ", line 2: found the byte 0x81, which is not cp1252; write another `encoding`",
    ),
    "UTF-16 without a mark": (
        "x,y\n1,2\n".encode("utf-16-le"),
        {},
        ': found bytes of 0, which UTF-16 has; write `encoding = "utf-16-le"`',
    ),
    "a byte of 0 in UTF-8": (
        b"x,y\n" + b"1,a\n2,b\n" * 20 + b"3,a\0\n",
        {},
        ", line 42: found a byte of 0; allowed: text",
    ),
    "two delimiters": (
        "1,5;2,5\n3,5;4,5\n",
        {"header": False, "target": "column 1"},
        ': may be separated by commas or semicolons; write `delimiter = ","` or `delimiter = ";"`',
    ),
    "a spreadsheet": (
        b"PK\x03\x04...",
        {},
        ": found a ZIP file, as spreadsheets are; allowed: CSV, plain or packed by gzip",
    ),
    "a web page": (b"\n<!DOCTYPE html><html>", {}, ": found a web page; allowed: CSV, plain or packed by gzip"),
    "a pointer": (
        b"version https://git-lfs.example/spec/v1\noid sha256:0\n",
        {},
        ": found a pointer of Git LFS and not the file; allowed: CSV, plain or packed by gzip",
    ),
    "a short row below `header`": (
        "1,2\n3\n",
        {"header": ["x", "y"]},
        ", line 2: found 1 cell; allowed: 2, as `header` has",
    ),
    "a cell in an empty column": (
        "x,y,\n" + "1,2,\n" * 1500 + "1,2,3\n",
        {},
        ', line 1502, column 3: found "3"; allowed: an empty cell, as in the rows above',
    ),
    "a column that is not there": (
        "x,y\n1,2\n",
        {"drop": ["xx"]},
        ', line 1: no column "xx"; did you mean "x"?; found: "x", "y"',
    ),
    "nothing left": (
        "x,y\nNA,1\n",
        {"on_missing": "drop"},
        ": has no rows without missing values; allowed: at least one",
    ),
    "a target that cannot be made up": (
        "x,y\n1,2\n3,NA\n",
        {"on_missing": "mean"},
        ', line 3, column "y": found "NA", which stands for a missing value; '
        'write `on_missing = "drop"`, or `missing = []` if it is a name',
    ),
    "a gzip that is cut off": (gzip.compress(b"x,y\n1,2\n" * 99)[:-9], {}, ": cut off: its gzip stream has no end"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_certain_is_refused_with_the_line_to_write(read, case):
    content, form, message = REFUSED[case]
    with pytest.raises(DataError) as caught:
        read(content, **form)
    assert str(caught.value) == f"a.csv{message}"


def test_the_lines_to_write_for_files_of_scikit_learn(read):
    form = {"skip": 1, "header": False, "classes": True}
    iris = read(IRIS, target="column 5", **form)
    assert (iris.inputs.shape, iris.targets.sum(axis=0).tolist()) == ((150, 4), [50, 50, 50])
    assert iris.inputs[-1].tolist() == [5.9, 3.5, 1.4, 0.2]
    cancer = read(CANCER, target="column 4", **form)
    assert (cancer.inputs.shape, cancer.targets.ravel().tolist()) == ((40, 3), [0, 1] * 20)


def test_no_row_is_lost_without_a_header(read):
    found = read("5.1,1.4,0\n4.9,1.4,0\n7,4.7,1\n", target="column 3", header=False)
    assert found.inputs.tolist() == [[5.1, 1.4], [4.9, 1.4], [7, 4.7]]
    assert found.targets.ravel().tolist() == [0, 0, 1]
    assert list(found.names) == ["column 1", "column 2"]


def test_texts_become_a_column_for_each_in_the_place_of_theirs(read):
    found = read(PENGUINS, target="species", categories=["island", "sex"], on_missing="drop")
    assert list(found.names) == ["island = Biscoe", "island = Torgersen", "bill", "sex = female", "sex = male", "year"]
    assert found.inputs.tolist() == [[0, 1, 39.1, 0, 1, 2007], [1, 0, 46.1, 1, 0, 2008]]
    assert found.targets.ravel().tolist() == [0, 1]
    codes = read("c,y\n01,1\n1,2\n1.0,3\n", categories="c")
    assert list(codes.names) == ["c = 01", "c = 1", "c = 1.0"]
    assert codes.inputs.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_a_missing_category_is_0_in_each_column_as_pandas_has_it(read):
    found = read(PENGUINS, target="species", categories=["island", "sex"], on_missing=0.5)
    dummies = pd.get_dummies(pd.read_csv(io.StringIO(PENGUINS))[["sex"]]).to_numpy(dtype=float)
    assert found.inputs[:, 3:5].tolist() == dummies.tolist()
    assert found.inputs[1].tolist() == [0, 1, 0.5, 0, 0, 2007]
    assert found.notes == ("a.csv: 2 missing values filled in",)


def test_means_and_medians_are_those_of_the_samples_that_train(read):
    content = "x,z,y\n1,5,0\n2,6,1\n,7,0\n6,8,1\n100,9,0\n"
    learnt = np.array([0, 1, 3])
    for how, value in {"mean": 3.0, "median": 2.0}.items():
        found = read(content, on_missing=how)
        assert found.filled(learnt).tolist() == [[1, 5], [2, 6], [value, 7], [6, 8], [100, 9]]
        assert np.isnan(found.inputs[2, 0])
    with pytest.raises(DataError, match=r"^input x is missing in each of the 1 samples that train$"):
        found.filled(np.array([2]))
    whole = read("x,y\n1,0\n2,1\n", on_missing="mean")
    assert whole.filled(learnt) is whole.inputs


def test_a_code_is_a_code(read):
    def classes(cells):
        return read("x,y\n" + "".join(f"1,{cell}\n" for cell in cells), classes=True).targets.tolist()

    assert classes(["3_1", "31", "31"]) == [[1], [0], [0]]  # texts, sorted as such
    assert classes(["01", "1", "1.0"]) == [[0], [1], [1]]
    assert classes(["1.1", "1.10", "1.1"]) == [[0], [1], [0]]
    assert classes(["9007199254740993", "9007199254740992", "5"]) == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]
    assert classes(["-0", "0", "1"]) == [[0], [0], [1]]


def test_a_class_may_be_called_none(read):
    assert read("x,y\n1,none\n2,mild\n", missing=[]).targets.tolist() == [[1], [0]]


def test_an_input_that_counts_the_rows_is_told(read):
    found = read("Id,x,y\n" + "".join(f"{k},{k % 3},{k % 2}\n" for k in range(1, 21)))
    assert found.notes == ('a.csv: input "Id" counts the rows; `drop = ["Id"]` leaves it out',)
    assert found.inputs.shape == (20, 2)


def test_a_small_file_that_holds_too_much_is_not_read_to_its_end(read, monkeypatch):
    monkeypatch.setattr(gz, "MOST", 2**20)
    packed = gzip.compress(b"x,y\n" + b"1,2\n" * 2**22)
    assert len(packed) < 2**17
    with pytest.raises(DataError) as caught:
        read(packed)
    assert str(caught.value) == "a.csv: holds more than 1,048,576 bytes; allowed: at most as many"


def test_no_more_is_read_than_memory_may_hold(read, monkeypatch):
    monkeypatch.setattr(table, "ROWS", 3)
    assert len(read("x,y\n" + "1,2\n" * 3).inputs) == 3
    with pytest.raises(DataError) as caught:
        read("x,y\n" + "1,2\n" * 4)
    limits = "3 rows, 16,777,216 targets and 134,217,728 numbers"
    assert str(caught.value) == f"a.csv: found more than 3 rows of 2 columns; allowed: at most {limits}"


def test_inputs_and_targets_count_together_against_the_bound(read, monkeypatch):
    monkeypatch.setattr(table, "NUMBERS", 12)
    assert len(read("x,y,z\n" + "1,2,3\n" * 4, target=["y", "z"]).inputs) == 4
    with pytest.raises(DataError) as caught:
        read("x,y,z\n" + "1,2,3\n" * 5, target=["y", "z"])
    limits = "4,194,304 rows, 16,777,216 targets and 12 numbers"
    assert str(caught.value) == f"a.csv: found more than 4 rows of 3 columns; allowed: at most {limits}"
    monkeypatch.setattr(table, "TARGETS", 6)
    with pytest.raises(DataError, match=r"^a\.csv: found more than 3 rows of 3 columns; "):
        read("x,y,z\n" + "1,2,3\n" * 4, target=["y", "z"])


@pytest.mark.parametrize(
    ("content", "form", "wide"),
    [
        ("x,y\na,p\nb,q\nc,r\n", {"categories": "x"}, 6),
        ("x,y,z\na,p,1\nb,q,1\nc,r,1\n", {"target": ["x", "y"]}, 7),
    ],
    ids=["categories", "classes"],
)
def test_columns_of_categories_and_classes_count_too(read, monkeypatch, content, form, wide):
    monkeypatch.setattr(arrays, "NUMBERS", 15)
    with pytest.raises(DataError) as caught:
        read(content, **form)
    found = f"3 samples of {wide} inputs and outputs"
    assert str(caught.value) == f"a.csv: found {found}; allowed: at most 15 numbers together"
    monkeypatch.setattr(arrays, "NUMBERS", 3 * wide)
    assert read(content, **form).targets.shape[0] == 3


def test_a_line_without_end_is_not_read_to_its_end(read, monkeypatch):
    monkeypatch.setattr(text, "LINE", 2**16)
    packed = gzip.compress(b"x,y\n1,2\n" + b"1," * 2**20)
    with pytest.raises(DataError) as caught:
        read(packed)
    assert str(caught.value) == "a.csv, line 3: found more than 65,536 characters; allowed: at most as many"


def test_a_packed_file_holds_a_hundred_times_its_bytes_at_most(read, monkeypatch):
    monkeypatch.setattr(gz, "ANY_RATIO", 2**16)
    rows = b"x,y\n" + b"1,2\n" * 2**16
    packed = gzip.compress(rows)
    most = max(2**16, 100 * len(packed))
    assert most < len(rows)
    with pytest.raises(DataError) as caught:
        read(packed)
    assert str(caught.value) == (
        f"a.csv: found {len(packed):,} bytes that hold more than {most:,}; "
        "allowed: at most 100 times as many bytes, or 65,536; if you trust the file, unpack it"
    )
    assert len(read(rows).inputs) == 2**16


def test_a_packed_file_with_a_wrong_byte_is_bounded_too(read, monkeypatch):
    monkeypatch.setattr(gz, "ANY_RATIO", 2**20)
    with pytest.raises(DataError, match=r"^a\.csv: found 4,\d{3} bytes that hold more than 1,048,576; "):
        read(gzip.compress(b"x,y\n1,\xff\n" + b"1,2\n" * 2**20))


def test_many_columns_are_read_in_their_order_and_quickly(read):
    names = [f"g{number}" for number in range(30_000)]
    found = read(",".join([*names, "y"]) + "\n" + ("0," * 30_000 + "1\n") * 2)
    assert (list(found.names), found.inputs.shape) == (names, (2, 30_000))
    with pytest.raises(DataError) as caught:
        read(",".join([*names, "y", "g7"]) + "\n1\n")
    assert str(caught.value) == (
        'a.csv, line 1: two columns are named "g7"; allowed: each name once; write `skip = 1, header = […]`'
    )


@pytest.mark.parametrize(
    "form",
    [
        {"delimiter": ";;"},
        {"delimiter": "a"},
        {"thousands": "x"},
        {"thousands": "."},
        {"encoding": "rot13"},
        {"encoding": "klingon"},
        {"header": "x"},
        {"header": ["x", "x"]},
        {"on_missing": "mode"},
        {"on_missing": True},
        {"skip": -1},
        {"decimal": ";"},
        {"drop": ["y"]},
        {"categories": ["y"]},
        {"categories": ["x"], "inputs": ["z"]},
    ],
)
def test_keys_are_checked_before_a_file_is_opened(form):
    with pytest.raises(ValueError, match=r"."):
        Csv.model_validate({"csv": "a.csv", "target": "y", **form})


def test_the_text_tells_of_every_key():
    forms = [
        {"header": False},
        {"header": ["a", "y"]},
        {"missing": []},
        {"missing": ["NA"]},
        {"on_missing": "drop"},
        {"on_missing": 0},
        {"drop": ["a"]},
        {"categories": ["a"]},
        {"delimiter": ";"},
        {"skip": 2},
    ]
    texts = [str(Csv.model_validate({"csv": "a.csv", "target": "y", **form})) for form in forms]
    assert texts[:3] == ["a.csv: y; header false", 'a.csv: y; header ["a", "y"]', "a.csv: y; missing []"]
    assert len(set(texts)) == len(forms)


numbers = st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-6)
names = st.text("abcé, ;\"'\n|", min_size=1, max_size=6).filter(lambda text: text.strip() == text)


@settings(max_examples=100)
@given(
    rows=st.lists(st.tuples(numbers, numbers, names), min_size=2, max_size=8),
    sep=st.sampled_from([",", ";", "\t", "|"]),
    decimal=st.sampled_from([".", ","]),
    ends=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    index=st.booleans(),
)
def test_what_pandas_writes_is_read_as_pandas_reads_it(read, rows, sep, decimal, ends, encoding, index):
    frame = pd.DataFrame(rows, columns=["a b", "c", "y"])
    decimal = "." if sep == "," else decimal
    buffer = io.BytesIO()
    frame.to_csv(buffer, sep=sep, decimal=decimal, lineterminator=ends, encoding=encoding, index=index)
    try:
        found = read(buffer.getvalue(), decimal=decimal)
    except DataError as error:
        assert len({text for _, _, text in rows}) == 1, error  # noqa: PT017
        return
    buffer.seek(0)
    again = pd.read_csv(buffer, sep=sep, decimal=decimal, encoding=encoding)
    np.testing.assert_array_equal(found.inputs, again[["a b", "c"]].to_numpy(), strict=True)
    classes = pd.factorize(again["y"], sort=True)[0]
    labels = found.targets.argmax(axis=1) if found.targets.shape[1] > 1 else found.targets[:, 0]
    np.testing.assert_array_equal(labels, classes)


def test_data_that_are_missing_reach_the_trainer_filled(tmp_path, monkeypatch):
    import nnsweep

    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{'' if k == 3 else k},{k % 2}\n" for k in range(20))
    (tmp_path / "a.csv").write_text(f"x,y\n{rows}")
    text = (
        'name = "a"\n[fixed]\ntrain_size = 10\ntest_size = 10\nstandardize = true\n'
        'data = { csv = "a.csv", target = "y", on_missing = "median" }\n[axes]\nseed = { count = 3 }'
    )
    results = nnsweep.run(nnsweep.loads(text), figures=False)
    assert set(results.trials["status"]) == {"ok"}
    assert np.isfinite(results.trials["accuracy"]).all()


cells = st.sampled_from(
    [
        *("1", "2.5", "-3", "1,5", "1.234,5", "NA", "", "x", "y", "a b", '"q"', '"a,b"', '"1\n2"', '"', "#c", "inf"),
        *("1_0", "é", "2024-01-02", "1e999", "\0", "'", "0", "7", "8", "column 1"),
    ]
)
keys = st.sampled_from(
    [
        {"header": False, "target": "column 1"},
        {"header": ["x", "y"]},
        {"header": True},
        {"on_missing": "drop"},
        {"on_missing": "mean"},
        {"on_missing": 0},
        {"categories": "x"},
        {"drop": "x"},
        {"decimal": ","},
        {"thousands": ","},
        {"comment": "#"},
        {"delimiter": ";"},
        {"delimiter": " "},
        {"skip": 1},
        {"encoding": "utf-16"},
        {"encoding": "latin-1"},
        {"classes": True},
        {"missing": []},
        {"missing": ["2"], "on_missing": "drop"},
        {},
    ]
)


@settings(max_examples=300)
@given(
    head=st.sampled_from([["x", "y"], ["y"], ["", "x", "y"], ["x", "y", ""], ["x", "z", "y"], []]),
    rows=st.lists(st.lists(cells, min_size=1, max_size=4), max_size=5),
    sep=st.sampled_from([",", ";", "\t", " ", ", "]),
    end=st.sampled_from(["\n", "\r\n", "\r", "\n\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    form=st.tuples(keys, keys),
)
def test_any_file_is_numbers_or_one_line(read, head, rows, sep, end, encoding, form):
    content = end.join(sep.join(row) for row in [head, *rows]).encode(encoding)
    try:
        found = read(content, **form[0] | form[1])
    except (DataError, ValidationError) as error:
        assert isinstance(error, ValidationError) or "\n" not in str(error)  # noqa: PT017
        return
    assert found.inputs.shape == (len(found.targets), len(found.names))
    assert np.isfinite(found.targets).all()
    assert found.fill or np.isfinite(found.inputs).all()
