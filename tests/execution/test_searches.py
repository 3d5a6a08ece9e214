"""A search that is cut off goes on to the same trials, whatever cut it off and however many workers there are."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

import nnsweep
from nnsweep.errors import NnsweepError
from nnsweep.execution.events import Event, Listener, Progressed
from nnsweep.execution.options import Options
from nnsweep.execution.wanted import Missing
from nnsweep.folder.paths import Folder
from nnsweep.folder.searched import as_asked
from nnsweep.run_sweep import run_sweep
from nnsweep.store import Store
from tests.helpers import PROJECT, call

TEXT = """
name = "searched"
fixed = { data = "xor", epochs = 4 }
[axes]
alpha = { log_uniform = [0.01, 1] }
hidden = { integers = [2, 4] }
seed = { count = 4 }
[search]
method = "latin_hypercube"
batch = 4
configurations = 14
metric = "loss"
"""
TPE = TEXT.replace("latin_hypercube", "tpe")
KILLS = 10


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(params=[TEXT, TPE], ids=["latin_hypercube", "tpe"])
def text(request):
    if request.param == TPE:
        pytest.importorskip("optuna")
    return request.param


def run(text: str, results: str, jobs: int = 1, *listeners: Listener) -> nnsweep.Results:
    options = Options(jobs, listeners=listeners)
    return run_sweep(nnsweep.loads(text), Folder(Path(results) / "searched"), Missing(), options, False, False)


def tables(results: str) -> list[bytes]:
    return [(Path(results) / "searched" / "tables" / name).read_bytes() for name in ("trials.csv", "summary.csv")]


class Stopping(Listener):
    """Ctrl-C after some stacks."""

    def __init__(self, stacks: int) -> None:
        self.left = stacks

    def hear(self, event: Event) -> None:
        self.left -= isinstance(event, Progressed)
        if self.left == 0 and isinstance(event, Progressed):
            raise KeyboardInterrupt


def test_a_search_is_one_run_and_its_best_another_with_fresh_seeds(text):
    found = run(text, "results")
    assert found.trained == 14 * 4
    assert len(found.trials) == 56
    with Store.read(Folder(found.folder).store) as store:
        assert [run["trials"] for run in store.runs()] == [56, 20]
    again = run(text, "results")
    assert (again.trained, again.confirmed) == (0, found.confirmed)


def test_a_search_that_was_finished_asks_nobody_again(text, monkeypatch):
    found = run(text, "results")
    monkeypatch.setattr("nnsweep.trials.search.sampler.PointSampler.ask", None)
    assert as_asked(nnsweep.loads(text), Folder(found.folder)).asked == found.sweep.asked
    again = run(text, "results")
    assert str(again).splitlines()[1:-1] == str(found).splitlines()[1:-1]  # the ends tell what was trained
    assert len(str(again).splitlines()) > 3
    assert (again.trained, again.confirmed) == (0, found.confirmed)
    assert again.trials.equals(found.trials)
    for other in (text.replace("= 14", "= 15"), text.replace("[search]", "batch_size = [1, 2]\n[search]")):
        with pytest.raises(TypeError):  # a larger budget is another search, and so is one over more axes
            run(other, "results")


def test_ctrl_c_leads_to_the_same_trials(text):
    run(text, "whole")
    for stacks in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            run(text, f"cut {stacks}", 1, Stopping(stacks))
        opened = nnsweep.open("searched", f"cut {stacks}")
        assert 0 < (opened.trials["status"] == "ok").sum() < 56
        run(text, f"cut {stacks}")
        assert tables(f"cut {stacks}") == tables("whole")


def test_a_larger_budget_goes_on(text):
    whole = run(text, "whole")
    run(text.replace("= 14", "= 6"), "grown")
    assert run(text, "grown").trained == 8 * 4
    assert tables("grown") == tables("whole")
    assert list(whole.summary.columns[:2]) == ["alpha", "hidden"]


@pytest.mark.slow
def test_the_number_of_workers_changes_nothing(text):
    run(text, "one")
    run(text, "three", 3)
    assert tables("three") == tables("one")


@pytest.mark.slow
def test_kills_at_any_moment_lead_to_the_same_trials(text, capsys):
    """Kill the program at a random moment of its time, and run it again until it comes to its end."""
    Path("grid.toml").write_text(text.replace("epochs = 4", "epochs = 400"), encoding="utf-8")
    command = [sys.executable, "-m", "nnsweep", "run", "grid.toml", "--no-figures", "--jobs", "2", "--results"]
    began = time.monotonic()
    subprocess.run([*command, "whole"], check=True, capture_output=True)
    took, draw, killed = time.monotonic() - began, random.Random(0), 0
    for number in range(KILLS // 5):
        results, left = f"killed {number}", 5
        while True:
            process = subprocess.Popen([*command, results], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            try:
                _, said = process.communicate(timeout=draw.uniform(0.1, 0.6) * took if left else None)
                assert process.returncode == 0, said
                break
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                killed, left = killed + 1, left - 1
        assert tables(results) == tables("whole")
    with capsys.disabled():
        print(f"{killed} kills of searches, 0 led to other trials")
    assert killed


def fresh(alpha: float, hidden: int) -> nnsweep.Results:
    """The trials that confirm a configuration, as a grid of their own."""
    seeds = {"count": 20, "start": 4}
    axes = {"alpha": [alpha], "hidden": [hidden], "seed": seeds}
    return nnsweep.run(
        nnsweep.sweep("fresh", fixed={"data": "xor", "epochs": 4}, axes=axes), "elsewhere", figures=False
    )


def test_the_best_is_confirmed_on_fresh_seeds_and_both_figures_are_told():
    """No interval is that of the seeds which chose the best; that of the fresh ones is the summary's of a grid."""
    found = run(TEXT, "results")
    table = found.summary.sort_values("loss_median").to_dict("records")[0]
    row = fresh(table["alpha"], table["hidden"]).summary.iloc[0]
    said = str(found).splitlines()
    assert said[1:3] == [
        f"best of 14 configurations (`latin_hypercube`): median loss {table['loss_median']:.4g} "
        f"at alpha = {table['alpha']}, hidden = {table['hidden']}",
        f"On 20 fresh seeds, 4 to 23: median loss {row['loss_median']:.4g} of 20 "
        f"(95 % interval {row['loss_median_low']:.4g} to {row['loss_median_high']:.4g}).",
    ]
    best = str(nnsweep.open("searched", "results").best("loss")).splitlines()
    assert best[0] == (
        f"Best: alpha = {table['alpha']}, hidden = {table['hidden']}: median loss {table['loss_median']:.4g} of 4 "
        "on the seeds that chose it."
    )
    assert not any("interval" in line for line in best)


def test_no_matrix_is_written_of_what_is_no_grid():
    found = run(TEXT, "results")
    names = sorted(path.name for path in (found.folder / "tables").iterdir())
    assert [name for name in names if name != "importances.csv"] == [  # there is none where a surrogate is poor
        "best_so_far.csv",
        "history.csv",
        "summary.csv",
        "trials.csv",
    ]


def test_the_page_counts_what_was_chosen_and_no_grid():
    found = run(TEXT, "results")
    page = found.report().read_text(encoding="utf-8")
    assert f"{len(found.trials)}, chosen by `latin_hypercube`" in page
    assert "×" not in page.partition("The answer")[0].partition("What was asked")[2]


def test_nothing_is_confirmed_that_cannot_be():
    assert run(TEXT.replace("[search]", "[search]\nconfirm = 0"), "none").confirmed == ""
    text = TEXT.replace("seed = { count = 4 }\n", "")
    said = "The sweep has no axis of seeds: the best configuration is not confirmed on fresh ones."
    assert run(text, "single").confirmed == said


def test_what_led_the_search_is_told():
    pytest.importorskip("optuna")
    run(TPE, "results")
    said = "These seeds also led the search to its configurations, so that all of them look better than they are."
    assert said in str(nnsweep.open("searched", "results").best("loss")).splitlines()


def test_verbs_know_what_was_searched(capsys):
    """By the name and by the file: what was asked for is the sweep."""
    Path("grid.toml").write_text(TEXT, encoding="utf-8")
    run(TEXT, "results")
    for source in ("searched", "grid.toml"):
        assert call(capsys, "best", source, "--metric", "loss")[1].startswith("Best: alpha = ")
    code, out, err = call(capsys, "plan", "grid.toml")
    assert (code, out, err) == (0, "searched: nothing to train, 56 trials stored\n", "")
    message = "Error: searched: a search has no shards, because what it tries depends on all that came before; "
    assert call(capsys, "run", "grid.toml", "--shard", "1/2")[2] == f"{message}run it with --jobs\n"
    assert call(capsys, "submit", "grid.toml", "--slurm")[2] == f"{message}run it with --jobs\n"


def test_a_searched_sweep_that_is_laid_as_a_grid_shares_its_trials():
    found = run(TEXT, "results")
    alpha, hidden = found.summary["alpha"][0], found.summary["hidden"][0]
    grid = nnsweep.sweep(
        "grid", fixed={"data": "xor", "epochs": 4}, axes={"alpha": [alpha], "hidden": [hidden], "seed": {"count": 5}}
    )
    again = nnsweep.run(grid, "results", figures=False)
    assert (again.trained, again.work and dict(again.work.copied)) == (1, {"results/searched": 4})


@pytest.mark.slow
def test_opened_results_have_all_trials_if_the_last_were_copied():
    """A grid beside it has the last two configurations: that batch trains nothing, and is described too."""
    whole = run(TEXT, "results")
    last = whole.trials.iloc[-2 * 4 :: 4]
    values = {name: last[name].drop_duplicates().tolist() for name in ("alpha", "hidden")}
    grid = f"""
    name = "part"
    fixed = {{ data = "xor", epochs = 4 }}
    axes = {{ alpha = {values["alpha"]}, hidden = {values["hidden"]}, seed = {{ count = 4 }} }}
    """
    nnsweep.run(nnsweep.loads(grid), "other", jobs=1, figures=False)
    assert nnsweep.run(nnsweep.loads(TEXT), "other", jobs=1, figures=False).trained == 12 * 4
    assert nnsweep.open("searched", "other").trials["id"].tolist() == whole.trials["id"].tolist()


def test_what_confirmed_the_best_is_kept():
    found = run(TEXT, "results")
    kept = nnsweep.open("searched", "results").sweep.progress.confirmed
    assert kept == f"{found.best().chosen} {found.confirmed}"
    assert "on the seeds that chose it. On 20 fresh seeds, 4 to 23: " in kept


def test_the_record_is_that_of_the_search_and_of_what_confirms_it_alone():
    def recorded() -> int:
        return json.loads(Path("results/searched/env.json").read_text("utf-8"))["trials"]

    run(TEXT.replace("[search]", "[search]\nconfirm = 3"), "results")
    assert recorded() == 14 * 4
    run(TEXT.replace("[search]", "[search]\nconfirm = 8"), "results")
    assert recorded() == 8 - 3


def test_spaces_are_kept_with_the_results():
    text = TEXT.replace(
        "[search]", 'momentum = { uniform = [0.5, 0.9], only_if = { optimizer = "momentum" } }\n[search]'
    )
    text = text.replace("[axes]", '[axes]\noptimizer = ["sgd", "momentum"]')
    asked = nnsweep.loads(text)
    run(text, "results")
    kept = nnsweep.open("searched", "results").sweep
    for axis in asked.axes:
        found = kept.axis(axis.name)
        assert (found.space, found.only_if) == (axis.space, axis.only_if)
    assert kept.axis("momentum").default == asked.axis("momentum").default
    assert kept.search.seed == asked.search.seed


def skewed(wild="no", seed=0):
    """The median of the wild ones is better, the mean of the others."""
    return {"loss": {"yes": 9.0 if seed % 4 == 0 else 0.0, "no": 1.0 + seed / 100}[wild]}


def test_the_average_that_led_a_search_also_ranks_it():
    """Seeds 2 to 21 confirm it: their mean is 1.115, and Student's interval 1.115 ± 2.093 × 0.05916 / √20."""
    search = {"method": "random", "configurations": 2, "metric": "loss", "average": "mean"}
    axes = {"wild": ["yes", "no"], "seed": [0, 1]}
    found = nnsweep.run(nnsweep.sweep("skewed", axes=axes, trainer=skewed, search=search), figures=False)
    assert str(found).splitlines()[1:3] == [
        "best of 2 configurations (`random`): mean loss 1.005 at wild = no",
        "On 20 fresh seeds, 2 to 21: mean loss 1.115 of 20 (95 % interval 1.087 to 1.143).",
    ]
    for best in (found.best(), nnsweep.open("skewed").best()):
        assert best.cells["wild"].tolist() == ["no", "yes"]
        assert not [name for name in best.cells if name.endswith(("_low", "_high"))]
        assert str(best).startswith("Best: wild = no: mean loss 1.005 of 2 on the seeds that chose it.")


def without_loss(x=0.5, seed=0):
    return {"accuracy": x}


def test_no_best_is_named_by_another_metric_than_the_search_judges_by():
    search = {"method": "random", "configurations": 3, "metric": "loss"}
    axes = {"x": {"uniform": [0, 1]}, "seed": [0, 1]}
    results = nnsweep.run(nnsweep.sweep("other", axes=axes, trainer=without_loss, search=search), figures=False)
    said = "no best: no trial has `loss`, by which the search judges; measured: accuracy"
    assert said in str(results).splitlines()
    assert "fresh seeds" not in str(results)
    with pytest.raises(NnsweepError, match=r"^other: no metric `loss`; allowed: accuracy$"):
        results.best()
    assert len(results.best(metric="accuracy").cells) == 3
