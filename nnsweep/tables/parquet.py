"""Writes a table of very many rows as Parquet, which other tools read in a fraction of the time of CSV."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from nnsweep.tables.columns import Columns, blocks, frame, published

LARGE = 1_000_000
"""Trials; of more than these a run writes a Parquet file beside the CSV file."""


def writes_parquet(trials: int) -> bool:
    """Return whether a run writes so many trials as Parquet: where the package for it is installed."""
    return trials > LARGE and find_spec("pyarrow") is not None


def write_parquet(table: Columns, path: Path) -> None:
    """Write a table block by block."""
    import pyarrow as pa  # pyright: ignore[reportMissingImports]
    from pyarrow.parquet import ParquetWriter  # pyright: ignore[reportMissingImports]

    parts = (pa.Table.from_pandas(published(frame(block)), preserve_index=False) for block in blocks(table))
    first = next(parts)
    with ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        for part in parts:
            writer.write_table(part)


def format_parquet(trials: int) -> str:
    """Say where the trials are as Parquet, or what to install; empty unless there are very many trials."""
    if trials <= LARGE:
        return ""
    if writes_parquet(trials):
        return f"more than {LARGE:,} trials: tables/trials.parquet has them too"
    return f'more than {LARGE:,} trials: pip install "nnsweep[parquet]", and a run writes tables/trials.parquet too'
