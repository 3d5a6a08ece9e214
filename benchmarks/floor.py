"""Time what no trial can do without: its id, its rows in SQLite, its numbers as text. Processor time of one trial.

    python benchmarks/floor.py [--trials 200000]

Nothing of nnsweep is used: this is what Python's hashlib, sqlite3 and repr take, as few statements as can be. What
`scale.py` calls the overhead of a trial cannot be less than the sum.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Callable
from hashlib import blake2b
from itertools import chain
from pathlib import Path

import numpy as np

AT_ONCE, TOGETHER = 20_000, 25
"""Rows of a transaction, and of a statement. `--trials` is a multiple of both."""
INTS, FLOATS = 10, 5
"""Columns of a trial with five metrics and numbers of its diagnosis."""


def digest(head: bytes, tails: list[bytes]) -> None:
    """Digest texts of the same beginning."""
    copy = blake2b(head).copy
    for tail in tails:
        each = copy()
        each.update(tail)
        each.digest()


def write(connection: sqlite3.Connection, table: str, columns: list[list[float]]) -> None:
    """Insert rows, some in each transaction."""
    row = f"(null{', ?' * len(columns)})"
    insert = f"insert into {table} values {', '.join([row] * TOGETHER)}"
    for start in range(0, len(columns[0]), AT_ONCE):
        connection.execute("begin")
        part = chain.from_iterable(zip(*(column[start : start + AT_ONCE] for column in columns), strict=True))
        connection.executemany(insert, zip(*[part] * (TOGETHER * len(columns)), strict=True))
        connection.execute("commit")


def main() -> None:
    """Print the microseconds of each step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=200_000)
    trials = parser.parse_args().trials
    random = np.random.default_rng(0)
    wide = [
        random.integers(-(2**62), 2**62, trials) if at in (0, INTS - 1) else np.arange(trials) for at in range(INTS)
    ]
    floats = [random.random(trials) for _ in range(FLOATS)]
    kinds = ["integer"] * INTS + ["real"] * FLOATS

    def report(what: str, step: Callable[[], object]) -> None:
        began = time.process_time()
        step()
        print(f"{what}: {(time.process_time() - began) / trials * 1e6:.2f} µs")

    tails = [b'%d,"split":"all"}' % seed for seed in range(trials)]
    report("an id: BLAKE2b of the end of a text", lambda: digest(b"x" * 700, tails))
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "floor.db", isolation_level=None)
        connection.execute("pragma journal_mode = wal")
        for table, columns in (("trial", kinds), ("grid", ["integer"] * 4)):
            defined = "".join(f", c{at} {kind}" for at, kind in enumerate(columns))
            connection.execute(f"create table {table} (number integer primary key{defined}) strict")
        rows = [column.tolist() for column in (*wide, *floats)]
        report(f"SQLite: a row of {len(kinds)} numbers", lambda: write(connection, "trial", rows))
        report("SQLite: a row of the grid", lambda: write(connection, "grid", rows[:4]))
        fields = np.dtype([(f"f{at}", "i8" if at <= INTS else "f8") for at in range(len(kinds) + 1)])
        report("SQLite: the row read", lambda: np.fromiter(connection.execute("select * from trial"), fields))
        connection.close()
    report("a float as its shortest text", lambda: [*map(repr, floats[0].tolist())])


if __name__ == "__main__":
    main()
