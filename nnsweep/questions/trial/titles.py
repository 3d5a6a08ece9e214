"""Titles and file names of the figures of one trial."""

from __future__ import annotations

from pathlib import Path

from nnsweep.folder.paths import Folder
from nnsweep.questions.trial.text import ended, settings
from nnsweep.trainers import Outcome
from nnsweep.trials.trial import Trial

TRACED = "weights over the steps of training"


def title(folder: Folder, trial: Trial, outcome: Outcome, what: str, held: str = "") -> list[str]:
    """List the lines of a title: what is shown, the trial's settings, how it ended, and the constant inputs."""
    lines = (f"{folder.root.name}, trial {trial.id}: {what}", settings(trial), ended(outcome), held)
    return [line for line in lines if line]


def default_path(folder: Folder, trial: Trial, kind: str) -> Path:
    """The default path of a figure of a trial."""
    return folder.figures / f"{kind}_{trial.id}.png"
