"""Time and memory of the store, from ten thousand trials to a million.

    python benchmarks/store.py [TRIALS ...]

For each size and number of trials per transaction: writing, reading the ids, reading all outcomes with their
histories, and, from a process that has nothing else in memory, the tables: summary, and export as CSV. A column grows
with the number of trials when its microseconds per trial stay the same.
"""

from __future__ import annotations

import gc
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nnsweep
from nnsweep.design.sweep import Sweep
from nnsweep.store import Store
from nnsweep.trainers import Outcome, load
from nnsweep.trials.expand import expand
from nnsweep.trials.trial import Trial

SIZES = (10_000, 100_000, 1_000_000)
BATCHES = (1_000, 10_000)
GRID = """
name = "large"
[axes]
alpha = {{ linspace = [0.001, 0.1], num = {settings} }}
epochs = {{ from = 1, to = 10 }}
seed = {{ count = 100 }}
[success]
metric = "error"
below = 0.05
"""


def sweep_of(trials: int) -> Sweep:
    return nnsweep.sweepfile.loads(GRID.format(settings=trials // 1000))


def outcomes(trials: list[Trial]) -> Iterator[tuple[Trial, Outcome]]:
    """Outcomes as a training gives them: an error after every epoch."""
    for number, trial in enumerate(trials):
        errors = [(number * 7919 + epoch) % 4001 / 4000 for epoch in range(trial.params["epochs"])]
        yield trial, Outcome("ok", {"error": errors[-1]}, {"error": errors}, 1e-4)


def write(folder: Path, size: int, batch: int) -> dict[str, float]:
    sweep, trainer = sweep_of(size), load("mlp")
    trials = expand(sweep, trainer)
    spent = 0.0
    with Store.open(folder / "large" / "trials.db") as store:
        run, pairs = store.begin_run({}, "benchmark"), outcomes(trials)
        for _ in range(0, size, batch):
            part = [pair for pair, _ in zip(pairs, range(batch), strict=False)]
            started = time.perf_counter()
            store.write(run, trainer, part)
            spent += time.perf_counter() - started
        describe = timed(lambda: store.describe(sweep, ["error"], trials))
        close = timed(store.close)
    return {"write": spent, "describe": describe, "close": close}


def read_ids(folder: Path, size: int, batch: int) -> dict[str, float]:
    with Store.read(folder / "large" / "trials.db") as store:
        return {"ids": timed(store.ids)}


def read_outcomes(folder: Path, size: int, batch: int) -> dict[str, float]:
    with Store.read(folder / "large" / "trials.db") as store:
        shown = store.sweep_record()
        assert shown is not None
        ids = [trial.id for trial in shown.trials]
        del shown
        return {"outcomes": timed(lambda: store.outcomes(ids))}


def verify(folder: Path, size: int, batch: int) -> dict[str, float]:
    with Store.read(folder / "large" / "trials.db") as store:
        return {"verify": timed(store.verify)}


def summarize(folder: Path, size: int, batch: int) -> dict[str, float]:
    from nnsweep import tables
    from nnsweep.folder import catalog, export

    assert catalog.names(folder) == ["large"]
    table = tables.columns(export.table(export.folder_of("large", folder)))
    return {"summary": timed(lambda: tables.summary(table, ["alpha", "epochs"], ["error"], success=True))}


def export_csv(folder: Path, size: int, batch: int) -> dict[str, float]:
    from nnsweep.folder import export

    def whole() -> None:
        export.write(export.table(export.folder_of("large", folder)), folder / "large.csv", "csv")

    return {"export": timed(whole)}


STEPS = (write, read_ids, read_outcomes, verify, summarize, export_csv)


def timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def child(step: str, folder: str, size: str, batch: str) -> None:
    gc.set_threshold(200_000)  # as the command line does
    spent = globals()[step](Path(folder), int(size), int(batch))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": spent, "megabytes": peak / 1024}))


def main(sizes: list[int]) -> None:
    print(f"{'trials':>9} {'batch':>6}  {'what':9} {'seconds':>8} {'µs/trial':>8} {'peak MB':>8}")
    for size in sizes:
        for batch in BATCHES:
            with tempfile.TemporaryDirectory() as folder:
                for step in STEPS if batch == BATCHES[-1] else STEPS[:1]:
                    command = [sys.executable, __file__, step.__name__, folder, str(size), str(batch)]
                    found = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
                    for what, seconds in found["seconds"].items():
                        each = f"{seconds:8.2f} {1e6 * seconds / size:8.1f} {found['megabytes']:8.0f}"
                        print(f"{size:9,} {batch:6,}  {what:9} {each}", flush=True)
                store = Path(folder, "large", "trials.db")
                print(f"{size:9,} {batch:6,}  {'file':9} {store.stat().st_size / 2**20:26.0f}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 5 and not sys.argv[1].isdigit():
        child(*sys.argv[1:])
    else:
        main([int(text.replace("_", "")) for text in sys.argv[1:]] or list(SIZES))
