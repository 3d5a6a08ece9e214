"""What is said of one trial above its figures, and where these are written."""

from __future__ import annotations

from pathlib import Path

from nnsweep.folder.paths import Folder
from nnsweep.questions.trial.text import ended, settings
from nnsweep.trainers import Outcome
from nnsweep.trials.grid import Trial

TRACED = "weights over the steps of training"


def title(folder: Folder, trial: Trial, outcome: Outcome, what: str, held: str = "") -> list[str]:
    """Say what is shown of a trial; then its settings, if they are known, how it ended, and which inputs are held."""
    lines = (f"{folder.root.name}, trial {trial.id}: {what}", settings(trial), ended(outcome), held)
    return [line for line in lines if line]


def default_path(folder: Folder, trial: Trial, kind: str) -> Path:
    """Say where a figure of a trial is written that was given no other place."""
    return folder.figures / f"{kind}_{trial.id}.png"
