"""CSV files, good and bad; messages are compared whole."""

import os

import numpy as np
import pytest

from nnsweep.data import load
from nnsweep.data.csv import Csv
from nnsweep.errors import DataError


def columns(data):
    return data.inputs.tolist(), data.targets.tolist()


def test_amounts_stay_as_they_are(read):
    assert columns(read("x,y,z\n1,2.5,3\n4,-5,6e2\n")) == ([[1, 3], [4, 600]], [[2.5], [-5]])


def test_two_classes_are_one_column_and_more_are_one_each_in_order(read):
    assert columns(read("x,y\n1,yes\n2,no\n"))[1] == [[1], [0]]
    assert columns(read("x,y\n1,c\n2,a\n3,b\n"))[1] == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]


def test_numbers_may_be_classes_sorted_by_size(read):
    assert columns(read("x,y\n1,10\n2,9\n3,9.0\n", classes=True))[1] == [[1], [0], [0]]
    assert columns(read("x,y\n1,10\n2,9\n3,1\n", classes=True))[1] == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]
    assert columns(read("x,y\n1,10\n2,unknown\n", classes=True))[1] == [[0], [1]]


def test_columns_are_chosen_by_name(read):
    found = read("a,y,b,w\n1,2,3,4\n5,6,7,8\n", target=["w", "y"], inputs=["b"])
    assert columns(found) == ([[3], [7]], [[4, 2], [8, 6]])
    assert columns(read(",x,y\n0.5,1,2\n", inputs="x")) == ([[1]], [[2]])


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffx,y\r\n1,2\r\n3,4\r\n",
        "x, y\n1, 2\n\n3, 4\n\n",
        '"x","y "\n"1",2\n3,4',
        "x,y\r1,2\r3,4\r",
        "x,y\n1.0,2e0\n3,4\n",
    ],
)
def test_files_as_programs_write_them_are_the_same_data(read, content):
    assert read(content).fingerprint == read("x,y\n1,2\n3,4\n").fingerprint


def test_another_number_or_order_is_other_data(read):
    contents = ["x,y\n1,2\n3,4\n", "x,y\n3,4\n1,2\n", "x,y\n1,2\n3,5\n", "x,y\n1,2\n"]
    assert len({read(content).fingerprint for content in contents}) == 4


def test_numbers_whose_sum_is_too_large_are_finite(read):
    assert read("x,z,y\n1e308,1e308,1\n").inputs.tolist() == [[1e308, 1e308]]


FILL = 'write `on_missing = "drop"` (or "mean", "median", a number)'
WRONG = {
    "": "a.csv: is empty; allowed: a header, then rows",
    "x,y\n": "a.csv: has no rows below its header; allowed: at least one",
    "x,x,y\n1,2,3\n": 'a.csv, line 1: two columns are named "x"; allowed: each name once; '
    'write `skip = 1, header = ["x", "x 2", "y"]`',
    "1,2\n3,4\n": "a.csv, line 1: found numbers alone, which may be names or a sample; "
    'write `header = false` (the columns are then named "column 1" to "column 2")',
    "x,yy\n1,2\n": 'a.csv, line 1: no column "y"; did you mean "yy"?; found: "x", "yy"',
    "y\n1\n": "a.csv: has no column but the target; allowed: at least one input",
    ",x,y\n0.5,1,2\n": "a.csv, line 1: column 1 has no name; "
    'write `drop = ["column 1"]`, or `inputs` with the columns to learn from',
    "x,y\n1,2\n,4\n": f'a.csv, line 3, column "x": found an empty cell; {FILL}',
    "x,y\n1,2\n\nNA,4\n": f'a.csv, line 4, column "x": found "NA", which stands for a missing value; {FILL}',
    "x,y\n1,2\n1e999,4\n": 'a.csv, line 3, column "x": found "1e999"; allowed: a finite number',
    'x,y\n1,"2\n"\n\u001b,4\n': 'a.csv, line 4, column "x": found "\\u001b"; allowed: a finite number',
    "x,y\n1,2\n1,2,3\n": "a.csv, line 3: found 3 cells; allowed: 2, as in the header",
    "x,y\n1,2\n1\n": "a.csv, line 3: found 1 cell; allowed: 2, as in the header",
    "x,y\n1,2\n1,\n": 'a.csv, line 3, column "y": found an empty cell; write `on_missing = "drop"`',
    "x,y\n1,a\n1,n/a\n": 'a.csv, line 3, column "y": found "n/a", which stands for a missing value; '
    'write `on_missing = "drop"`, or `missing = []` if it is a name',
    "x,y\n1,1\n1,2\n1,3O\n": 'a.csv, line 4, column "y": found "3O" among numbers; '
    "allowed: numbers alone, or `classes = true`",
    "x,y\n1,2\n1,inf\n": 'a.csv, line 3, column "y": found "inf"; allowed: a finite number',
    "x,y\n1,a\n1,a\n": 'a.csv, column "y": found one class; allowed: 2 to 1,000',
    "x,y\n" + "".join(f"1,n{i}\n" for i in range(1200)): 'a.csv, column "y": found 1,200 classes; allowed: 2 to 1,000',
    b"x,y\n1,a\n1,\xe9\n": "a.csv, line 3: found the byte 0xe9, which is not UTF-8; "
    'write `encoding = "latin-1"` if it is to read "é"',
    'x,y\n1,"a\n': "a.csv, line 2: not CSV: unexpected end of data",
}


@pytest.mark.parametrize("content", WRONG, ids=range(len(WRONG)))
def test_one_message_for_one_mistake(read, content):
    with pytest.raises(DataError) as caught:
        read(content)
    assert str(caught.value) == WRONG[content]


def test_a_file_that_cannot_be_read(read, tmp_path):
    read("x,y\n1,2\n")
    os.mkfifo("pipe.csv")
    for name, message in {
        "b.csv": f'b.csv: there is no such file; looked for {tmp_path / "b.csv"}; did you mean "a.csv"?',
        ".": ".: a folder; allowed: a file",
        "pipe.csv": "pipe.csv: no regular file; allowed: a file",
        "/dev/zero": "/dev/zero: no regular file; allowed: a file",
    }.items():
        with pytest.raises(DataError) as caught:
            load(Csv.model_validate({"csv": name, "target": "y"}))
        assert str(caught.value) == message


def test_the_text_tells_forms_apart():
    forms = [{}, {"inputs": ["a", "b"]}, {"classes": True}, {"target": ["y", "z"]}]
    assert [str(Csv.model_validate({"csv": "sets/a.csv", "target": "y", **form})) for form in forms] == [
        "sets/a.csv: y",
        "sets/a.csv: y from a, b",
        "sets/a.csv: y as classes",
        "sets/a.csv: y, z",
    ]


def test_it_agrees_with_pandas(tmp_path):
    import pandas as pd

    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(200, 4)), columns=[*"abcy"])
    frame.to_csv(tmp_path / "a.csv", index=False)
    found = load(Csv.model_validate({"csv": str(tmp_path / "a.csv"), "target": "y"}))
    np.testing.assert_array_equal(found.inputs, frame[["a", "b", "c"]])
    np.testing.assert_array_equal(found.targets, frame[["y"]])
