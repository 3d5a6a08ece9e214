"""The Python interface: what runs, what does not run again, and what comes back."""

import math
import os
import sqlite3
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import nnsweep
from nnsweep import sweepfile
from nnsweep.store import Store
from nnsweep.trainers import load as load_trainer
from tests.helpers import PROJECT, SMALL, files


def sweep(*overrides):
    return sweepfile.loads(SMALL, overrides=overrides)


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
    assert list(results.figures) == ["success", "error", "success_difference", "rates"]
    assert len(results.figure("success").axes) == 3


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda r: r.matrix("successes", hidden=3), "no trial with hidden = 3; allowed: 2, 4"),
        (lambda r: r.tensor("loss"), "no metric `loss`; allowed: error"),
        (
            lambda r: r.figure("pie"),
            "no figure `pie`; allowed: success, error, success_difference, rates, medians, distribution, marginal, "
            "best_so_far, axes, parallel, importances, contour, pareto, stages",
        ),
        (lambda r: r.figure("medians", metric="loss"), "small: no metric `loss`; allowed: error"),
        (
            lambda r: r.figure("success", hidden=4),
            "figure `success` takes no options; those that do: rates, medians, distribution, marginal, best_so_far, "
            "axes, parallel, importances, contour, pareto, stages",
        ),
    ],
)
def test_asking_for_what_is_not_there(tmp_path, ask, message):
    results = nnsweep.run(sweep("seed={count=2}"), tmp_path, figures=False)
    with pytest.raises(nnsweep.NnsweepError) as caught:
        ask(results)
    assert str(caught.value) == message


def test_figures_of_a_part_of_a_sweep(tmp_path):
    results = nnsweep.run(sweep(), tmp_path, figures=False)
    figure = results.figure("distribution", metric="error", hidden=4, epochs=3)
    assert figure.texts[0].get_text() == "small: error of each of 4 seeds, hidden = 4, epochs = 3"
    assert [panel.get_xlabel() for panel in results.figure("rates", against="alpha").axes] == ["alpha"] * 3


@pytest.mark.slow
def test_figures_are_saved_in_the_formats_asked_for(tmp_path):
    asked = sweepfile.loads(SMALL + '[report]\nformats = ["svg", "pdf"]\n')
    folder = nnsweep.run(asked, tmp_path).folder / "figures"
    names = ("error", "rates", "success", "success_difference")
    assert sorted(path.name for path in folder.iterdir()) == [f"{n}.{form}" for n in names for form in ("pdf", "svg")]
    assert all(path.read_bytes().startswith(b"%PDF") for path in folder.glob("*.pdf"))
    assert all(b"<svg" in path.read_bytes() for path in folder.glob("*.svg"))


def test_figures_follow_the_tables(tmp_path):
    folder = nnsweep.run(sweep(), tmp_path).folder
    drawn = files(folder / "figures")
    assert sorted(drawn) == ["error.png", "rates.png", "success.png", "success_difference.png"]
    nnsweep.run(sweep("seed={count=6}"), tmp_path, figures=False)
    assert files(folder / "figures") == drawn
    nnsweep.run(sweep("seed={count=6}"), tmp_path)
    assert files(folder / "figures")["success.png"] != drawn["success.png"]
    nnsweep.run(sweep(), tmp_path)
    assert files(folder / "figures") == drawn


LEARNING = """
name = "learning"

[fixed]
data = "xor"
split = "all"
output = "identity"
epochs = 6

[axes]
alpha = [0.1, 0.2, 1e9]
hidden = [2, 4]
activation = ["relu", "tanh"]
init = ["normal", "he"]
seed = { count = 3 }
"""


def learning(*overrides):
    return sweepfile.loads(LEARNING, overrides=overrides)


def test_history_is_a_table_and_curves(tmp_path):
    results = nnsweep.run(learning("metrics=[['loss', 'train_loss']]", "init=he"), tmp_path)
    assert list(results.figures) == ["loss", "loss_difference", "curves_loss"]
    assert results.history.groupby(["alpha", "hidden", "activation"])["epoch"].max()[0.1, 2, "relu"] == 6
    written = pd.read_csv(results.folder / "tables" / "history.csv")
    pd.testing.assert_frame_equal(written, results.history, check_dtype=False)
    figure = results.figure("curves_loss")
    lines = [panel.get_title(loc="left") for panel in figure.axes]
    assert lines == [f"activation = {name}, hidden = {width}" for name in ("relu", "tanh") for width in (2, 4)]
    assert figure.texts[0].get_text() == "learning: loss, median of 3 seeds; bands hold the middle half"
    assert "diverged and count up to there." in figure.texts[1].get_text()


@pytest.mark.parametrize(
    ("seeds", "alphas", "shown"), [(10, "0.1,0.2,0.3", True), (9, "0.1,0.2,0.3", False), (10, "0.1,0.2,0.3,0.4", False)]
)
def test_few_curves_of_many_seeds_show_the_interval_of_their_median(tmp_path, seeds, alphas, shown):
    asked = (
        f"seed={{count={seeds}}}",
        f"alpha={alphas}",
        "hidden=2",
        "activation=relu",
        "init=he",
        "metrics=[['loss']]",
    )
    figure = nnsweep.run(learning(*asked), tmp_path, figures=False).figure("curves_loss")
    said = [text.get_text() for text in figure.texts[1:]]
    assert said == (["Darker: 95 % interval of the median, a bootstrap over the seeds."] if shown else [])
    assert len(figure.axes[0].collections) == len(alphas.split(",")) * (2 if shown else 1)


def test_pages_of_curves_are_named_as_those_of_heatmaps(tmp_path):
    results = nnsweep.run(learning("metrics=[['train_loss']]"), tmp_path, figures=False)
    kinds = ("train_loss", "train_loss_difference", "curves_train_loss")
    pages = [f"{kind}_init={init}" for init in ("normal", "he") for kind in kinds]
    assert list(results.figures) == [*pages, "marginal"]


def test_a_page_whose_trials_diverged_at_once_has_no_curves(tmp_path):
    text = (
        LEARNING.replace('init = ["normal", "he"]', "")
        + """
[cases]
learns = {}
diverges = { init_std = 1e200, init = "normal" }
"""
    )
    results = nnsweep.run(sweepfile.loads(text, overrides=("metrics=[['loss']]", "alpha=0.1,0.2")), tmp_path)
    assert set(results.trials.query("case == 'diverges'")["status"]) == {"diverged"}
    assert [name for name in results.figures if name.startswith("curves")] == ["curves_loss_case=learns"]


@pytest.mark.parametrize(
    ("option", "said"),
    [
        *(
            ({"jobs": jobs}, f"`jobs`: found {jobs!r}; allowed: a whole number of at least 1")
            for jobs in (0, -1, 1.5, True)
        ),
        *(
            ({"timeout": timeout}, f"`timeout`: found {timeout!r}; allowed: a finite number of seconds, greater than 0")
            for timeout in (0, -1, math.nan, math.inf, "1", True)
        ),
        ({"listeners": [print]}, f"`listeners`: found {print!r}; allowed: objects of subclasses of `Listener`"),
    ],
    ids=str,
)
def test_options_of_a_run_are_checked_before_anything_is_stored(tmp_path, option, said):
    sweep = nnsweep.loads(SMALL)
    for use in (nnsweep.run, nnsweep.retry):
        with pytest.raises(nnsweep.SpecError) as caught:
            use(sweep, tmp_path / "results", figures=False, **option)
        assert str(caught.value) == said
    if "jobs" in option:
        with pytest.raises(nnsweep.SpecError) as caught:
            nnsweep.plan(sweep, tmp_path / "results", **option)
        assert str(caught.value) == said
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    ("use", "said"),
    [
        *(
            (lambda use=use: use(5), "`sweep`: found a value of type int; allowed: a sweep, the path of its file, or a "
             "dict of its tables")
            for use in (nnsweep.run, nnsweep.plan, nnsweep.retry, nnsweep.accept)
        ),
        (lambda: nnsweep.loads(b"name = 'x'"), "`text`: found a value of type bytes; allowed: text"),
        (lambda: nnsweep.import_runs([]), "`source`: found a value of type list; allowed: text such as csv:FILE"),
        (lambda: nnsweep.merge("nowhere"), "nowhere: no sweep is stored there"),
    ],
)  # fmt: skip
def test_what_is_no_sweep_is_refused(use, said):
    with pytest.raises(nnsweep.NnsweepError) as caught:
        use()
    assert str(caught.value) == said


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
    assert sorted(path.name for path in results.folder.glob("*.db*")) == [
        "trials.db",
        "trials.db-count",
        "trials.db-last",
    ]
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


@pytest.mark.slow
def test_a_grid_of_ten_million_trials_is_planned_in_little_memory(tmp_path):
    """Measured in a process of its own, with small blocks of columns: no trial is made."""
    text = """
    name = "vast"
    [fixed]
    data = "xor"
    hidden = 2
    [axes]
    alpha = { linspace = [0.001, 0.1], num = 10_000 }
    epochs = { from = 1, to = 10 }
    seed = { count = 100 }
    """
    script = (
        "import nnsweep, sys\nfrom nnsweep.execution.forecast import peak_memory\n"
        "plan = nnsweep.plan(nnsweep.loads(sys.argv[1]), 'nowhere', jobs=1)\n"
        "print(plan.new, plan.trainings, peak_memory())"
    )
    command = [sys.executable, "-c", script, text]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(PROJECT)}, capture_output=True, text=True, check=True
    )
    new, trainings, memory = done.stdout.split()
    assert (new, trainings) == ("10000000", "1000000")
    assert memory == "None" or int(memory) < 1e9
