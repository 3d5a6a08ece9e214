"""A run that finds nothing changed says what the last one found, and reads no trial."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import nnsweep
from nnsweep.store import Store, find_seal
from tests.helpers import SMALL, call, files

FOLDER, GRID = Path("results/small"), Path("grid.toml")


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A folder in which the sweep was run, and what a second run said when it knew nothing of the first one's words."""
    place = tmp_path_factory.mktemp("ran")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        GRID.write_text(SMALL, encoding="utf-8")
        nnsweep.run(GRID, figures=False)
        (FOLDER / "trials.db-last").unlink()
        said = str(nnsweep.run(GRID, figures=False))
        shutil.copytree("results", "kept")
    return place, said


@pytest.fixture
def said(ran, monkeypatch):
    monkeypatch.chdir(ran[0])
    shutil.rmtree("results")
    shutil.copytree("kept", "results")
    GRID.write_text(SMALL, encoding="utf-8")
    return ran[1]


def forbid(monkeypatch):
    """Let nobody read trials, or write tables."""
    monkeypatch.setattr(Store, "columns", None)
    monkeypatch.setattr("nnsweep.results.Results.write", None)


def test_it_says_and_writes_the_same(said, monkeypatch, capsys):
    before = files(FOLDER)
    with monkeypatch.context() as patch:
        forbid(patch)
        assert call(capsys, GRID, "--no-figures") == (0, f"{said}\n", "")
    assert said.startswith("small: nothing to train, 48 trials stored\n")
    assert files(FOLDER) == before


def test_its_results_are_read_when_they_are_asked_for(said, monkeypatch):
    with monkeypatch.context() as patch:
        forbid(patch)
        found = nnsweep.run(GRID, figures=False)
        assert (found.trained, found.failed, found.metrics, str(found)) == (0, 0, ["error"], said)
    assert list(found.trials["id"]) == list(nnsweep.open("small").trials["id"])
    assert found.summary.equals(nnsweep.open("small").summary)


def edit_sweep():
    GRID.write_text(SMALL.replace('name = "small"', 'name = "small"\ndescription = "what it is"'), encoding="utf-8")


def comment_on_sweep():
    GRID.write_text(f"# a comment\n{SMALL}", encoding="utf-8")


def edit_success():
    GRID.write_text(SMALL.replace("below = 0.3", "below = 0.4"), encoding="utf-8")


def add_trials():
    GRID.write_text(SMALL.replace("count = 4", "count = 5"), encoding="utf-8")


def edit_table():
    (FOLDER / "tables" / "summary.csv").write_text("mine", encoding="utf-8")


def remove_table():
    (FOLDER / "tables" / "trials.csv").unlink()


def remove_manifest():
    (FOLDER / "manifest.json").unlink()


def remove_record():
    (FOLDER / "trials.db-count").unlink()


def add_page():
    (FOLDER / "report.html").write_text("an older page", encoding="utf-8")


def edit_words():
    path = FOLDER / "trials.db-last"
    path.write_bytes(path.read_bytes().replace(b"48 trials", b"49 trials"))


def empty_words():
    (FOLDER / "trials.db-last").write_bytes(b"")


def write_store():
    with closing(sqlite3.connect(FOLDER / "trials.db")) as connection:
        connection.execute("create table mine (number)")
        connection.commit()


CHANGES = [edit_sweep, comment_on_sweep, edit_success, add_trials, edit_table, remove_table, remove_manifest]
CHANGES += [remove_record, add_page, edit_words, empty_words, write_store]


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_has_changed_it_reads_all_again(said, change):
    change()
    read = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "columns", lambda *given, whole=Store.columns: read.append(1) or whole(*given))
        first = str(nnsweep.run(GRID, figures=False))
    assert read
    after = files(FOLDER)
    (FOLDER / "trials.db-last").unlink()
    again = str(nnsweep.run(GRID, figures=False))
    tables = {name: content for name, content in files(FOLDER).items() if name.startswith("tables/")}
    assert {name: content for name, content in after.items() if name.startswith("tables/")} == tables
    assert str(nnsweep.run(GRID, figures=False)) == again
    if change not in (add_trials, remove_manifest, edit_table):
        assert first == again


def test_a_row_of_an_earlier_form_that_was_damaged_is_never_sealed(said):
    with closing(sqlite3.connect(FOLDER / "trials.db")) as connection:
        connection.execute("update trial set m1 = 0.125 where number = 48")
        connection.commit()
    GRID.write_text(SMALL.replace("epochs = { from = 1, to = 3 }", "epochs = [1, 2]"), encoding="utf-8")
    for _ in range(2):
        assert nnsweep.run(GRID, figures=False).trained == 0
        assert find_seal(FOLDER / "trials.db") == ""
