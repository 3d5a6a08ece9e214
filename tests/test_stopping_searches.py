"""Searches that stop configurations early, from the file to the tables: halving over epochs and races over seeds."""

from __future__ import annotations

import pytest

import nnsweep
from nnsweep.execution.events import Listener, Progressed
from nnsweep.folder.paths import Folder
from nnsweep.store import Store
from nnsweep.trainers import load
from nnsweep.trainers.protocol import Trainer
from nnsweep.trials.ids import to_numbers
from tests.helpers import SWEEPS
from tests.trainers.test_advance import own

HALVING = """
name = "halved"
fixed = { data = "xor", hidden = 4, optimizer = "adam", order = "reshuffled" }
[axes]
alpha = { log_uniform = [0.0001, 10] }
epochs = [2, 6, 18]
seed = { count = 3 }
[search]
method = "halving"
configurations = 9
metric = "loss"
"""
SAVED = (
    "halving of 9 configurations: 6 trained for 2 epochs, 2 trained for 6 epochs, 1 trained for 18 epochs; "
    "126 of 486 epochs, 74 % saved"
)
RACE = """
name = "raced"
fixed = { data = "xor", epochs = 30, order = "reshuffled" }
[axes]
alpha = [1e-9, 0.01, 0.1, 1]
seed = { count = 20 }
[search]
method = "racing"
metric = "loss"
"""


def run(text, folder, **options):
    return nnsweep.run(nnsweep.loads(text), folder, figures=False, **options)


def stored(results):
    """What is stored of each trial, by id, without the hour's seconds."""
    ids = results.trials["id"].tolist()
    with Store.read(Folder(results.folder).store) as store:
        return {id: own(outcome) for id, outcome in store.columns(to_numbers(ids)).chosen(ids).items()}


def ids(results):
    return results.trials["id"].tolist()


def test_halving_continues_trainings_and_says_what_it_did(tmp_path, started):
    results = run(HALVING, tmp_path, jobs=1)
    assert started == [2] * 27
    assert results.trials["epochs"].tolist() == [2] * 27 + [6] * 9 + [18] * 3
    assert SAVED in str(results).splitlines()
    assert SAVED in str(results.best()).splitlines()
    assert "best of 9 configurations (`halving`): median loss " in str(results)
    assert results.compare(on="epochs=2,6").metric == "loss"
    assert results.summary["stopped"].value_counts().to_dict() == {"dropped": 8, "went on": 4, "all epochs": 1}
    assert sorted(path.name for path in results.folder.iterdir() if path.name.startswith(".states")) == []
    alone = load("mlp").train([dict(trial.params) for trial in results._trials])
    assert list(stored(results).values()) == [own(outcome) for outcome in alone]


def test_opened_results_say_the_same(tmp_path):
    ran = run(HALVING, tmp_path, jobs=1)
    opened = nnsweep.open("halved", tmp_path)
    assert SAVED in str(opened).splitlines()
    assert opened.summary["stopped"].tolist() == ran.summary["stopped"].tolist()


@pytest.mark.slow
def test_workers_continue_trainings_that_others_began(tmp_path):
    alone, together = run(HALVING, tmp_path / "1", jobs=1), run(HALVING, tmp_path / "3", jobs=3)
    assert stored(together) == stored(alone)
    assert ids(together) == ids(alone)


class KilledError(Exception):
    """Ends a run as a signal would."""


class KillAfter(Listener):
    def __init__(self, reports):
        self.left = reports

    def hear(self, event):
        if isinstance(event, Progressed):
            self.left -= 1
            if self.left == 0:
                raise KilledError


@pytest.mark.slow
@pytest.mark.parametrize("reports", [1, 2])
def test_a_run_that_was_killed_goes_on_to_the_same_trials(tmp_path, started, reports):
    from nnsweep.execution.options import Options
    from nnsweep.execution.wanted import Missing
    from nnsweep.run_sweep import run_sweep

    whole = run(HALVING, tmp_path / "whole", jobs=1)
    folder = Folder(tmp_path / "killed" / "halved")
    options = Options(jobs=1, listeners=(KillAfter(reports),))
    with pytest.raises(KilledError):
        run_sweep(nnsweep.loads(HALVING), folder, Missing(), options, figures=False, all_files=False)
    (folder.root / ".states-left").mkdir()  # as after a kill that nothing catches
    (folder.root / ".states-left" / "a").write_bytes(b"not read")
    started.clear()
    again = run(HALVING, tmp_path / "killed", jobs=1)
    assert ids(again) == ids(whole)
    assert stored(again) == stored(whole)
    assert not (folder.root / ".states-left").exists()
    # The survivors of the last rung that was stored train from their beginning, once.
    assert started == {1: [6] * 9, 2: [18] * 3}[reports]


def test_a_larger_race_and_the_grid_share_its_trials(tmp_path):
    few = run(RACE + "trainings = 30\nconfirm = 0\n", tmp_path)
    more = run(RACE + "confirm = 0\n", tmp_path)
    assert set(ids(few)) < set(ids(more))
    assert more.trained == len(more.trials) - len(few.trials)
    grid = run(RACE[: RACE.index("[search]")], tmp_path)
    assert grid.trained == 80 - len(more.trials)


def test_the_winner_is_confirmed_on_seeds_that_no_race_will_use(tmp_path):
    results = run(RACE + "trainings = 30\nconfirm = 4\n", tmp_path)
    assert results.trials["seed"].max() < 19
    assert "On 4 fresh seeds, 20 to 23: " in str(results)


def test_a_race_says_what_it_did(tmp_path):
    results = run(RACE, tmp_path)
    line = next(line for line in str(results).splitlines() if line.startswith("race of"))
    trained = len(results.trials)
    assert line.startswith("race of 4 configurations: ")
    assert line.endswith(f"; {trained} of 80 trials, {80 - trained} saved")
    cells = results.summary.set_index("alpha")
    assert cells.loc[1e-9, "stopped"] == "ruled out"
    assert cells.loc[1e-9, "n"] < 20
    assert cells["n"].sum() == trained
    assert set(cells["stopped"]) <= {"ruled out", "won", "kept", "all seeds"}
    best = results.best()
    assert "95 % confidence, over the whole race, of the ranks of loss." in str(best)
    others = sorted({*cells.loc[best.table["alpha"][1:], "n"]})
    said = f"They were not ruled out with the {' to '.join(map(str, others))} seeds that they got; "
    assert (f"{said}more seeds might rule out some." in str(best).splitlines()) == (len(best.table) > 1)
    assert set(best.table["alpha"]) == set(cells.index[cells["stopped"] != "ruled out"])
    assert best.cells["p"].isna().all()
    assert cells.loc[best.cells["alpha"][0], "n"] == cells.loc[cells["stopped"] != "ruled out", "n"].max()
    by_accuracy = results.best("accuracy")  # which the race was not about
    assert by_accuracy.cells["p"].notna().all()


def test_a_plan_says_what_will_be_done(tmp_path):
    from nnsweep.report.plan_text import format_plan

    def planned(text):
        sweep = nnsweep.loads(text)
        return format_plan(sweep, nnsweep.plan(sweep, tmp_path)).splitlines()[:2]

    assert planned(HALVING) == [
        "halved: 39 trials: 39 new, 0 stored",
        "halving: trains 9 for 2 epochs, then 3 for 6 epochs, then 1 for 18 epochs",
    ]
    assert planned(RACE) == [
        "raced: 80 trials: 80 new, 0 stored",
        "race: 4 configurations get 3 seeds each, then more up to 20; those that are ruled out, or likely to "
        "stay among the best, get no more, so that fewer trials may be enough",
    ]


def test_a_plan_draws_no_more_than_it_needs(tmp_path, monkeypatch):
    """The first configurations tell what all of a million cost, and the counts are of all."""

    def planned(configurations):
        text = HALVING.replace("[2, 6, 18]", "[6]").replace("halving", "random")
        text = text.replace("configurations = 9", f"configurations = {configurations}")
        return nnsweep.plan(nnsweep.loads(text), tmp_path)

    whole = planned(600)
    monkeypatch.setattr("nnsweep.folder.searched.MOST_DRAWN", 300)
    part, million = planned(600), planned(1_000_000)
    for plan in (part, million):
        assert sum(len(each.trials) for each in plan.parts) == 300
    assert (part.new, part.trainings, part.histories) == (whole.new, whole.trainings, whole.histories)
    assert sum(part.kinds.values()) == sum(whole.kinds.values()) == 1800
    assert part.cost / 2 < whole.cost < 2 * part.cost
    assert (million.new, million.trainings) == (3_000_000, 3_000_000)
    assert million.cost == pytest.approx(part.cost * 1_000_000 / 600)


@pytest.mark.parametrize(
    ("text", "trials_of"),
    [
        (HALVING, lambda count: 3 * (count + count // 3 + count // 9)),  # three seeds, and a third goes on
        (RACE.replace("[1e-9, 0.01, 0.1, 1]", "{ log_uniform = [0.01, 1] }"), lambda count: 20 * count),
    ],
)
def test_a_plan_of_a_large_race_or_halving_draws_a_part_of_it(tmp_path, monkeypatch, text, trials_of):
    """A ninth of 900 is planned as all are: the counts are those of a formula, the cost is scaled."""
    monkeypatch.setattr("nnsweep.trials.search.candidates.DRAWN_AT_ONCE", 16)

    def planned(configurations):
        found = text.replace("configurations = 9\n", "") + f"configurations = {configurations}\n"
        return nnsweep.plan(nnsweep.loads(found), tmp_path)

    whole = planned(900)
    monkeypatch.setattr("nnsweep.folder.searched.MOST_DRAWN", trials_of(900) // 9)
    part, million = planned(900), planned(1_000_000)
    for plan in (part, million):
        assert sum(len(each.trials) for each in plan.parts) <= trials_of(100) + 3 * 20
    assert part.new == whole.new == trials_of(900)
    assert part.search == whole.search
    assert part.trainings == pytest.approx(whole.trainings, rel=0.01)
    assert part.cost / 3 < whole.cost < 3 * part.cost  # what a stack costs, whatever its size, is scaled as well
    assert million.new == trials_of(1_000_000)
    assert "1,000,000" in million.search


def test_a_trainer_that_cannot_continue_begins_again(tmp_path, monkeypatch):
    monkeypatch.setattr(load("mlp"), "advances", False)
    monkeypatch.setattr(load("mlp"), "start", Trainer.start)
    results = run(HALVING, tmp_path, jobs=1)
    assert len(results.trials) == 39


@pytest.mark.slow
def test_a_race_on_the_forum_s_grid_finds_its_best_set(tmp_path):
    """By the error: the race needs 0.373 of the trials, and keeps 36 of the 39 that stay after all 50 seeds."""
    text = (SWEEPS / "forum.toml").read_text()
    whole = run(text, tmp_path / "whole").best("error").table
    race = run(f'{text}[search]\nmethod = "racing"\nmetric = "error"\n', tmp_path / "race")
    names = ["alpha", "epochs", "hidden"]
    of_all, of_race = (set(map(tuple, table[names].values.tolist())) for table in (whole, race.best("error").table))
    share = len(race.trials) / 8400
    print(f"{share:.3f} of the trials; best sets: {len(of_all)}, {len(of_race)}, {len(of_all & of_race)} in both")
    assert share < 0.4
    assert len(of_all & of_race) >= 0.9 * len(of_all)
    assert len(of_race) <= 1.5 * len(of_all)
