"""Write the trace of a trial: a table of its weights over the steps, and a figure."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from nnsweep.errors import StoreError
from nnsweep.folder.paths import Folder, write_file
from nnsweep.questions.trial.titles import TRACED, title
from nnsweep.tables import write_csv
from nnsweep.trainers import Outcome
from nnsweep.trials.grid import Trial


def write_trace(folder: Folder, trial: Trial, outcome: Outcome, table: pd.DataFrame) -> list[Path]:
    """Write `traces/<id>.csv` and `.png`, and list them.

    Raises:
        StoreError: they cannot be written.
    """
    from nnsweep.figures import save
    from nnsweep.figures.trace import trace

    paths = [folder.traces / f"{trial.id}.{kind}" for kind in ("csv", "png")]
    try:
        folder.traces.mkdir(exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder.traces}: {error.strerror}") from error
    write_file(paths[0], lambda path: write_csv(table, path))
    figure = trace(table, title(folder, trial, outcome, TRACED))
    write_file(paths[1], lambda path: save(figure, path))
    return paths
