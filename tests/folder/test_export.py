"""`nnsweep export`: the trials of a store as a table."""

import json
import shutil
from dataclasses import replace
from importlib.util import find_spec
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from nnsweep.design.sweep import Success
from nnsweep.folder import export
from nnsweep.store import Store
from nnsweep.tables.columns import column
from nnsweep.trainers.protocol import Outcome
from tests.helpers import call, files
from tests.helpers.fake_trials import TRAINER, sweep, trial


@pytest.fixture
def results(small):
    return small.parent / "results"


def test_it_is_the_table_that_the_run_wrote(results, capsys):
    table = (results / "small" / "tables" / "trials.csv").read_text(encoding="utf-8")
    before = files(results)
    assert call(capsys, "export", "small") == (0, table, "")
    assert call(capsys, "export", "grid.toml") == (0, table, "")
    assert call(capsys, "export", "small", "-o", "out.csv") == (
        0, "written: out.csv, 48 of 48 trials of results/small\n", "",
    )  # fmt: skip
    assert Path("out.csv").read_text(encoding="utf-8") == table
    assert files(results) == before


def test_the_store_is_all_that_is_needed(results, capsys, monkeypatch):
    def load(name):
        raise AssertionError("a name in a store must not import a module")

    # In this order: the module of the first is imported here, and is to take the real one.
    monkeypatch.setattr("nnsweep.questions.trial.inspection.load_trainer", load)
    monkeypatch.setattr("nnsweep.trainers.load", load)
    shutil.rmtree(results / "small" / "tables")
    for name in ("grid.toml", "resolved.json"):
        (results / "small" / name).unlink()
    assert call(capsys, "export", "small", "--where", "seed=1")[1].count("\n") == 13
    assert call(capsys, "ls")[0] == 0


def test_conditions_and_columns(results, capsys):
    code, out, _ = call(
        capsys, "export", "small", "--where", "hidden=4", "--where", "alpha=5e-2",
        "--columns", "id, seed,train_size,hidden,data,seconds,failure,metrics",
    )  # fmt: skip
    table = pd.read_csv(StringIO(out))
    assert code == 0
    assert list(table.columns) == ["id", "seed", "train_size", "hidden", "data", "seconds", "failure", "metrics"]
    assert len(table) == 12
    assert set(table["hidden"]) == {4}
    assert (set(table["train_size"]), set(table["data"]), set(table["metrics"])) == ({50}, {"parabolas"}, {"error"})
    assert table["failure"].isna().all()
    assert (table["seconds"] > 0).all()


def test_json_keeps_every_digit(results, capsys):
    trials = json.loads(call(capsys, "export", "small", "--format", "json")[1])
    table = pd.read_csv(results / "small" / "tables" / "trials.csv")
    assert [each["error"] for each in trials] == table["error"].tolist()
    assert trials[0].keys() == set(table.columns)
    assert call(capsys, "export", "small", "-o", "out.json")[0] == 0
    assert json.loads(Path("out.json").read_text(encoding="utf-8")) == trials


def test_a_trial_that_is_not_there_yet(tmp_path, capsys):
    trials = [trial(0, alpha=0.5), trial(1, alpha=0.25)]
    with Store.open(tmp_path / "fake" / "trials.db") as store:
        run = store.begin_run({}, "")
        store.write(run, TRAINER, [(trials[0], Outcome("ok", {"error": 0.1}, {}, 2.0))])
        store.describe(sweep(["alpha"], trials=trials), ["error"], trials)
    arguments = ("export", "fake", "--results", tmp_path)
    assert call(capsys, *arguments)[1] == (
        "id,alpha,status,error,signature\n0000000000000000,0.5,ok,0.1,\n0000000000000001,0.25,missing,,\n"
    )
    assert call(capsys, *arguments, "--columns", "number,seconds,alpha", "--format", "json")[1] == (
        '[\n{"number": 0.0, "seconds": 2.0, "alpha": 0.5},\n{"number": null, "seconds": null, "alpha": 0.25}\n]\n'
    )


def test_a_trial_that_is_not_there_yet_is_neither_success_nor_failure(tmp_path, capsys):
    trials = [trial(number, alpha=alpha) for number, alpha in enumerate([0.5, 0.25, 0.125])]
    with Store.open(tmp_path / "fake" / "trials.db") as store:
        run = store.begin_run({}, "")
        ended = [(trials[0], Outcome("ok", {"error": 0.1}, {}, 2.0)), (trials[1], Outcome("diverged"))]
        store.write(run, TRAINER, ended)
        judged = replace(sweep(["alpha"], trials=trials), success=Success("error", below=0.2))
        store.describe(judged, ["error"], trials)
    arguments = ("export", "fake", "--results", tmp_path, "--columns", "alpha,success")
    assert call(capsys, *arguments)[1] == "alpha,success\n0.5,True\n0.25,False\n0.125,\n"
    assert [each["success"] for each in json.loads(call(capsys, *arguments, "--format", "json")[1])] == [
        True,
        False,
        None,
    ]
    written = tmp_path / "out.csv"
    root = tmp_path / "fake"
    assert (
        call(capsys, *arguments, "-o", written)[1]
        == f"written: {written}, 3 of 3 trials of {root}; not stored: 1 of them\n"
    )
    told = call(capsys, *arguments, "-o", written, "--where", "alpha=0.5")[1]
    assert told == f"written: {written}, 1 of 3 trials of {root}\n"


def test_nothing_that_is_stored_becomes_a_formula_or_runs(tmp_path, capsys):
    evil = ["=cmd|'/c calc'!A0", "@SUM(A1)", "+1+1", "-2+3", "\tx", "__import__('os').system('x')"]
    trials = [trial(number, name=text) for number, text in enumerate(evil)]
    with Store.open(tmp_path / "fake" / "trials.db") as store:
        run = store.begin_run({}, "")
        store.write(
            run, TRAINER, [(each, Outcome("failed", failure=text)) for each, text in zip(trials, evil, strict=True)]
        )
        store.describe(sweep(["name"], trials=trials), [], trials)
    out = call(capsys, "export", "fake", "--results", tmp_path, "--columns", "name,failure")[1]
    found = pd.read_csv(StringIO(out))
    assert found["failure"].tolist() == [f"'{text}" for text in evil[:5]] + evil[5:]
    assert found["name"].tolist() == [f"'{text}" for text in evil[:4]] + ['"\\tx"'] + evil[5:]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"],
         "`nothing`: nothing of that name is stored in results; allowed: a sweep file, a results folder, small"),
        (["smal", "--results", "none"],
         "`smal`: nothing of that name is stored in none; allowed: a sweep file, a results folder"),
        (["smal"],
         "`smal`: nothing of that name is stored in results; allowed: a sweep file, a results folder, small; "
         "did you mean `small`?"),
        (["../small"],
         "`../small`: nothing of that name is stored in results; allowed: a sweep file, a results folder, small"
         "; did you mean `small`?"),
        (["../results/small"],
         "`../results/small`: nothing of that name is stored in results; allowed: a sweep file, a results folder, "
         "small"),
        ([".."],
         "`..`: nothing of that name is stored in results; allowed: a sweep file, a results folder, small"),
        (["small", "--where", "hiden=2"],
         "no axis `hiden`; allowed: alpha, epochs, hidden, seed; did you mean `hidden`?"),
        (["small", "--where", "hidden=3"], "no trial with hidden = 3; allowed: 2, 4"),
        (["small", "--format", "parquet"], "parquet is no text; name a file with --output"),
        (["small", "-o", "no/out.csv"],
         "no/out.csv: No such file or directory; stored trials are safe"),
    ],
)  # fmt: skip
def test_what_cannot_be_exported(results, capsys, arguments, message):
    assert call(capsys, "export", *arguments) == (2, "", f"Error: {message}\n")


def test_a_folder_is_where_it_is_and_not_below_the_results_folder(results, capsys):
    inner = results / "inner"
    inner.mkdir()
    for name in ("../small", "..", ".", "small/../small"):
        assert call(capsys, "export", name, "--results", inner) == (
            2,
            "",
            f"Error: `{name}`: nothing of that name is stored in {inner}; allowed: a sweep file, a results folder\n",
        )


def test_a_column_that_is_not_there(results, capsys):
    code, out, err = call(capsys, "export", "small", "--columns", "id,eror")
    assert (code, out) == (2, "")
    assert err.startswith("Error: no column `eror`; allowed: id, alpha, epochs, hidden, seed, status, error, success, ")
    assert err.endswith("; did you mean `error`?\n")


def test_a_run_that_was_cut_off_is_told_to_go_on(tmp_path, capsys):
    Store.open(tmp_path / "cut" / "trials.db").close()
    assert call(capsys, "export", "cut", "--results", tmp_path) == (
        2,
        "",
        f"Error: {tmp_path / 'cut'}: its only run was interrupted as it began; run the sweep again\n",
    )


def test_parquet_without_pyarrow_says_what_to_install(results, capsys, monkeypatch):
    monkeypatch.setattr("nnsweep.folder.export.find_spec", lambda name: None)
    assert call(capsys, "export", "small", "-o", "out.parquet") == (
        2,
        "",
        'Error: parquet needs pyarrow: pip install "nnsweep[parquet]"; or choose csv or json\n',
    )
    assert not Path("out.parquet").exists()


@pytest.mark.skipif(find_spec("pyarrow") is None, reason="pyarrow is not installed")
def test_parquet(results, capsys):
    assert call(capsys, "export", "small", "-o", "out.parquet")[0] == 0
    table = pd.read_csv(results / "small" / "tables" / "trials.csv", keep_default_na=False)
    pd.testing.assert_frame_equal(pd.read_parquet("out.parquet"), table, check_dtype=False)


def test_excel_has_numbers_as_numbers_and_formulas_as_texts(results, capsys):
    openpyxl = pytest.importorskip("openpyxl")
    assert call(capsys, "export", "small", "-o", "out.xlsx") == (
        0, "written: out.xlsx, 48 of 48 trials of results/small\n", "",
    )  # fmt: skip
    table = pd.read_csv(results / "small" / "tables" / "trials.csv")
    found = pd.read_excel("out.xlsx")
    pd.testing.assert_frame_equal(found, table)
    table = {"name": column(["=1+1", "-2", "plain"]), "n": column([1, 2, 3])}
    export.write(table, Path("texts.xlsx"), "xlsx")
    sheet = openpyxl.load_workbook("texts.xlsx").active
    assert [(cell.value, cell.data_type) for cell in sheet["A"]][1] == ("=1+1", "s")


def test_excel_without_openpyxl_says_what_to_install(results, capsys, monkeypatch):
    monkeypatch.setattr("nnsweep.folder.export.find_spec", lambda name: None)
    assert call(capsys, "export", "small", "-o", "out.xlsx") == (
        2, "", 'Error: xlsx needs openpyxl: pip install "nnsweep[excel]"; or choose csv or json\n',
    )  # fmt: skip


@pytest.mark.parametrize(("name", "found"), [("out.xls", "the ending .xls"), ("out", "no ending")])
def test_an_ending_of_no_format(results, capsys, name, found):
    told = f"Error: {name}: found {found}; allowed: .csv, .json, .parquet, .xlsx, or --format for another name\n"
    assert call(capsys, "export", "small", "-o", name) == (2, "", told)
    assert not Path(name).exists()
    assert call(capsys, "export", "small", "-o", name, "--format", "csv")[0] == 0
