"""A stand-in for `wandb`: `import nnsweep.compat.wandb as wandb` makes a script that logs to W&B a trainer.

While nnsweep trains a trial, `init` gives the run that trial's parameters as its `config`, `log` keeps the numbers, and
`save` the files. Anywhere else nothing is recorded: `init` says so, and `finish` prints the last numbers.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nnsweep.compat.wandb_objects import (
    AlertLevel,
    Artifact,
    Config,
    Media,
    Plots,
    Settings,
    Summary,
    numbers_of,
)
from nnsweep.format import did_you_mean
from nnsweep.trainers.live_trial import LiveTrial, current

__all__ = [
    "AlertLevel",
    "Artifact",
    "Run",
    "Settings",
    "agent",
    "alert",
    "config",
    "define_metric",
    "finish",
    "init",
    "log",
    "log_artifact",
    "log_model",
    "login",
    "plot",
    "require",
    "run",
    "save",
    "setup",
    "summary",
    "sweep",
    "teardown",
    "termerror",
    "termlog",
    "termwarn",
    "unwatch",
    "watch",
]

MEDIA = ("Audio", "Graph", "Histogram", "Html", "Image", "Molecule", "Object3D", "Plotly", "Table", "Video")
"""What is no number: it can be made and logged, and is not kept."""
NOWHERE = (
    "nnsweep.compat.wandb: no trial is trained, so that nothing is recorded; `nnsweep run grid.toml` records it if its "
    'trainer is this script: trainer = "train.py"'
)

config = Config()
"""The settings of the run."""
summary = Summary()
"""The final numbers of the run."""
run: Run | None
"""The run that the present trial has started: see `__getattr__`."""
_run: Run | None = None
"""The run between `init` and `finish`. That of a trial which failed in between is the run of no other trial."""


class Run:
    """What `init` returns: the trial that is being trained, or nothing. A context manager."""

    def __init__(self, trial: LiveTrial | None, name: str, project: str, given: Mapping[str, Any]) -> None:
        self._trial, self._waiting = trial, dict[str, Any]()
        self.name, self.project, self.step = name, project, 0
        self.tags = tuple(given.get("tags") or ())
        self.notes, self.group, self.job_type, self.entity, self.mode = (given.get(name) for name in GIVEN)
        self.id, self.url, self.dir = name, "", "."
        self.config, self.summary = config, summary

    def log(self, data: Mapping[str, Any], step: int | None = None, commit: bool | None = None) -> None:
        """Keep numbers, as of a step. With `commit=False` they wait for those that are logged next."""
        self._waiting |= numbers_of(data)
        if step is not None:
            self.step = step
        if commit is False or (commit is None and step is not None and not self._waiting):
            return
        if self._waiting:
            self.summary.logged(self._waiting)
            if self._trial is not None:
                self._trial.log(self._waiting, step=self.step)
            self._waiting = {}
        self.step += step is None

    def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None:
        """End the run. The numbers of its summary are the trial's metrics.

        Raises:
            RuntimeError: the exit code says that it failed.
        """
        global _run
        if self._waiting:
            self.log({})
        if self._trial is not None:
            self._trial.results |= self.summary.own
        elif self.summary and not quiet:
            said = ", ".join(f"{name} = {value}" for name, value in self.summary.items())
            print(f"nnsweep.compat.wandb: {self.name} ends with {said}", file=sys.stderr)
        if _run is self:
            _run = None
        if exit_code:
            raise RuntimeError(f"the run ended with the exit code {exit_code}")

    def save(self, glob_str: Any, base_path: Any = None, policy: str = "live") -> None:
        """Keep files that match a pattern, under their names below `base_path`, as they are now."""
        for path in sorted(Path().glob(str(glob_str)) if not Path(glob_str).is_absolute() else [Path(glob_str)]):
            if path.is_file():
                self._keep(os.path.relpath(path, base_path) if base_path else path.name, path)

    def log_artifact(self, artifact: Any, name: str | None = None, **others: Any) -> None:
        """Keep the files of an artifact, or a file by its path."""
        files = artifact.files if isinstance(artifact, Artifact) else {name or Path(artifact).name: Path(artifact)}
        for each, path in files.items():
            self._keep(each, path)

    def log_model(self, path: Any, name: str | None = None, **others: Any) -> None:
        """Keep the file of a model, or the files of a folder."""
        model = Artifact(name or Path(path).name)
        model.add_dir(path) if Path(path).is_dir() else model.add_file(path, name)
        self.log_artifact(model)

    def _keep(self, name: str, path: Path) -> None:
        if self._trial is not None:
            self._trial.save(re.sub(r"[^A-Za-z0-9._/-]", "_", name), path)

    def __enter__(self) -> Run:
        """Return the run itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: Any) -> None:
        """End the run."""
        if kind is None:
            self.finish()

    def __getattr__(self, name: str) -> Any:
        """Give a method that does nothing, such as `watch`, for the names that W&B's run has."""
        if name in QUIET:
            return _nothing
        there = [each for each in (*dir(type(self)), *vars(self)) if not each.startswith("_")]
        raise _lacking("a run of nnsweep.compat.wandb", name, [*there, *QUIET])


GIVEN = "notes", "group", "job_type", "entity", "mode"
"""What `init` may be given and a run gives back."""
QUIET = "alert", "define_metric", "get_url", "log_code", "mark_preempting", "unwatch", "watch"
"""What a run can be asked without effect here."""


def init(project: str | None = None, *, config: Any = None, name: str | None = None, **others: Any) -> Run:
    """Start the run. Its `config` has the given settings, of which the trial's parameters replace those they name.

    `config` is a dict, or an object whose attributes are the settings, such as argparse's. Whatever else W&B takes here
    is ignored.
    """
    global _run
    trial = current()
    if trial is None:
        print(NOWHERE, file=sys.stderr)
    globals()["config"].begin(config, {} if trial is None else trial.params)
    summary.begin()
    _run = Run(trial, name or project or "run", project or "", others)
    return _run


def log(data: Mapping[str, Any], step: int | None = None, commit: bool | None = None) -> None:
    """Keep numbers; see `Run.log`.

    Raises:
        RuntimeError: no run is started.
    """
    _started("log").log(data, step, commit)


def finish(exit_code: int | None = None, quiet: bool | None = None) -> None:
    """End the run, if one is started; see `Run.finish`."""
    started = _now()
    if started is not None:
        started.finish(exit_code, quiet)


def save(glob_str: Any, base_path: Any = None, policy: str = "live") -> None:
    """Keep files; see `Run.save`.

    Raises:
        RuntimeError: no run is started.
    """
    _started("save").save(glob_str, base_path, policy)


def log_artifact(artifact: Any, name: str | None = None, **others: Any) -> None:
    """Keep the files of an artifact; see `Run.log_artifact`.

    Raises:
        RuntimeError: no run is started.
    """
    _started("log_artifact").log_artifact(artifact, name, **others)


def log_model(path: Any, name: str | None = None, **others: Any) -> None:
    """Keep the files of a model; see `Run.log_model`.

    Raises:
        RuntimeError: no run is started.
    """
    _started("log_model").log_model(path, name, **others)


def sweep(sweep: Mapping[str, Any] | None = None, **others: Any) -> str:
    """Return a name for `agent`. The sweep file says what is trained, and not this call."""
    return "nnsweep"


def agent(sweep_id: str, function: Callable[[], Any] | None = None, **others: Any) -> None:
    """Call the function once: for the trial that is trained."""
    if function is not None:
        function()


def login(*arguments: Any, **others: Any) -> bool:
    """Do nothing: there is nobody to log in to."""
    return True


def _nothing(*arguments: Any, **others: Any) -> None:
    """Do nothing."""


define_metric = watch = unwatch = setup = alert = require = teardown = _nothing
termlog = termwarn = termerror = _nothing
plot = Plots()
"""Makes charts that are not kept."""


def _now() -> Run | None:
    """Give the run that is started, if the present trial started it."""
    return _run if _run is not None and _run._trial is current() else None


def _started(what: str) -> Run:
    started = _now()
    if started is None:
        raise RuntimeError(f"wandb.{what} was called before wandb.init")
    return started


def __getattr__(name: str) -> Any:
    """Give the run that is started, or a stand-in for what is no number, such as `Image`.

    Raises:
        AttributeError: there is none; the message names what there is.
    """
    if name == "run":
        return _now()
    if name in MEDIA:
        return Media
    raise _lacking("nnsweep.compat.wandb", name, [*__all__, *MEDIA])


def _lacking(what: str, name: str, there: Sequence[str]) -> AttributeError:
    return AttributeError(f"{what} has no `{name}`; it has {', '.join(there)}{did_you_mean(name, there)}")
