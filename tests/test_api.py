"""The Python interface: what runs, what does not run again, and what comes back."""

import sqlite3

import numpy as np
import pandas as pd
import pytest

import nnsweep
from nnsweep import spec
from nnsweep.store import Store
from nnsweep.trainers import load as load_trainer
from tests.helpers import SMALL, files


def sweep(*overrides):
    return spec.loads(SMALL, overrides=overrides)


@pytest.fixture
def trained(monkeypatch):
    """Count the trials that the trainer is asked for."""
    asked: list[int] = []
    trainer = load_trainer("mlp")
    train = type(trainer).train

    def counted(self, stack):
        asked.append(len(stack))
        return train(self, stack)

    monkeypatch.setattr(type(trainer), "train", counted)
    return asked


def test_a_second_run_trains_nothing(tmp_path, trained):
    first = nnsweep.run(sweep(), tmp_path)
    assert (first.trained, sum(trained)) == (48, 48)
    before = files(tmp_path / "small")
    trained.clear()
    second = nnsweep.run(sweep(), tmp_path)
    assert (second.trained, trained) == (0, [])
    pd.testing.assert_frame_equal(second.trials, first.trials)
    after = files(tmp_path / "small")
    assert {name: after[name] for name in after if name != "trials.db"} == {
        name: before[name] for name in before if name != "trials.db"
    }


def test_a_grid_that_grows_trains_only_what_is_new(tmp_path, trained):
    nnsweep.run(sweep(), tmp_path, figures=False)
    for override, new in (("alpha=0.01,0.05,0.002", 24), ("seed={count=5}", 12), ("hidden=4,2", 0)):
        trained.clear()
        asked = nnsweep.plan(sweep(override), tmp_path)
        assert (asked.new, asked.new + asked.cached) == (new, 48 + new)
        assert nnsweep.run(sweep(override), tmp_path, figures=False).trained == sum(trained) == new


def test_growing_gives_what_running_all_at_once_gives(tmp_path):
    nnsweep.run(sweep("seed={count=2}", "epochs=1,2"), tmp_path / "grown", figures=False)
    grown = nnsweep.run(sweep(), tmp_path / "grown", figures=False)
    whole = nnsweep.run(sweep(), tmp_path / "whole", figures=False)
    assert (grown.trained, whole.trained) == (32, 48)
    assert files(grown.folder / "tables") == files(whole.folder / "tables")


def test_workers_give_what_one_process_gives(tmp_path):
    one = nnsweep.run(sweep(), tmp_path / "one", figures=False, jobs=1)
    two = nnsweep.run(sweep(), tmp_path / "two", figures=False, jobs=2)
    assert files(one.folder / "tables") == files(two.folder / "tables")
    with Store.open(one.folder / "trials.db") as a, Store.open(two.folder / "trials.db") as b:
        ids = a.ids()
        assert ids == b.ids()
        for id in ids:
            left, right = a.outcomes([id])[id], b.outcomes([id])[id]
            assert (left.status, left.metrics, left.history) == (right.status, right.metrics, right.history)


def test_results(tmp_path):
    results = nnsweep.run(sweep(), tmp_path, figures=False)
    tensor = results.tensor("error")
    assert tensor.shape == (2, 3, 2, 4)
    row = results.trials.query("alpha == 0.05 and epochs == 2 and hidden == 4 and seed == 3")
    assert tensor[1, 1, 1, 3] == row["error"].item()
    np.testing.assert_array_equal(
        results.matrix("successes", hidden=4).to_numpy(),
        (tensor[:, :, 1] < 0.3).sum(axis=-1).T
        if results.layout.rows == "epochs"
        else (tensor[:, :, 1] < 0.3).sum(axis=-1),
    )
    assert list(results.figures) == ["success", "error", "success_difference"]
    assert len(results.figure("success").axes) == 3


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda r: r.matrix("successes", hidden=3), "no panel {'hidden': 3}; allowed: hidden=2; hidden=4"),
        (lambda r: r.tensor("loss"), "no metric `loss`; allowed: error"),
        (lambda r: r.figure("pie"), "no figure `pie`; allowed: success, error, success_difference"),
    ],
)
def test_asking_for_what_is_not_there(tmp_path, ask, message):
    results = nnsweep.run(sweep("seed={count=2}"), tmp_path, figures=False)
    with pytest.raises(nnsweep.NnsweepError) as caught:
        ask(results)
    assert str(caught.value) == message


def test_figures_follow_the_tables(tmp_path):
    folder = nnsweep.run(sweep(), tmp_path).folder
    drawn = files(folder / "figures")
    assert sorted(drawn) == ["error.png", "success.png", "success_difference.png"]
    nnsweep.run(sweep("seed={count=6}"), tmp_path, figures=False)
    assert files(folder / "figures") == drawn
    nnsweep.run(sweep("seed={count=6}"), tmp_path)
    assert files(folder / "figures")["success.png"] != drawn["success.png"]
    nnsweep.run(sweep(), tmp_path)
    assert files(folder / "figures") == drawn


def test_fresh_keeps_the_store_aside(tmp_path):
    nnsweep.run(sweep(), tmp_path, figures=False)
    again = nnsweep.run(sweep(), tmp_path, figures=False, fresh=True)
    assert again.trained == 48
    stores = sorted(again.folder.glob("trials*.db"))
    assert len(stores) == 2
    for store in stores:
        with Store.open(store) as opened:
            assert len(opened.ids()) == 48


def test_the_store_is_one_file_that_any_tool_reads(tmp_path):
    results = nnsweep.run(sweep(), tmp_path, figures=False)
    assert [path.name for path in results.folder.glob("*.db*")] == ["trials.db"]
    with sqlite3.connect(results.folder / "trials.db") as database:
        found = pd.read_sql("select alpha, epochs, hidden, seed, error from results", database)
    database.close()
    pd.testing.assert_frame_equal(
        found, results.trials[["alpha", "epochs", "hidden", "seed", "error"]], check_dtype=False
    )


def test_the_package_offers_its_interface_without_importing_it():
    assert set(dir(nnsweep)) >= {"NnsweepError"}
    with pytest.raises(AttributeError, match="module 'nnsweep' has no attribute 'nothing'"):
        _ = nnsweep.nothing


def test_a_notebook_shows_a_figure_without_pyplot(tmp_path):
    figure = nnsweep.run(sweep("seed={count=2}"), tmp_path, figures=False).figure("success")
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_an_axis_that_a_table_could_not_name_is_refused_before_anything_is_trained(tmp_path, trained):
    from dataclasses import replace

    axis = replace(sweep().axes[0], name="rate")
    with pytest.raises(nnsweep.SpecError, match="axis `rate`: the tables have another column of this name"):
        nnsweep.run(replace(sweep(), axes=(axis, *sweep().axes[1:])), tmp_path)
    assert trained == []
