"""What a notebook or a script calls: load a sweep, run it, get tables and figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnsweep import spec
from nnsweep.errors import NnsweepError
from nnsweep.grid import Trial, expand
from nnsweep.report.folder import Folder
from nnsweep.run import Plan, Progress, choose_jobs, dispatch, environment, make_plan
from nnsweep.spec.sweep import Sweep
from nnsweep.store import Store, lock
from nnsweep.trainers import Outcome, Trainer
from nnsweep.trainers import load as load_trainer

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.figure import Figure

RESULTS = "results"
FilePath = str | PathLike[str]


def load(path: FilePath, overrides: Sequence[str] = ()) -> Sweep:
    """Read a sweep file; `overrides` are texts such as "alpha=0.01,0.02", which beat the file.

    Raises:
        SpecError: with every mistake in the file, a line each.
    """
    return spec.load(Path(path), overrides)
