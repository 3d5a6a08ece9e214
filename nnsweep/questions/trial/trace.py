"""Write the trace of a trial: a table of its weights over the steps, and a figure."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from nnsweep.folder.artifacts import FolderArtifacts
from nnsweep.folder.paths import Folder
from nnsweep.questions.trial.titles import TRACED, title
from nnsweep.tables import write_csv
from nnsweep.trainers import Outcome
from nnsweep.trials.trial import Trial


def write_trace(folder: Folder, trial: Trial, outcome: Outcome, table: pd.DataFrame) -> list[Path]:
    """Write `traces/<id>.csv` and `traces/<id>.png`, and return their paths.

    Raises:
        StoreError: they cannot be written.
    """
    from nnsweep.figures.style import save
    from nnsweep.figures.trace import trace

    figure, files = trace(table, title(folder, trial, outcome, TRACED)), FolderArtifacts(folder.traces)
    return [
        files.put(trial.id, "csv", lambda path: write_csv(table, path)),
        files.put(trial.id, "png", lambda path: save(figure, path)),
    ]
