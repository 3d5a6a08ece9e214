"""Optuna itself reads what is exported as a study, and goes on with it; its studies are imported as they are."""

from __future__ import annotations

import math
import shutil
import sqlite3
import sys
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

import nnsweep
from nnsweep.errors import NnsweepError
from nnsweep.folder.open import StoredSweep
from nnsweep.trackers.export import export_to
from nnsweep.trackers.exporters import to_optuna

optuna = pytest.importorskip("optuna", reason="nnsweep[search] is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")  # of Optuna and SQLAlchemy


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(before)


@pytest.fixture(params=["sqlite:///study.db", "journal:study.log"])
def place(request):
    return request.param


def storage(place):
    """Open a storage as a user of Optuna does."""
    if place.startswith("sqlite"):
        return place
    return optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(place.removeprefix("journal:")))


def study_of(place, name="searched"):
    return optuna.load_study(study_name=name, storage=storage(place))


def train(lr=0.1, width=4, kind="plain", extra=0.5, seed=0):
    """A loss with a curve: best at 0.03; it fails at one width, and diverges for one kind."""
    if width == 9:
        raise ValueError("nine")
    loss = abs(math.log10(lr) + 1.5) + seed / 10 + extra
    return {"loss": [2 * loss, math.nan if kind == "wild" else loss], "accuracy": 1 / (1 + loss)}


SPACES = {
    "lr": {"log_uniform": [0.001, 1]},
    "width": {"integers": [2, 8]},
    "kind": ["plain", "special"],
    "extra": {"uniform": [0, 1], "only_if": {"kind": "special"}},
    "seed": [0, 1, 2],
}


def run(axes=SPACES, name="searched", **tables):
    search = {"method": "random", "configurations": 12, "metric": "loss", "confirm": 0}
    tables = {"search": search, **tables}
    sweep = nnsweep.sweep(name, axes=axes, trainer=train, **{key: each for key, each in tables.items() if each})
    nnsweep.run(sweep, "results", figures=False)
    return StoredSweep.open(name, Path("results"))


def settings(row, names):
    return {name: row[name] for name in names}


def test_a_search_becomes_a_study(place):
    stored = run()
    assert str(export_to(stored, f"optuna:{place}")) == f"optuna:{place}: 12 trials: 12 new"
    study, cells = study_of(place), stored.summary
    assert [direction.name for direction in study.directions] == ["MINIMIZE"]
    assert study.metric_names == ["loss"]
    assert len(study.trials) == 12
    for trial, (_, cell), number in zip(study.trials, cells.iterrows(), range(12), strict=True):
        assert (trial.number, trial.state.name) == (number, "COMPLETE")
        assert trial.value == cell["loss_median"]
        names = ["lr", "width", "kind", *(["extra"] if cell["kind"] == "special" else [])]
        assert trial.params == settings(cell, names)
        assert trial.intermediate_values == {1: 2 * trial.value, 2: trial.value}
        of_cell = stored.trials.merge(cells.iloc[[number]][["lr", "width", "kind", "extra"]])
        assert trial.user_attrs["nnsweep.seed"] == [0, 1, 2]
        assert trial.user_attrs["nnsweep.loss"] == of_cell["loss"].tolist()
        assert trial.user_attrs["nnsweep.status"] == ["ok"] * 3
    kinds = {name: kind for trial in study.trials for name, kind in trial.distributions.items()}
    assert kinds == {
        "lr": optuna.distributions.FloatDistribution(0.001, 1, log=True),
        "width": optuna.distributions.IntDistribution(2, 8),
        "kind": optuna.distributions.CategoricalDistribution(["plain", "special"]),
        "extra": optuna.distributions.FloatDistribution(0, 1),
    }
    best = nnsweep.open("searched").best().cells.iloc[0]
    assert study.best_trial.params.items() <= settings(best, SPACES.keys() - {"seed"}).items()


def test_a_study_with_values_by_success_has_the_same_best(place):
    """Of the equal rates the metric decides, as for `nnsweep best`."""
    grid = {"lr": [0.001, 0.025, 0.03, 0.3], "width": [2, 9], "kind": ["plain", "wild"], "seed": [0, 1, 2, 3]}
    stored = run(grid, "grid", search=None, success={"metric": "loss", "below": 0.81})
    export_to(stored, f"optuna:{place}")
    study = study_of(place, "grid")
    best = nnsweep.open("grid").best().cells
    assert best["successes"].iloc[:2].tolist() == [3, 3]
    assert study.best_trial.params == {"lr": 0.03, "width": 2, "kind": "plain"}
    assert 0.25 <= study.best_value < 0.25 + 1 / 8  # one of four is no success
    by_kind = {}
    for trial in study.trials:
        by_kind.setdefault((trial.params["width"], trial.params["kind"]), set()).add(trial.state.name)
    assert by_kind == {
        (2, "plain"): {"COMPLETE"},
        (2, "wild"): {"COMPLETE"},
        (9, "plain"): {"FAIL"},
        (9, "wild"): {"FAIL"},
    }


def test_a_study_goes_on_in_optuna_and_comes_back(place):
    stored = run()
    export_to(stored, f"optuna:{place}")
    study = study_of(place)

    def objective(trial):
        return 0.01 * trial.suggest_float("lr", 0.001, 1, log=True) + trial.suggest_int("width", 2, 8) / 1e6

    study.optimize(objective, n_trials=3)
    assert [trial.number for trial in study.trials] == list(range(15))
    assert str(export_to(stored, f"optuna:{place}")) == f"optuna:{place}: 12 trials: 12 there already"
    assert len(study_of(place).trials) == 15
    optuna.importance.get_param_importances(study_of(place))
    imported = nnsweep.import_runs(f"optuna:{place}", "imported", figures=False)
    assert (imported.read, imported.new) == (15, 15)
    assert imported.notices == ["15 of them have no `seed`: each is a replicate of its own; name another with --seed"]
    back = nnsweep.open(imported.folder)
    np.testing.assert_array_equal(np.sort(back.trials["loss"]), np.sort([trial.value for trial in study.trials]))
    assert back.best().cells["lr"].iloc[0] == study.best_trial.params["lr"]


def test_an_export_goes_on_after_a_kill_and_never_writes_twice(place, monkeypatch):
    stored, whole = run(), to_optuna.configurations

    def killed(*args):
        for number, record in enumerate(whole(*args)):
            if number == 5:
                raise KeyboardInterrupt
            yield record

    with monkeypatch.context() as patched:
        patched.setattr(to_optuna, "configurations", killed)
        with pytest.raises(KeyboardInterrupt):
            export_to(stored, f"optuna:{place}")
    assert str(export_to(stored, f"optuna:{place}")) == f"optuna:{place}: 12 trials: 7 new, 5 there already"
    cells = [trial.user_attrs["nnsweep.cell"] for trial in study_of(place).trials]
    assert len(set(cells)) == len(cells) == 12


def test_what_has_changed_is_told_and_goes_to_another_study(place):
    export_to(run(), f"optuna:{place}")
    more = run(SPACES | {"seed": [0, 1, 2, 3]})
    said = "changed since, which cannot be replaced there"
    assert str(export_to(more, f"optuna:{place}")) == f"optuna:{place}: 12 trials: 12 {said}"
    assert str(export_to(more, f"optuna:{place}#more")) == f"optuna:{place}#more: 12 trials: 12 new"
    assert len(study_of(place, "more").trials[0].user_attrs["nnsweep.seed"]) == 4


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"search": {"method": "random", "configurations": 2, "metric": "accuracy"}}, "is to minimize, not maximize"),
        (
            {"axes": SPACES | {"kind": ["special", "plain"]}},
            "has `kind` of CategoricalDistribution(choices=('plain', 'special')), "
            "not of CategoricalDistribution(choices=('special', 'plain'))",
        ),
    ],
)
def test_a_study_that_cannot_have_the_trials_is_told(place, tables, message):
    export_to(run(), f"optuna:{place}")
    other = run(**tables)
    with pytest.raises(NnsweepError) as found:
        export_to(other, f"optuna:{place}")
    assert str(found.value) == (
        f"optuna:{place}: the study `searched` {message}; to export to another one: optuna:{place}#NAME"
    )


def test_two_objectives():
    search = {"method": "nsga2", "metrics": ["loss", "accuracy"], "configurations": 8, "confirm": 0}
    export_to(run(search=search), "optuna:sqlite:///two.db")
    study = study_of("sqlite:///two.db")
    assert [direction.name for direction in study.directions] == ["MINIMIZE", "MAXIMIZE"]
    # more loss is less accuracy, so that one is the best by both
    assert len({tuple(trial.values) for trial in study.best_trials}) == 1


def test_what_a_race_rules_out_is_pruned():
    grid = {"lr": [0.03, 0.9], "seed": {"count": 40}}
    export_to(run(grid, search={"method": "racing", "metric": "loss", "confirm": 0}), "optuna:sqlite:///race.db")
    good, bad = study_of("sqlite:///race.db").trials
    assert (good.state.name, bad.state.name) == ("COMPLETE", "PRUNED")
    assert bad.user_attrs["nnsweep.stopped"] == "ruled out"


def objective(trial):
    """Has all kinds of parameters, of ends, and of attributes."""
    kind = trial.suggest_categorical("kind", [None, True, 2, "adam"])
    rate = trial.suggest_float("lr", 1e-5, 1, log=True)
    trial.suggest_int("width", 1, 64, log=True)
    trial.suggest_float("share", 0, 1, step=0.25)
    if kind == "adam":
        trial.suggest_float("beta", 0, 0.99)
    trial.set_user_attr("seed", trial.number % 2)
    trial.set_user_attr("weights", 10)
    trial.set_user_attr("note", "a text")
    for step in range(3):
        trial.report(math.nan if (trial.number, step) == (0, 1) else rate * step, step)
    ends = {3: optuna.TrialPruned(), 4: ValueError("four")}
    if trial.number in ends:
        raise ends[trial.number]
    return {5: -math.inf, 6: math.nan}.get(trial.number, rate)


def make_study(place, **options):
    sampler = optuna.samplers.RandomSampler(seed=0)
    return optuna.create_study(storage=storage(place), sampler=sampler, study_name="one", **options)


def test_a_study_is_imported(place):
    study = make_study(place, direction="maximize")
    study.optimize(objective, n_trials=20, catch=ValueError)
    study.ask()
    study.enqueue_trial({"lr": 0.1})
    imported = nnsweep.import_runs(f"optuna:{place}", "results", figures=False)
    assert imported.folder.name == "one"
    assert imported.notices == [
        "1 running and 1 waiting: not read; import again when ended",
        "1 pruned: kept as `failed`, with their curves and without a value",
        "user attributes that are no numbers: not read: `note`",
    ]
    results = nnsweep.open("one")
    found = {f"{row['lr']:.12g}": row for _, row in results.trials.iterrows()}
    for trial in study.trials[:20]:
        row = found[f"{trial.params['lr']:.12g}"]
        assert row["seed"] == trial.number % 2
        assert row["width"] == trial.params["width"]
        assert row["share"] == trial.params["share"]
        assert row["kind"] == {None: "none", True: "'True", 2: "'2", "adam": "adam"}[trial.params["kind"]]
        assert str(row["beta"]) == str(trial.params.get("beta", "none"))
        ends = {3: "failed", 4: "failed", 5: "diverged", 6: "failed"}
        assert row["status"] == ends.get(trial.number, "ok")
        if trial.number not in ends:
            assert (row["value"], row["weights"]) == (trial.value, 10)
    failed = results.trials.query("status == 'failed'")["failure"] if "failure" in results.trials else []
    assert set(failed) <= {"pruned by Optuna after step 2", "Optuna says FAIL"}
    first = results.trial(lr=study.trials[0].params["lr"], seed=0).outcome.history
    rate = study.trials[0].params["lr"]
    np.testing.assert_array_equal(first["value"], [0, math.nan, 2 * rate])
    assert results.best().cells["lr"].iloc[0] == study.best_params["lr"]  # the largest
    assert nnsweep.import_runs(f"optuna:{place}", "results", figures=False).new == 0


def test_directions_names_and_constraints_of_several_objectives():
    study = make_study("sqlite:///several.db", directions=["minimize", "maximize"])
    study.set_metric_names(["size", "score"])

    def both(trial):
        x = trial.suggest_float("x", 0, 1)
        trial.set_user_attr("nnsweep.own", 1)
        return x, x

    study.optimize(both, n_trials=6)
    imported = nnsweep.import_runs("optuna:sqlite:///several.db", "results", figures=False)
    results = nnsweep.open("one")
    x = [trial.params["x"] for trial in study.trials]
    assert results.metrics == ["size", "score"]
    assert results.best().cells["x"].iloc[0] == min(x)
    assert results.best(metric="score").cells["x"].iloc[0] == max(x)
    assert [axis for axis in imported.axes if axis.startswith("x")] == ["x (6)"]


def test_equal_settings_without_a_seed_are_replicates(place):
    study = make_study(place)
    for _ in range(3):
        study.enqueue_trial({"x": 0.5})
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=4)
    nnsweep.import_runs(f"optuna:{place}", "results", figures=False)
    assert sorted(nnsweep.open("one").summary["n"]) == [1, 3]


def refusal(source, **options):
    with pytest.raises(NnsweepError) as found:
        nnsweep.import_runs(source, "results", figures=False, **options)
    return str(found.value)


def test_several_studies_must_be_named(place):
    for name in ("first", "second", "third"):
        optuna.create_study(study_name=name, storage=storage(place))
    named = "found 3 studies; name one with --experiment; allowed: first, second, third"
    assert refusal(f"optuna:{place}") == f"optuna:{place}: {named}"
    assert refusal(f"optuna:{place}#secand") == (
        f"optuna:{place}#secand: no study `secand`; allowed: first, second, third; did you mean `second`?"
    )
    assert refusal(f"optuna:{place}#first") == f"optuna:{place}#first: found no run that has ended"
    assert refusal(f"optuna:{place}#first", experiment="second") == (
        f"optuna:{place}#first: found another study in --experiment, `second`; name it once"
    )


def test_a_place_that_is_none_is_told_and_nothing_is_made(tmp_path):
    forms = "allowed: optuna:sqlite:///FILE.db or optuna:journal:FILE.log, perhaps with #STUDY"
    assert refusal("optuna:study.db") == f"`optuna:study.db`: {forms}"
    assert refusal("optuna:mysql://host/x") == f"`optuna:mysql://host/x`: {forms}"
    for kind in ("sqlite:///", "journal:"):
        assert refusal(f"optuna:{kind}none") == f"optuna:{kind}none: no such file: none"
    assert not (tmp_path / "none").exists()
    (tmp_path / "text").write_text("x\nx\n")
    for kind, why in {
        "sqlite:///": "DatabaseError: file is not a database",
        "journal:": "JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
    }.items():
        assert refusal(f"optuna:{kind}text") == f"optuna:{kind}text: is no storage that Optuna can read: {why}"
    with closing(sqlite3.connect("other.db")) as other:
        other.execute("create table other (x)")
    assert refusal("optuna:sqlite:///other.db") == "optuna:sqlite:///other.db: is a database without Optuna's tables"


def test_a_storage_is_only_read_also_one_of_another_version(tmp_path):
    make_study("sqlite:///old.db").optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
    shutil.copy("old.db", "new.db")
    with closing(sqlite3.connect("old.db")) as old:  # as Optuna 3.0 left it: the last upgrade added an index
        old.execute("drop index ix_trials_study_id")
        old.execute("update alembic_version set version_num = 'v3.0.0.d'")
        old.commit()
    with closing(sqlite3.connect("new.db")) as new:
        new.execute("update alembic_version set version_num = 'v99'")
        new.commit()
    before = [(path.name, path.read_bytes()) for path in sorted(tmp_path.glob("*.db*"))]
    assert nnsweep.import_runs("optuna:sqlite:///old.db", "results", figures=False).read == 2
    assert refusal("optuna:sqlite:///new.db") == (
        f"optuna:sqlite:///new.db: written by a newer Optuna than {optuna.__version__}; pip install -U optuna"
    )
    assert [(path.name, path.read_bytes()) for path in sorted(tmp_path.glob("*.db*"))] == before


def test_a_study_is_read_while_it_goes_on(tmp_path):
    study = make_study("sqlite:///going.db")
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
    with closing(sqlite3.connect("going.db", isolation_level=None)) as other:
        other.execute("begin immediate")  # another process is writing
        other.execute("update trials set state = 'FAIL'")
        assert nnsweep.import_runs("optuna:sqlite:///going.db", "results", figures=False).read == 2
    make_study("journal:going.log").optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
    whole = (tmp_path / "going.log").read_bytes()
    (tmp_path / "going.log").write_bytes(whole[:-20])  # the last line is not whole yet
    assert nnsweep.import_runs("optuna:journal:going.log", "results", name="log", figures=False).read == 1


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_exports_that_are_killed_at_any_moment_leave_each_trial_once(place):
    axes = SPACES | {"seed": [0]}
    stored = run(axes, search={"method": "random", "configurations": 300, "metric": "loss", "confirm": 0})
    for number in range(8):
        process = get_context("fork").Process(target=export_to, args=(stored, f"optuna:{place}"))
        process.start()
        process.join(0.03 * number)
        process.kill()
        process.join()
    export_to(stored, f"optuna:{place}")
    cells = [trial.user_attrs["nnsweep.cell"] for trial in study_of(place).trials]
    assert len(set(cells)) == len(cells) == 300
