"""What stands in a results folder after a run: the sweep as it is now, and what is the user's."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import nnsweep
from nnsweep import sweepfile
from nnsweep.figures import style
from nnsweep.files import digest_file
from nnsweep.folder import save
from nnsweep.folder.manifest import Manifest
from nnsweep.folder.paths import Folder
from nnsweep.report import missing_figures
from nnsweep.tables.csv_files import write_csv_parts
from tests.helpers import PROJECT, SMALL, SWEEPS, call, files

FIGURES = ["error.png", "rates.png", "success.png", "success_difference.png"]
TABLES = ["error_median_hidden=2.csv", "error_median_hidden=4.csv", "success_hidden=2.csv", "success_hidden=4.csv"]
TABLES += ["summary.csv", "trials.csv"]


def sweep(*overrides, text=SMALL):
    return sweepfile.loads(text, overrides=overrides)


def names(folder):
    return [sorted(path.name for path in (folder / kind).iterdir()) for kind in ("tables", "figures")]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A results folder of a run with figures."""
    return nnsweep.run(sweep(), tmp_path_factory.mktemp("ran")).folder


@pytest.fixture
def folder(results, tmp_path):
    """A copy of it."""
    return shutil.copytree(results, tmp_path / "small")


@pytest.fixture
def drawn(monkeypatch):
    """Name the files that are drawn."""
    found: list[str] = []
    save = missing_figures.save_as

    def counted(make, paths, put):
        save(make, paths, put)
        found.extend(path.name for path in paths)

    monkeypatch.setattr(missing_figures, "save_as", counted)
    return found


def interrupt(monkeypatch, after):
    """Have Ctrl-C come while the figure after so many is drawn."""
    save, count = style.save, iter(range(after + 1))

    def interrupted(figure, path):
        if next(count) == after:
            path.write_bytes(b"half")
            raise KeyboardInterrupt
        save(figure, path)

    monkeypatch.setattr(style, "save", interrupted)


def test_what_a_sweep_no_longer_has_is_removed_and_told(results, grid, capsys):
    folder = Path("results/small")
    shutil.copytree(results, folder)
    assert names(folder) == [TABLES, FIGURES]
    (folder / "tables" / "mine.csv").write_text("mine", encoding="utf-8")
    (folder / "figures" / "success_mine.png").write_bytes(b"mine")
    (folder / "figures" / "success_difference.png").write_bytes(b"changed by hand")
    code, out, err = call(capsys, grid, "--set", "hidden=4")
    assert (code, err) == (0, "")
    assert "removed 4 files that the sweep no longer has: " in out
    assert "tables/error_median_hidden=2.csv, tables/error_median_hidden=4.csv and 2 more\n" in out
    assert "kept 1 file changed since nnsweep wrote them: figures/success_difference.png\n" in out
    assert names(folder) == [
        ["error_median.csv", "mine.csv", "success.csv", "summary.csv", "trials.csv"],
        ["error.png", "rates.png", "success.png", "success_difference.png", "success_mine.png"],
    ]
    assert "changed" not in call(capsys, grid, "--set", "hidden=4")[1], "it is the user's from now on"


def test_what_is_equal_is_not_drawn_again_however_old_its_file_is(tmp_path, drawn):
    folder = nnsweep.run(sweep(), tmp_path).folder
    assert sorted(drawn) == FIGURES
    for path in (folder / "figures").iterdir():
        os.utime(path, (0, 0))
    page = (folder / "report.html").stat().st_mtime_ns
    drawn.clear()
    nnsweep.run(sweep(), tmp_path)
    nnsweep.run(sweep("alpha=0.01,0.05"), tmp_path)
    assert drawn == []
    assert (folder / "report.html").stat().st_mtime_ns == page


def test_only_what_is_not_as_it_was_drawn_is_drawn_again(folder, tmp_path, drawn):
    whole = files(folder / "figures")
    (folder / "figures" / "error.png").unlink()
    (folder / "figures" / "rates.png").write_bytes(b"of another commit")
    nnsweep.run(sweep(), tmp_path)
    assert sorted(drawn) == ["error.png", "rates.png"]
    assert files(folder / "figures") == whole


@pytest.mark.slow
def test_another_format_draws_that_format_alone(folder, tmp_path, drawn):
    nnsweep.run(sweep(text=SMALL + '[report]\nformats = ["png", "svg"]\n'), tmp_path)
    assert sorted(drawn) == [name.replace("png", "svg") for name in FIGURES]
    assert "success.svg" in (folder / "report.html").read_text(encoding="utf-8")
    nnsweep.run(sweep(), tmp_path)
    assert names(folder)[1] == sorted([*FIGURES, *(name.replace("png", "svg") for name in FIGURES)])


def test_a_run_that_draws_the_page_alone(folder, tmp_path, drawn):
    text = SMALL.replace('name = "small"', 'name = "small"\ndescription = "Another question"')
    nnsweep.run(sweep(text=text), tmp_path)
    assert drawn == []
    assert "Another question" in (folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("after", [0, 2])
def test_an_interruption_while_drawing_leaves_nothing_half_and_nothing_old(folder, tmp_path, monkeypatch, drawn, after):
    asked = sweep(text=SMALL + '[report]\nrows = "hidden"\n')
    with monkeypatch.context() as patched:
        interrupt(patched, after)
        with pytest.raises(KeyboardInterrupt):
            nnsweep.run(asked, tmp_path)
    assert len(drawn) == after
    assert list(folder.rglob(".*draft*")) == []
    drawn.clear()
    found = nnsweep.run(asked, tmp_path)
    assert (found.trained, len(drawn)) == (0, 4 - after)
    fresh = nnsweep.run(asked, tmp_path / "fresh").folder
    assert files(folder / "figures") == files(fresh / "figures")
    assert names(folder) == names(fresh)
    drawn.clear()
    nnsweep.run(asked, tmp_path)
    assert drawn == []


@pytest.mark.parametrize("after", [0, 1, 3])
def test_an_interruption_while_tables_are_written_is_made_good_by_any_sweep(tmp_path, monkeypatch, after):
    folder = nnsweep.run(sweep(), tmp_path, figures=False).folder
    for _ in range(2):
        with monkeypatch.context() as patched:
            calls = iter(range(after + 1))

            def interrupted(parts, path, calls=calls):
                path.write_text("half", encoding="utf-8")
                if next(calls) == after:
                    raise KeyboardInterrupt
                write_csv_parts(parts, path)

            patched.setattr(save, "write_csv_parts", interrupted)
            with pytest.raises(KeyboardInterrupt):
                nnsweep.run(sweep("hidden=2,3,4"), tmp_path, figures=False)
        assert list(folder.rglob(".*draft*")) == []
    whole = nnsweep.run(sweep("hidden=4"), tmp_path / "whole", figures=False).folder
    found = nnsweep.run(sweep("hidden=4"), tmp_path, figures=False)
    assert names(folder) == names(whole), "nothing is left of three forms of the sweep"
    assert files(folder / "tables") == files(whole / "tables")
    assert found.written.changed == []


@pytest.mark.slow
def test_an_interruption_before_anything_is_drawn_is_made_good(tmp_path, monkeypatch, drawn):
    nnsweep.run(sweep("hidden=4"), tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(nnsweep.results.Results, "write", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            nnsweep.run(sweep(), tmp_path)
    found = nnsweep.run(sweep(), tmp_path)
    assert (found.trained, names(found.folder)) == (0, [TABLES, FIGURES])


KILLED = """
import os, sys
import seaborn  # so that figures are drawn in this process
from nnsweep.figures import style
from nnsweep.cli import main
save, count = style.save, iter(range(3))
def killed(figure, path):
    save(figure, path)
    if next(count, None) is None:
        os._exit(9)
style.save = killed
main(sys.argv[1:])
"""


@pytest.mark.slow
def test_the_figures_of_a_run_that_was_killed_are_known(grid, capsys):
    done = subprocess.run([sys.executable, "-c", KILLED, str(grid)], env=os.environ | {"PYTHONPATH": str(PROJECT)})
    assert done.returncode == 9
    folder = Path("results/small")
    before = names(folder)[1]
    assert len([name for name in before if not name.startswith(".")]) == 3
    call(capsys, grid, "--set", "hidden=4")
    assert names(folder) == [
        ["error_median.csv", "success.csv", "summary.csv", "trials.csv"],
        ["error.png", "rates.png", "success.png"],
    ]


@pytest.mark.slow
def test_what_other_verbs_made_of_other_results_is_removed(grid, capsys):
    folder = Path("results/small")
    call(capsys, grid)
    call(capsys, "best", grid)
    call(capsys, "compare", grid, "--on", "hidden=2,4")
    call(capsys, "diagnose", grid)
    call(capsys, "figure", "distribution", grid)
    made = ["best.csv", "compare_hidden=2_with_4.csv", "diagnosis.csv"]
    shown = ["compare_hidden=2_with_4.png", "diagnosis.png", "distribution.png"]
    assert names(folder) == [sorted([*TABLES, *made]), sorted([*FIGURES, *shown])]
    call(capsys, grid)
    assert names(folder) == [sorted([*TABLES, *made]), sorted([*FIGURES, *shown])], "they are of these results"
    out = call(capsys, grid, "--set", "seed={count=5}")[1]
    assert "removed 6 files that the sweep no longer has: tables/best.csv, " in out
    assert names(folder) == [TABLES, FIGURES]


@pytest.mark.slow
def test_without_figures_the_old_ones_are_named(grid, capsys):
    call(capsys, grid)
    assert "earlier state" not in call(capsys, grid, "--no-figures")[1]
    out = call(capsys, grid, "--no-figures", "--set", "seed={count=5}")[1]
    assert (
        "these show an earlier state until a run without --no-figures: "
        "figures/error.png, figures/rates.png and 3 more\n" in out
    )
    assert "earlier state" not in call(capsys, grid, "--set", "seed={count=5}")[1]


@pytest.mark.slow
def test_a_folder_without_a_manifest_keeps_what_may_be_the_users(grid, capsys):
    call(capsys, grid)
    folder = Path("results/small")
    (folder / "manifest.json").unlink()
    out = call(capsys, grid, "--set", "hidden=4")[1]
    assert "not of this run, perhaps of an earlier one: " in out
    assert {*TABLES} <= {*names(folder)[0]}
    assert "not of this run" not in call(capsys, grid, "--set", "hidden=4")[1], "it is told once"


@pytest.mark.parametrize(
    "text",
    ["", "[", "[]", '{"format": 2, "state": "", "files": {}}', '{"format": 1, "state": 1, "files": {}}', "[" * 100_000],
)
def test_a_manifest_that_is_none_counts_as_absent(tmp_path, text):
    folder = Folder(tmp_path / "small")
    folder.make()
    folder.manifest.write_text(text, encoding="utf-8")
    assert Manifest.read(folder) == Manifest(folder)
    assert names(nnsweep.run(sweep(), tmp_path, figures=False).folder) == [TABLES, []]


@pytest.mark.parametrize(
    "name", ["../mine.txt", "tables/../../mine.txt", "grid.toml", "tables/..", "/mine.txt", "tables/"]
)
def test_a_manifest_names_nothing_elsewhere(tmp_path, name):
    mine = tmp_path / "mine.txt"
    mine.write_text("mine", encoding="utf-8")
    folder = nnsweep.run(sweep(), tmp_path, figures=False).folder
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"][name] = {"digest": digest_file(mine), "source": ""}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert nnsweep.run(sweep("hidden=4"), tmp_path, figures=False).written.changed == []
    assert mine.exists()
    assert (folder / "grid.toml").exists()


@pytest.mark.parametrize("name", sorted(path.parent.name for path in PROJECT.glob("results/*/manifest.json")))
def test_the_shipped_manifests_are_those_of_the_shipped_files(name):
    folder = PROJECT / "results" / name
    found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    shown = {
        f"{kind}/{each.name}": digest_file(each) for kind in ("tables", "figures") for each in (folder / kind).iterdir()
    }
    assert {name: entry["digest"] for name, entry in found["files"].items()} == shown
    assert {entry["source"] for entry in found["files"].values()} == {found["state"]}


def test_a_run_in_a_checkout_draws_nothing_and_changes_nothing(tmp_path, drawn):
    shipped = PROJECT / "results" / "forum"
    kept = ["grid.toml", "resolved.json", "manifest.json", "tables", "figures"]
    folder = tmp_path / "forum"
    folder.mkdir()
    for name in kept:
        (shutil.copytree if (shipped / name).is_dir() else shutil.copy)(shipped / name, folder / name)
    before = files(folder)
    nnsweep.run(SWEEPS / "forum.toml", tmp_path)
    after = files(folder)
    assert drawn == []
    assert {name: after[name] for name in before} == before
    new = ["env.json", "report.html", "trials.db", "trials.db-count", "trials.db-last"]
    assert sorted(after.keys() - before.keys()) == new


def test_a_manifest_is_written_only_when_it_changes(folder, tmp_path):
    manifest = folder / "manifest.json"
    before = manifest.stat().st_mtime_ns
    nnsweep.run(sweep(), tmp_path)
    nnsweep.run(sweep(), tmp_path, figures=False)
    assert manifest.stat().st_mtime_ns == before
