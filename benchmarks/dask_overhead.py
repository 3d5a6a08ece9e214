"""What a task costs on a Dask cluster, beside Dask's own floor, and a sweep beside worker processes of this machine.

    python benchmarks/dask_overhead.py [WORKERS]

Starts a scheduler and workers as processes (default 2), as Dask's documentation says. The floor is a function that does
nothing, with as many tasks at once as nnsweep has. The other is a stack with one trial that does nothing: it goes
through a process of its own on the worker, and is checked there. Then `forum_fixes` is trained, the best of three.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import nnsweep
from nnsweep.execution.backends.dask import DaskBackend
from nnsweep.execution.backends.processes import ProcessBackend
from nnsweep.execution.stack import Stack
from nnsweep.trainers import load
from nnsweep.trials.expand import expand

TASKS = 300
REPEATS = 3
ROOT = Path(__file__).parents[1]


def nothing(number: int) -> int:
    return number


def train(seed: int = 0) -> dict[str, float]:
    return {"loss": 0.0}


def floor(address: str, at_once: int) -> float:
    """Seconds of a task of Dask's."""
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        out, began = deque(), 0.0
        for number in range(TASKS + at_once):
            if number == at_once:
                began = time.perf_counter()
            out.append(client.submit(nothing, number, key=f"floor-{number}", pure=False))
            if len(out) == at_once:
                out.popleft().result()
        return (time.perf_counter() - began) / TASKS


def per_stack(backend: DaskBackend | ProcessBackend, stacks: list[Stack]) -> float:
    """Seconds of a stack that trains nothing."""
    at_once = backend.slots + backend.ahead
    waiting, began = iter(stacks), 0.0
    for _ in range(at_once):
        backend.submit(next(waiting))
    for number in range(TASKS):
        if number == at_once:  # the processes have started
            began = time.perf_counter()
        backend.next()
        if (stack := next(waiting, None)) is not None:
            backend.submit(stack)
    seconds = (time.perf_counter() - began) / (TASKS - at_once)
    backend.cancel()
    return seconds


def best_of(run: Callable[[Path], object]) -> float:
    """Seconds of a run, each in a folder of its own."""
    found = []
    for _ in range(REPEATS):
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            run(Path(folder))
            found.append(time.perf_counter() - began)
    return min(found)


def measure(address: str, workers: int) -> None:
    sweep = nnsweep.sweep("nothing", axes={"seed": {"count": TASKS}}, trainer=train)
    name = sweep.trainer
    stacks = [Stack.of([(trial,)]) for trial in expand(sweep, load(name))]
    least = floor(address, 2 * workers)
    print(f"{TASKS} tasks that do nothing, {workers} workers, {2 * workers} tasks at once")
    print(f"  Dask's floor            {1e3 * least:6.2f} ms a task")
    for what, backend in (
        ("nnsweep on Dask", DaskBackend(name, address)),
        ("worker processes here", ProcessBackend(name, workers)),
    ):
        took = per_stack(backend, stacks)
        print(f"  {what:23} {1e3 * took:6.2f} ms a task, {took / least:.2f} × the floor")
    fixes = ROOT / "sweeps" / "forum_fixes.toml"
    here = best_of(lambda folder: nnsweep.run(fixes, folder, jobs=workers, figures=False))
    there = best_of(lambda folder: nnsweep.run(fixes, folder, scheduler=address, figures=False))
    print(
        f"forum_fixes, best of {REPEATS}: {here:.2f} s by worker processes, {there:.2f} s by Dask: {there / here:.2f} ×"
    )


def main() -> None:
    workers = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scheduler.json"
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(Path(__file__).parent)])}
        started = []

        def start(*words: object) -> None:
            command = [sys.executable, "-m", "dask", *map(str, words), "--no-dashboard", "--host", "127.0.0.1"]
            quiet = subprocess.DEVNULL
            started.append(subprocess.Popen(command, cwd=folder, env=environment, stdout=quiet, stderr=quiet))

        try:
            start("scheduler", "--port", 0, "--scheduler-file", file)
            while not file.exists():
                time.sleep(0.1)
            start("worker", "--scheduler-file", file, "--nworkers", workers, "--nthreads", 1)
            from distributed import Client

            with Client(scheduler_file=str(file), set_as_default=False) as client:
                client.wait_for_workers(workers)
                address = client.scheduler.address
            measure(address, workers)
        finally:
            for process in started[::-1]:
                process.terminate()
                process.wait()


if __name__ == "__main__":
    main()
