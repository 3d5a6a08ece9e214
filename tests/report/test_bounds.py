"""How many files a run writes unasked, and how it says which it does not."""

from collections import Counter

import pytest

from nnsweep.report.bounds import FIGURES, MATRICES, PANELS, choose, format_unwritten
from tests.helpers import slow
from tests.helpers.many_cells import many


def written(results):
    kinds = Counter(path.parent.name for path in results.folder.rglob("*") if path.parent.name in ("tables", "figures"))
    return kinds["tables"], kinds["figures"]


def test_kinds_are_written_whole_as_long_as_they_fit():
    assert choose({"a": 8, "b": 20, "c": 16}, 24).kinds == ("a", "c")
    assert choose({"a": 8, "b": 20, "c": 16}, 24).left_out == {"b": 20}
    assert choose({"a": 1, "b": 1}, 24, {"a": PANELS + 1, "b": PANELS}).kinds == ("b",)


def test_what_is_left_out_is_said_in_a_line_however_much_it_is():
    assert format_unwritten({}, {}) == ""
    assert (
        format_unwritten({"error": 1}, {}) == "left out, as there are many: 1 figure (error); --all-files writes them"
    )
    many = {f"m{number}": 700 for number in range(100)}
    assert format_unwritten({}, many) == (
        "left out, as there are many: 70,000 matrices (m0, m1, m2, m3 and 96 more kinds); --all-files writes them"
    )


@pytest.mark.parametrize(
    ("axes", "tables", "figures"),
    [(4, 4 + 4 + 2, 7), slow(5, 8 + 8 + 2, 9), (6, 16 + 2, 9)],
)
def test_axes_of_two_values_do_not_double_the_files(tmp_path, axes, tables, figures):
    found = many(tmp_path, dict.fromkeys("abcdef"[:axes], 2))
    assert written(found) == (tables, figures)
    assert tables <= MATRICES + 3
    assert figures <= FIGURES


@pytest.mark.slow
def test_six_axes_are_told_and_can_be_had(tmp_path):
    axes = dict.fromkeys("abcdef", 2)
    found = many(tmp_path, axes)
    said = "left out, as there are many: 16 figures (success_difference, error) and 16 matrices (error_median); "
    assert said + "--all-files writes them" in str(found).splitlines()
    assert len(found.figures) == 3 * 8 + 1
    found = many(tmp_path, axes, all_files=True)
    assert written(found) == (2 * 16 + 2, 3 * 8 + 1)
    assert "left out" not in str(found)
    assert written(many(tmp_path, axes)) == (34, 25), "what is of the present state stays"
    assert written(many(tmp_path, axes, seeds=2)) == (18, 9), "and goes with it"


@pytest.mark.slow
def test_many_panels_are_no_files(tmp_path):
    found = many(tmp_path, {"a": 2, "b": 2, "c": 2 * PANELS}, panels="c")
    assert len(found.layout.values["c"]) == 48
    names = {path.name for path in (found.folder / "figures").iterdir()}
    assert names == {"success_difference.png", "rates.png"}
    assert written(found) == (2, 2)
    said = "left out, as there are many: 2 figures (success, error) and 96 matrices (success, error_median); "
    assert said + "--all-files writes them" in str(found).splitlines()


@pytest.mark.slow
def test_many_metrics_are_drawn_as_far_as_there_is_room(tmp_path):
    found = many(tmp_path, {"a": 2, "b": 3}, metrics=53)
    assert written(found) == (MATRICES + 2, FIGURES)
    names = {path.name for path in (found.folder / "figures").iterdir()}
    assert {"success.png", "error.png", "error_1.png", "rates.png"} <= names
