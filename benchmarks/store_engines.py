"""Write and read a million rows of numbers with the engines that a store could use.

    python benchmarks/store_engines.py [--rows 1000000]

A row has 14 numbers, as a trial of the store has. A transaction has 2,500 rows and is synchronised to the disk, as in
the store; for Parquet it is a file. Then all rows are read into NumPy arrays. Each engine is a process of its own;
"memory" is what it took besides the program and the numbers themselves. Engines that are not installed are left out:
`pip install duckdb pyarrow`. docs/decisions/columns-in-sqlite.md has the figures, and the other reasons for the choice.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np

BATCH, WHOLE, REAL = 2_500, 8, 6
"""Rows of a transaction, and columns of each type in a row."""
NAMES = [f"c{number}" for number in range(WHOLE + REAL)]
TYPES = ["bigint"] * WHOLE + ["double"] * REAL

Columns = list[np.ndarray]


def columns_of(rows: int) -> Columns:
    """Numbers as trials have them: two digests at random, codes that repeat, and metrics of few different values."""
    random, row = np.random.default_rng(0), np.arange(rows)
    constant, digests = np.ones(rows, dtype=np.int64), [random.integers(2**62, size=rows) for _ in range(2)]
    codes = [row // 100, row % 100, constant, row // 10, row % 10, 0 * constant]
    metrics = [random.integers(4_001, size=rows) / 4_000 for _ in range(REAL - 1)]
    return [digests[0], *codes, digests[1], (row // 2_500 + 1) * 1e-5, *metrics]


def batches(columns: Columns) -> Iterator[Columns]:
    """Cut into transactions."""
    for first in range(0, len(columns[0]), BATCH):
        yield [column[first : first + BATCH] for column in columns]


def write_sqlite(columns: Columns, folder: Path) -> None:
    """Rows of typed columns, with a log beside the file, as the store has it."""
    with sqlite3.connect(folder / "rows.db") as connection:
        connection.executescript("pragma journal_mode = wal; pragma synchronous = full")
        connection.execute(f"create table trial ({', '.join(map(' '.join, zip(NAMES, TYPES, strict=True)))})")
        insert = f"insert into trial values ({', '.join('?' * len(NAMES))})"
        for batch in batches(columns):
            connection.executemany(insert, zip(*(column.tolist() for column in batch), strict=True))
            connection.commit()
    connection.close()


def read_sqlite(folder: Path) -> Columns:
    """Read all rows in parts."""
    connection, parts = sqlite3.connect(folder / "rows.db"), []
    cursor = connection.execute("select * from trial")
    while part := cursor.fetchmany(10 * BATCH):
        parts.append([np.array(column) for column in zip(*part, strict=True)])
    connection.close()
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def write_duckdb(columns: Columns, folder: Path) -> None:
    """Each transaction as an Arrow table."""
    import duckdb  # pyright: ignore[reportMissingImports]
    import pyarrow as pa  # pyright: ignore[reportMissingImports]

    with duckdb.connect(folder / "rows.duckdb") as connection:
        connection.execute(f"create table trial ({', '.join(map(' '.join, zip(NAMES, TYPES, strict=True)))})")
        for batch in batches(columns):
            connection.register("batch", pa.table(dict(zip(NAMES, batch, strict=True))))
            connection.execute("insert into trial select * from batch")


def read_duckdb(folder: Path) -> Columns:
    """Read all rows at once."""
    import duckdb  # pyright: ignore[reportMissingImports]

    with duckdb.connect(folder / "rows.duckdb", read_only=True) as connection:
        return list(connection.execute("select * from trial").fetchnumpy().values())


def write_parquet(columns: Columns, folder: Path) -> None:
    """A file for each transaction."""
    import pyarrow as pa  # pyright: ignore[reportMissingImports]
    from pyarrow.parquet import write_table  # pyright: ignore[reportMissingImports]

    for number, batch in enumerate(batches(columns)):
        path = folder / f"{number:06}.parquet"
        write_table(pa.table(dict(zip(NAMES, batch, strict=True))), path)
        with path.open("rb") as file:
            os.fsync(file.fileno())


def read_parquet(folder: Path) -> Columns:
    """Read all files."""
    from pyarrow.parquet import read_table  # pyright: ignore[reportMissingImports]

    table = read_table(folder)
    return [table[name].to_numpy() for name in NAMES]


ENGINES: dict[str, tuple[tuple[str, ...], Callable[[Columns, Path], None], Callable[[Path], Columns]]] = {
    "SQLite": (("sqlite3",), write_sqlite, read_sqlite),
    "DuckDB": (("duckdb", "pyarrow"), write_duckdb, read_duckdb),
    "Parquet": (("pyarrow",), write_parquet, read_parquet),
}
"""The packages that each engine needs, and how it writes and reads."""


def memory() -> float:
    """The most MB that this process has had."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1024) / 1.048576


def measure(engine: str, rows: int) -> list[float]:
    """Return seconds to write, of the processor and by the clock, seconds to read, and MB of the file and of memory."""
    _, write, read = ENGINES[engine]
    columns = columns_of(rows)
    with tempfile.TemporaryDirectory() as temporary:
        before, used, began = memory(), time.process_time(), time.perf_counter()
        write(columns, Path(temporary))
        written, clock, most = time.process_time() - used, time.perf_counter() - began, memory()
        used = time.process_time()
        found = read(Path(temporary))
        taken = time.process_time() - used
        assert all(np.array_equal(*pair) for pair in zip(found, columns, strict=True)), engine
        size = sum(path.stat().st_size for path in Path(temporary).iterdir()) / 1e6
    return [written, clock, taken, size, most - before]


def main() -> None:
    """Print the table of all engines, or measure one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--engine", choices=ENGINES, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.engine:
        print(json.dumps(measure(asked.engine, asked.rows)))
        return
    print(f"{asked.rows:,} rows: seconds of the processor (by the clock)")
    for engine, (needed, *_) in ENGINES.items():
        if not all(map(find_spec, needed)):
            print(f"{engine:8} is left out: pip install {' '.join(needed)}")
            continue
        command = [sys.executable, __file__, "--engine", engine, "--rows", str(asked.rows)]
        done = subprocess.run(command, capture_output=True, check=True)
        written, clock, taken, size, most = json.loads(done.stdout)
        print(f"{engine:8} written {written:.1f} ({clock:.1f}), read {taken:.1f}, {size:.0f} MB, memory {most:.0f} MB")


if __name__ == "__main__":
    main()
