"""Searches of nnsweep, Optuna and SMAC over a problem of `search_problems.py`."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from search_problems import Axis, Point, Problem

import nnsweep
from nnsweep.trainers import load
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.sampler import train_asked
from nnsweep.trials.search.methods import sampler_of

CONFIGURATIONS, SEEDS = 48, 5
SEARCH = """
name = "n"
trainer = "objective_of_benchmark:train"
[axes]
{axes}
seed = {seeds}
[search]
method = "{method}"
metric = "loss"
average = "mean"
configurations = {count}
seed = {seed}
"""
TRAINER = "def train(seed: int = 0, **settings):\n    raise NotImplementedError\n"


class Judge:
    """Gives losses of a problem with the seeds of a repetition, and remembers the best configuration."""

    def __init__(self, own: Problem, repetition: int, seeds: int = SEEDS) -> None:
        self.problem = own
        self.seeds = np.random.default_rng(repetition).permutation(own.seeds)[:seeds].tolist()
        self.seen: list[tuple[float, Point]] = []

    def __call__(self, point: Point) -> float:
        loss = float(np.mean([self.problem.loss(point, seed) for seed in self.seeds]))
        self.seen.append((loss, dict(point)))
        return loss

    @property
    def regret(self) -> float:
        assert len(self.seen) <= CONFIGURATIONS, len(self.seen)
        _, best = min(self.seen, key=lambda each: each[0])
        return self.problem.mean(best) - self.problem.least


def search_nnsweep(method: str, judge: Judge, seed: int, batch: int | None = None) -> None:
    """Ask one of our samplers."""
    axes = "\n".join(f"{name} = {axis.toml()}" for name, axis in judge.problem.axes.items())
    text = SEARCH.format(axes=axes, seeds=judge.seeds, method=method, count=CONFIGURATIONS, seed=seed)
    sweep = nnsweep.loads(text + (f"batch = {batch}" if batch else ""))

    def train(trials: Sequence[Any]) -> dict[str, Outcome]:
        found = {}
        for trial in trials:
            point = dict(trial.settings)
            found[trial.id] = Outcome("ok", {"loss": judge.problem.loss(point, point.pop("seed"))}, seconds=1.0)
        for first in trials[:: len(judge.seeds)]:
            judge({name: value for name, value in first.settings.items() if name != "seed"})
        return found

    train_asked(sampler_of(sweep, load(sweep.trainer)), train)


def search_optuna(make: Callable[[Any, int], Any], judge: Judge, seed: int) -> None:
    """Optimise the mean over the seeds, as Optuna's documentation does."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def objective(trial: Any) -> float:
        return judge({name: suggest(trial, name, axis) for name, axis in judge.problem.axes.items()})

    study = optuna.create_study(sampler=make(optuna.samplers, seed))
    study.optimize(objective, n_trials=CONFIGURATIONS)


def suggest(trial: Any, name: str, axis: Axis) -> Any:
    if axis.listed and axis.is_ordered:
        return axis.listed[trial.suggest_int(name, 0, len(axis.listed) - 1)]
    if axis.listed:
        return trial.suggest_categorical(name, axis.listed)
    if axis.whole:
        return trial.suggest_int(name, int(axis.low), int(axis.high))
    return trial.suggest_float(name, axis.low, axis.high, log=axis.log)


def search_smac(judge: Judge, seed: int) -> None:
    """Optimise the mean over the seeds with SMAC's facade for hyperparameters."""
    import smac
    from ConfigSpace import Categorical, ConfigurationSpace, Float, Integer

    def space_of(name: str, axis: Axis) -> Any:
        if axis.listed and axis.is_ordered:
            return Integer(name, (0, len(axis.listed) - 1))
        if axis.listed:
            return Categorical(name, axis.listed)
        kind = Integer if axis.whole else Float
        return kind(name, (axis.low, axis.high), log=axis.log)

    axes = judge.problem.axes
    space = ConfigurationSpace(seed=seed)
    space.add([space_of(name, axis) for name, axis in axes.items()])

    def objective(config: Any, seed: int = 0) -> float:
        listed = {name for name, axis in axes.items() if axis.listed and axis.is_ordered}
        return judge(
            {name: axes[name].listed[config[name]] if name in listed else plain(config[name]) for name in axes}
        )

    with tempfile.TemporaryDirectory() as folder:
        scenario = smac.Scenario(
            space, deterministic=True, n_trials=CONFIGURATIONS, seed=seed, output_directory=Path(folder)
        )
        facade = smac.HyperparameterOptimizationFacade
        facade(scenario, objective, overwrite=True, logging_level=logging.ERROR).optimize()


def plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


Search = Callable[[Judge, int], None]
OURS: dict[str, Search] = {
    f"nnsweep {method}": (lambda judge, seed, method=method: search_nnsweep(method, judge, seed))
    for method in ("random", "sobol", "latin_hypercube", "tpe", "gp", "cmaes")
}
OPTUNA: dict[str, Search] = {
    "Optuna random": lambda judge, seed: search_optuna(lambda kinds, own: kinds.RandomSampler(own), judge, seed),
    "Optuna TPE": lambda judge, seed: search_optuna(lambda kinds, own: kinds.TPESampler(seed=own), judge, seed),
    "Optuna GP": lambda judge, seed: search_optuna(lambda kinds, own: kinds.GPSampler(seed=own), judge, seed),
    "Optuna CMA-ES": lambda judge, seed: search_optuna(lambda kinds, own: kinds.CmaEsSampler(seed=own), judge, seed),
}
SMAC: dict[str, Search] = {"SMAC": lambda judge, seed: search_smac(judge, seed)}
