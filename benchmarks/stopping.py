"""Halving beside Optuna's and scikit-learn's.

    python benchmarks/stopping.py [repetitions]

Halving: the 24 settings of `tutorial_optimizers`, ten of forty seeds in each repetition. Curves are read from a table
of the whole grid, so that only the choices are compared. A hit is in the set that may be the best by that grid.
Optuna and scikit-learn are left out where they are not installed. Races: `races.py`; other searches: `search.py`.
"""

from __future__ import annotations

import sys
import time
import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np

import nnsweep
from nnsweep.statistics.ranks import doubled_ranks
from nnsweep.statistics.subset import best_set
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.sampler import train_asked
from nnsweep.trials.search.halving import FINISHED, HalvingSampler
from nnsweep.trials.search.methods import sampler_of

HERE = Path(__file__).parents[1]
OPTIMIZERS, RATES = ("sgd", "momentum", "adagrad", "adam"), (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
EPOCHS, SEEDS = 20, 10
with np.load(HERE / "tests" / "data" / "optimizers_oracle.npz") as file:
    ACCURACY = file["right"] / 397  # (optimizers, rates, seeds, epochs)
SWEEP = """
name = "optimizers"
fixed = {{ data = "xor", metrics = "accuracy" }}
[axes]
optimizer = ["sgd", "momentum", "adagrad", "adam"]
learning_rate = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0]
epochs = [1, 5, 20]
seed = {seeds}
[search]
method = "{method}"
metric = "accuracy"
"""


def place(optimizer, rate):
    return OPTIMIZERS.index(optimizer), RATES.index(rate)


def nnsweep_search(method, seeds):
    """Return the chosen cell, and the epochs that were trained, over all seeds."""

    def answer(trials):
        at = [trial.settings for trial in trials]
        right = [ACCURACY[(*place(a["optimizer"], a["learning_rate"]), a["seed"], a["epochs"] - 1)] for a in at]
        return {
            trial.id: Outcome("ok", {"accuracy": value}, seconds=1.0)
            for trial, value in zip(trials, right, strict=True)
        }

    sampler = sampler_of(nnsweep.loads(SWEEP.format(seeds=sorted(seeds.tolist()), method=method)), MLP)
    assert isinstance(sampler, HalvingSampler)
    train_asked(sampler, answer)
    done: dict[tuple[str, float], int] = {}
    for optimizer, rate, epochs in sampler.endings():
        done[optimizer, rate] = max(epochs, done.get((optimizer, rate), 0))
    last = [cell[:2] for cell, why in sampler.endings().items() if why == FINISHED]
    return max(last, key=lambda cell: np.median(ACCURACY[place(*cell)][seeds, -1])), SEEDS * sum(done.values())


def optuna_search(pruner, seeds):
    """Each trial reports the median of its seeds after each epoch, and stops when the pruner says so."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    spent = 0

    def objective(trial):
        nonlocal spent
        cell = trial.suggest_categorical("optimizer", OPTIMIZERS), trial.suggest_categorical("rate", RATES)
        medians = np.median(ACCURACY[place(*cell)][seeds], axis=0)
        for epoch, value in enumerate(medians.tolist(), start=1):
            spent += SEEDS
            trial.report(value, epoch)
            if epoch < EPOCHS and trial.should_prune():
                raise optuna.TrialPruned
        return medians[-1]

    grid = optuna.samplers.GridSampler({"optimizer": OPTIMIZERS, "rate": RATES}, seed=int(seeds.sum()))
    made = getattr(optuna.pruners, pruner)
    own = made(1, EPOCHS, 3) if pruner == "HyperbandPruner" else made(1, 3)
    study = optuna.create_study(direction="maximize", sampler=grid, pruner=own, study_name=str(seeds.sum()))
    study.optimize(objective, n_trials=len(OPTIMIZERS) * len(RATES))
    best = study.best_params
    return (best["optimizer"], best["rate"]), spent


def sklearn_search(seeds):
    """Each seed is a split; every rung trains from the start."""
    from sklearn.base import BaseEstimator
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingGridSearchCV, PredefinedSplit

    class Reader(BaseEstimator):
        def __init__(self, optimizer="sgd", rate=0.1, epochs=1):
            self.optimizer, self.rate, self.epochs = optimizer, rate, epochs

        def fit(self, x, y=None):
            self.fitted_ = True
            return self

        def score(self, x, y=None):
            return ACCURACY[(*place(self.optimizer, self.rate), int(x[0, 0]), self.epochs - 1)]

    search = HalvingGridSearchCV(
        Reader(),
        {"optimizer": OPTIMIZERS, "rate": RATES},
        resource="epochs",
        min_resources=2,
        max_resources=EPOCHS,
        factor=3,
        cv=PredefinedSplit(np.arange(SEEDS)),
        refit=False,
        random_state=0,
    )
    search.fit(seeds[:, None].astype(float), np.zeros(SEEDS))
    spent = SEEDS * sum(n * epochs for n, epochs in zip(search.n_candidates_, search.n_resources_, strict=True))
    return (search.best_params_["optimizer"], search.best_params_["rate"]), spent


def halving(repetitions):
    methods = {
        f"nnsweep {name}": (lambda seeds, name=name: nnsweep_search(name, seeds)) for name in ("halving", "hyperband")
    }
    if find_spec("optuna"):
        for pruner in ("HyperbandPruner", "SuccessiveHalvingPruner"):
            methods[f"Optuna {pruner}"] = lambda seeds, pruner=pruner: optuna_search(pruner, seeds)
    if find_spec("sklearn"):
        methods["scikit-learn HalvingGridSearchCV"] = sklearn_search
    took: dict[str, float] = {}
    for name, method in methods.items():
        hits, epochs, began = 0, [], time.process_time()
        for number in range(repetitions):
            seeds = np.random.default_rng(number).choice(ACCURACY.shape[2], SEEDS, replace=False)
            whole = ACCURACY[:, :, seeds, -1].reshape(-1, SEEDS)
            ranks = doubled_ranks(whole.reshape(1, -1)).reshape(whole.shape)
            may_be_best = best_set(ranks, np.ones(whole.shape, dtype=bool)).stays
            chosen, spent = method(seeds)
            optimizer, rate = place(*chosen)
            hits += bool(may_be_best[optimizer * len(RATES) + rate])
            epochs.append(spent / (24 * SEEDS * EPOCHS))
        took[name] = (time.process_time() - began) / repetitions
        ratio = took[name] / took["nnsweep halving"]
        print(f"{name:32} {np.mean(epochs):.3f} of the epochs, {hits} of {repetitions} hits, {ratio:.1f} × the time")


if __name__ == "__main__":
    from nnsweep.trainers import load

    warnings.simplefilter("ignore")
    MLP = load("mlp")
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    halving(count)
