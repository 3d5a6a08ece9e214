"""Figures of a stored sweep, from the command line: neither trainer nor data are asked."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import nnsweep
from nnsweep import sweepfile
from nnsweep.folder.open import StoredSweep
from nnsweep.report import drawing
from nnsweep.tables.metrics import seen
from tests.helpers import SMALL, call

REPORT = '[report]\nrows = "hidden"\nformats = ["svg"]\n'


@pytest.fixture
def small(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return nnsweep.run(sweepfile.loads(SMALL + REPORT), "results", figures=False)


def test_a_stored_sweep_gives_the_tables_of_its_run(small):
    found = drawing.overview(StoredSweep.open("small", Path("results")))
    pd.testing.assert_frame_equal(found.summary, small.summary)
    pd.testing.assert_frame_equal(found.trials, small.trials)
    assert found.layout == small.layout
    (small.folder / "resolved.json").write_text("[]", encoding="utf-8")
    assert drawing.overview(StoredSweep.open("small", Path("results"))).layout.rows == "epochs"


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["rates"], ["rates.svg"]),
        (["rates", "--against", "alpha", "--format", "png", "--format", "pdf"], ["rates_alpha.png", "rates_alpha.pdf"]),
        (["medians", "--where", "hidden=4", "--metric", "error"], ["medians_error_hidden=4.svg"]),
        (["distribution", "--where", "epochs=3", "--where", "alpha=0.05"], ["distribution_epochs=3_alpha=0.05.svg"]),
        (["marginal"], ["marginal.svg"]),
    ],
)
def test_figures_are_written_beside_the_others(small, capsys, arguments, names):
    kind, *options = arguments
    paths = [small.folder / "figures" / name for name in names]
    told = f"written: {' and '.join(map(str, paths))}\n"
    assert call(capsys, "figure", kind, "small", *options) == (0, told, "")
    assert all(path.stat().st_size > 5_000 for path in paths)


def test_or_into_a_file(small, capsys):
    assert call(capsys, "figure", "rates", "small", "-o", "some/where.pdf") == (0, "written: some/where.pdf\n", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["rates", "small", "--where", "hiden=4"],
            "no axis `hiden`; allowed: alpha, epochs, hidden; did you mean `hidden`?",
        ),
        (["rates", "small", "--where", "hidden"], "--where hidden: allowed: NAME=VALUE, such as hidden=4"),
        (["rates", "small", "--where", "hidden=3"], "no trial with hidden = 3; allowed: 2, 4"),
        (["rates", "small", "--against", "seed"], "no axis `seed`; allowed: alpha, epochs, hidden"),
        (["medians", "small", "--metric", "loss"], "small: no metric `loss`; allowed: error"),
        (["rates", "small", "-o", "x.jpg"], "x.jpg: the suffix .jpg for a figure; allowed: .png, .svg, .pdf"),
        (["rates", "small", "-o", "x.pdf", "--format", "pdf"], "--format and --output: allowed: one of them"),
        (
            ["rates", "smal"],
            "`smal`: nothing of that name is stored in results; allowed: a sweep file, a results folder, small; "
            "did you mean `small`?",
        ),
    ],
)
def test_what_cannot_be_drawn_is_said(small, capsys, arguments, message):
    assert call(capsys, "figure", *arguments) == (2, "", f"Error: {message}\n")
    assert not list((small.folder / "figures").iterdir())


def test_cells_that_have_other_metrics_only_are_not_judged():
    nan = float("nan")
    table = {
        "a": np.array([1, 1, 2, 2, 3, 3]),
        "error": np.array([0.5, nan, nan, nan, nan, nan]),
        "loss": np.array([1.0, nan, 2.0, nan, nan, nan]),
    }
    assert seen(table, ["a"], ["error", "loss"], "error").tolist() == [True, True, False, False, True, True]
    assert seen(table, ["a"], ["error", "loss"], None).tolist() == [False] * 6
