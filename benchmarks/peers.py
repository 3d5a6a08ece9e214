"""What a trial costs that does nothing: `python benchmarks/peers.py [NAME …]` asks every harness that is installed.

Each runs a grid of a function that returns its argument, one trial after the other, in the way that its documentation
shows for one machine, and keeps what came of it as it does by default. Told is the difference between a grid of 20
trials and a larger one, by trial, so that imports and start are not counted: by the clock, and of the processor, which
a busy machine changes less. What Ray Tune and W&B leave to processes of their own is not in the latter. Peers:

    pip install hydra-core mlflow optuna "ray[tune]" sacred scikit-learn wandb

Nothing is sent anywhere.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
START = 20
"""Trials of the grid that is taken off."""


def nnsweep(folder: Path, trials: int) -> None:
    Path("nothing.py").write_text("def train(x: int = 0, seed: int = 0):\n    return {'value': x}\n", encoding="utf-8")
    sys.path[0] = str(folder)
    text = (
        f'name = "n"\ntrainer = "nothing:train"\naxes = {{ x = {{ count = {trials // 10} }}, seed = {{ count = 10 }} }}'
    )
    Path("grid.toml").write_text(text, encoding="utf-8")
    import nnsweep

    nnsweep.run(nnsweep.load("grid.toml"), jobs=1, figures=False)


def scikit_learn(folder: Path, trials: int) -> None:
    import numpy as np
    from sklearn.base import BaseEstimator
    from sklearn.model_selection import GridSearchCV, PredefinedSplit

    class Nothing(BaseEstimator):
        def __init__(self, x=0):
            self.x = x

        def fit(self, inputs, targets):
            return self

        def score(self, inputs, targets):
            return self.x

    split = PredefinedSplit([-1, 0])
    GridSearchCV(Nothing(), {"x": range(trials)}, cv=split, refit=False).fit(np.zeros((2, 1)), np.zeros(2))


def optuna(folder: Path, trials: int) -> None:
    from optuna.samplers import GridSampler

    _optuna(trials, GridSampler({"x": list(range(trials))}), None)


def optuna_random(folder: Path, trials: int) -> None:
    from optuna.samplers import RandomSampler

    _optuna(trials, RandomSampler(0), None)


def optuna_sqlite(folder: Path, trials: int) -> None:
    from optuna.samplers import RandomSampler

    _optuna(trials, RandomSampler(0), f"sqlite:///{folder}/optuna.db")


def _optuna(trials: int, sampler: Any, storage: str | None) -> None:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=sampler, storage=storage)
    study.optimize(lambda trial: trial.suggest_int("x", 0, trials), n_trials=trials)


def mlflow(folder: Path, trials: int) -> None:
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    mlflow.set_experiment("nothing")
    for x in range(trials):
        with mlflow.start_run():
            mlflow.log_param("x", x)
            mlflow.log_metric("value", x)


def hydra(folder: Path, trials: int) -> None:
    Path("app.py").write_text(
        "import hydra\n\n@hydra.main(version_base=None, config_path='.', config_name='config')\n"
        "def main(config):\n    return config.x\n\nmain()\n",
        encoding="utf-8",
    )
    Path("config.yaml").write_text("x: 0\n", encoding="utf-8")
    command = [sys.executable, "app.py", "--multirun", f"x=range({trials})"]
    subprocess.run(command, check=True, capture_output=True)


def sacred(folder: Path, trials: int) -> None:
    from sacred import Experiment
    from sacred.observers import FileStorageObserver

    experiment = Experiment("nothing", save_git_info=False)
    experiment.observers.append(FileStorageObserver("sacred"))
    experiment.add_config({"x": 0})
    experiment.main(lambda x: x)
    for x in range(trials):
        experiment.run(config_updates={"x": x}, options={"--loglevel": "ERROR"})


def wandb(folder: Path, trials: int) -> None:
    import wandb

    os.environ["WANDB_SILENT"] = "true"
    for x in range(trials):
        with wandb.init(project="nothing", mode="offline", config={"x": x}) as run:
            run.log({"value": x})


def ray(folder: Path, trials: int) -> None:
    import ray
    from ray import tune

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
    config = tune.RunConfig(storage_path=str(folder / "ray"), verbose=0)
    tuner = tune.Tuner(
        lambda config: {"value": config["x"]},
        param_space={"x": tune.grid_search(list(range(trials)))},
        run_config=config,
    )
    tuner.fit()
    ray.shutdown()


HARNESSES: dict[str, tuple[str, int, Callable[[Path, int], None]]] = {
    "nnsweep": ("nnsweep", 1000, nnsweep),
    "scikit-learn": ("scikit-learn", 1000, scikit_learn),
    "optuna": ("optuna", 200, optuna),
    "optuna-random": ("optuna", 1000, optuna_random),
    "optuna-sqlite": ("optuna", 200, optuna_sqlite),
    "mlflow": ("mlflow", 200, mlflow),
    "hydra": ("hydra-core", 100, hydra),
    "sacred": ("sacred", 100, sacred),
    "wandb": ("wandb", 60, wandb),
    "ray": ("ray", 40, ray),
}
"""Names; the package of each, how many trials, and how they are run."""


Times = tuple[float, float]


def seconds(run: Callable[[Path, int], None], trials: int) -> Times:
    """How long it takes by the clock, and of the processor: of this process, and of those that it waited for."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        began, used = time.perf_counter(), sum(os.times()[:4])
        run(Path(folder), trials)
        return time.perf_counter() - began, sum(os.times()[:4]) - used


def milliseconds(name: str) -> Times:
    """What one trial adds, in this process."""
    _, trials, run = HARNESSES[name]
    seconds(run, START)  # imports
    few, many = seconds(run, START), seconds(run, trials)
    clock, processor = (1000 * (more - less) / (trials - START) for more, less in zip(many, few, strict=True))
    return clock, processor


def told(name: str) -> str:
    package, trials, _ = HARNESSES[name]
    try:
        number = version(package)
    except PackageNotFoundError:
        return f"{name}: not installed"
    code = (
        f"import sys; sys.path[0] = {str(Path(__file__).parent)!r}; import peers; print(*peers.milliseconds({name!r}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:
        return f"{name} {number}: {done.stderr.strip().splitlines()[-1]}"
    clock, processor = map(float, done.stdout.split()[-2:])
    return f"{name} {number}: {clock:.2f} ms a trial of {trials}, {processor:.2f} ms of them of the processor"


if __name__ == "__main__":
    for each in sys.argv[1:] or HARNESSES:
        print(told(each), flush=True)
