"""Writes a table of very many rows as Parquet, which other tools read in a fraction of the time of CSV."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from nnsweep.tables.columns import Columns, blocks, frame, published

LARGE = 1_000_000
"""Trials; of more than these a run writes a Parquet file beside the CSV file."""


def writes_parquet(trials: int) -> bool:
    """Return whether a run writes so many trials as Parquet: where the package for it is installed."""
    return trials > LARGE and find_spec("pyarrow") is not None


def write_parquet(parts: Iterable[Columns], path: Path) -> None:
    """Write a table, given in parts with the same columns, block by block."""
    import pyarrow as pa  # pyright: ignore[reportMissingImports]
    from pyarrow.parquet import ParquetWriter  # pyright: ignore[reportMissingImports]

    frames = (published(frame(block)) for part in parts for block in blocks(part))
    tables = (pa.Table.from_pandas(each, preserve_index=False) for each in frames)
    first = next(tables)
    with ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)


def format_parquet(trials: int) -> str:
    """Say where the trials are as Parquet, or what to install; empty unless there are very many trials."""
    if trials <= LARGE:
        return ""
    if writes_parquet(trials):
        return f"more than {LARGE:,} trials: tables/trials.parquet has them too"
    return f'more than {LARGE:,} trials: pip install "nnsweep[parquet]", and a run writes tables/trials.parquet too'
