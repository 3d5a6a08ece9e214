"""What the process does that draws figures: see `drawing_process`."""

from __future__ import annotations

import gc
import os
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def serve() -> None:
    """Import what drawing needs, then draw the jobs that come on standard input, until one cannot be drawn."""
    gc.set_threshold(1_000_000)  # as the command line does
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed must not come between the answers
    with _without("scipy"):  # seaborn imports it for statistics, in more time than all else together takes
        import seaborn  # noqa: F401
    from nnsweep.figures import heatmap  # noqa: F401 - imported now, while trials are trained
    from nnsweep.figures.style import encode
    from nnsweep.report import draw, overview_figures  # noqa: F401

    for job, suffixes in pickle.load(sys.stdin.buffer):
        figure = job()
        pickle.dump([encode(figure, suffix) for suffix in suffixes], answers)
        answers.flush()


@contextmanager
def _without(package: str) -> Iterator[None]:
    """Hide an optional package from what is imported meanwhile."""
    modules: dict[str, Any] = sys.modules
    modules[package] = None
    try:
        yield
    finally:
        del modules[package]
