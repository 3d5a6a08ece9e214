"""CSV files: what pandas reads back, byte for byte equal, harmless in a spreadsheet."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnsweep.tables import choose_layout, columns, file_names, frame, matrix, panels, write_csv
from nnsweep.tables.layout import Layout
from tests.helpers.fake_sweeps import forum, outcomes_of, trials_of
from tests.helpers.frames import summary, trials_table


def forum_tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    trials = trials_of(forum())
    table = trials_table(forum(), trials, outcomes_of(trials), ["error"])
    return table, summary(table, ["alpha", "epochs", "hidden"], ["error"])


def test_the_forum_tables_come_back_as_they_went(tmp_path):
    table, cells = forum_tables()
    layout = choose_layout(forum())
    flat = [matrix(columns(cells), layout, "successes", panel).flat for panel in panels(cells, layout)]
    for expected in (table, cells, *map(frame, flat)):
        write_csv(expected, tmp_path / "table.csv")
        again = pd.read_csv(tmp_path / "table.csv")
        if "signature" in again:  # pandas reads what is empty as missing
            again = again.fillna({"signature": ""})
        pd.testing.assert_frame_equal(again, expected, check_exact=True)


@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=False, allow_infinity=False),
            st.integers(-(2**63), 2**63 - 1),
            st.booleans(),
            st.sampled_from(["relu", "as posted", "8-8", 'é, "quoted"', "two\nlines", "a;b", "x'y"]),
        ),
        min_size=1,
    )
)
def test_any_table_comes_back_as_it_went(tmp_path_factory, rows):
    frame = pd.DataFrame(rows, columns=["float", "int", "bool", "text"])
    path = tmp_path_factory.getbasetemp() / "any.csv"
    write_csv(frame, path)
    pd.testing.assert_frame_equal(pd.read_csv(path), frame, check_exact=True)


def test_missing_numbers_come_back_missing(tmp_path):
    frame = pd.DataFrame({"error": [0.1, math.nan]})
    write_csv(frame, tmp_path / "t.csv")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "t.csv"), frame)


def test_bytes_are_plain(tmp_path):
    frame = pd.DataFrame({"α": [0.1, 1e-07, 1 / 3], "n": [1, -2, 3], "case": ["a,b", "é", "c"]})
    write_csv(frame, tmp_path / "t.csv")
    expected = 'α,n,case\n0.1,1,"a,b"\n1e-07,-2,é\n0.3333333333333333,3,c\n'
    assert (tmp_path / "t.csv").read_bytes() == expected.encode()


@pytest.mark.parametrize("text", ["=1+1", "+1+cmd", "-1+cmd", "@SUM(A1)", "\tx", "\rx", "＝1+1", "＠x"])
def test_a_text_that_a_spreadsheet_would_run_is_quoted(tmp_path, text):
    frame = pd.DataFrame({text: [text, "plain"], "number": [-1.5, 2.0]})
    write_csv(frame, tmp_path / "t.csv")
    back = pd.read_csv(tmp_path / "t.csv")
    harmless = "'" + text.replace("\r", "\\r")
    assert back.columns.tolist() == [harmless, "number"]
    assert back[harmless].tolist() == [harmless, "plain"]
    assert back["number"].tolist() == [-1.5, 2.0]
    assert frame.columns.tolist() == [text, "number"]


def written(cells: dict[str, list], layout: Layout, path) -> str:
    table = {name: np.array(values) for name, values in cells.items()}
    write_csv(matrix(table, layout, "successes").flat, path)
    return path.read_text()


def test_a_matrix_carries_its_rows_as_first_column(tmp_path):
    cells = {"alpha": [0.1, 0.1, 0.02], "epochs": [1, 2, 1], "successes": [9, 3, 5]}
    found = written(cells, Layout("alpha", "epochs"), tmp_path / "m.csv")
    assert found == "alpha\\epochs,1,2\n0.1,9,3\n0.02,5,\n"
    found = written({"alpha": [0.1], "successes": [9]}, Layout("alpha"), tmp_path / "m.csv")
    assert found == "alpha,successes\n0.1,9\n"
    found = written({"epochs": [1, 2], "successes": [9, 3]}, Layout(None, "epochs"), tmp_path / "m.csv")
    assert found == "1,2\n9,3\n"


def test_negative_labels_are_numbers_and_no_formulas(tmp_path):
    cells = {"a": [-2.5, -2.5], "b": [-1, 1e-9], "successes": [1, 2]}
    assert written(cells, Layout("a", "b"), tmp_path / "m.csv") == "a\\b,-1.0,1e-09\n-2.5,1,2\n"


def test_a_matrix_without_gaps_comes_back_as_integers(tmp_path):
    cells = {"r": ["a", "a", "b", "b"], "c": [1, 2, 1, 2], "successes": range(4)}
    written(cells, Layout("r", "c"), tmp_path / "m.csv")
    assert pd.read_csv(tmp_path / "m.csv").dtypes.astype(str).tolist() == ["str", "int64", "int64"]


def test_a_file_is_named_by_its_settings():
    keys = [(), (("hidden", 2),), (("activation", "relu"), ("alpha", 0.001)), (("case", "as posted"),)]
    assert list(file_names("success", keys).values()) == [
        "success.csv",
        "success_hidden=2.csv",
        "success_activation=relu_alpha=0.001.csv",
        "success_case=as-posted.csv",
    ]
    assert file_names("success", [(("hidden", 2),)], ".png") == {(("hidden", 2),): "success_hidden=2.png"}


def test_names_are_safe_and_never_alike():
    values = ["../../etc/passwd", "a b", "a/b", "A B", "ünïcödé", "con\x00", "x" * 300, "x" * 301]
    names = list(file_names("error", [(("case", value),) for value in values]).values())
    assert names[:5] == [
        "error_case=..-..-etc-passwd.csv",
        "error_case=a-b.csv",
        "error_case=a-b-2.csv",
        "error_case=A-B-3.csv",
        "error_case=ünïcödé.csv",
    ]
    assert len({name.lower() for name in names}) == len(values)
    assert max(map(len, names)) < 130


def test_names_keep_letters_of_any_script():
    values = [
        "学習率",
        "скорость",
        "हिन्दी",
        "תרגול",
        "²",
        "u\u0308ber",
        "über",
        "ÜBER",
        "a\u202eb",
        "\ud800",
        "✓",
        "✗",
        "学" * 300,
    ]
    names = list(file_names("error", [(("ケース", value),) for value in values], suffix=".png").values())
    assert names[:-1] == [
        "error_ケース=学習率.png",
        "error_ケース=скорость.png",
        "error_ケース=हिन्दी.png",
        "error_ケース=תרגול.png",
        "error_ケース=².png",
        "error_ケース=über.png",
        "error_ケース=über-2.png",
        "error_ケース=ÜBER-3.png",
        "error_ケース=a-b.png",
        "error_ケース=-.png",
        "error_ケース=--2.png",
        "error_ケース=--3.png",
    ]
    assert names[-1].startswith("error_ケース=学学")
    assert len(names[-1].encode()) <= 204


def test_a_letter_that_the_file_system_cannot_encode_becomes_a_dash(monkeypatch):
    monkeypatch.setattr("nnsweep.tables.csv_files.ENCODING", "latin-1")
    assert list(file_names("error", [(("case", "über 学習率"),)]).values()) == ["error_case=über-.csv"]
