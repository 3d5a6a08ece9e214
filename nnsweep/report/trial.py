"""What is said of one trial above its figures, and where these are written."""

from __future__ import annotations

from pathlib import Path

from nnsweep.grid import Trial
from nnsweep.report.folder import Folder
from nnsweep.report.show import ended, settings
from nnsweep.trainers import Outcome


def title(folder: Folder, trial: Trial, outcome: Outcome, what: str = "") -> str:
    """Name a trial, its settings if they are known, and how it ended, a line each; `what` is shown of it."""
    named = f"{folder.root.name}, trial {trial.id}" + (f": {what}" if what else "")
    return "\n".join(line for line in (named, settings(trial), ended(outcome)) if line)


def default_path(folder: Folder, trial: Trial, kind: str) -> Path:
    """Say where a figure of a trial is written that was given no other place."""
    return folder.figures / f"{kind}_{trial.id}.png"
