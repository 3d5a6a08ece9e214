"""The tables of a store, and the view that any SQLite tool can read."""

from __future__ import annotations

from collections.abc import Sequence

from nnsweep.spec.sweep import Axis

APPLICATION = 0x6E6E7377
"""SQLite's `application_id` of a store: "nnsw"."""
VERSION = 1
"""SQLite's `user_version` of a store as this program writes it."""

SCHEMA = """
-- One row for each time the program trained something into this store.
CREATE TABLE run (
    number      INTEGER PRIMARY KEY,
    started     TEXT NOT NULL,      -- ISO 8601, UTC
    ended       TEXT,               -- absent if the run was cut off
    environment TEXT NOT NULL       -- JSON: command, versions, host, processor, commit
) STRICT;

-- One row for each trial that ended, whatever its end. Rows are never changed, only replaced whole.
CREATE TABLE trial (
    id          TEXT PRIMARY KEY,   -- digest of parameters, trainer, its version, and the data
    trainer     TEXT NOT NULL,
    version     TEXT NOT NULL,      -- the trainer's
    params      TEXT NOT NULL,      -- JSON object: every parameter under its canonical name
    settings    TEXT NOT NULL,      -- JSON object: the axes' values as tables show them
    status      TEXT NOT NULL,      -- ok, diverged, failed, crashed or timeout
    metrics     TEXT NOT NULL,      -- JSON object: what was measured after the last epoch
    history     TEXT NOT NULL,      -- JSON object: the same, a list with one number an epoch
    failure     TEXT,               -- a traceback or a sentence, where the trial did not end well
    seconds     REAL NOT NULL,      -- its share of the training time
    run         INTEGER NOT NULL REFERENCES run (number),
    digest      TEXT NOT NULL       -- of the other columns, checked whenever the row is read
) STRICT, WITHOUT ROWID;
"""


def results_view(axes: Sequence[Axis], metrics: Sequence[str]) -> str:
    """Write the statement that makes `results`: one column for each axis and each metric."""
    columns = ["id"]
    for axis in axes:
        value = f"coalesce({_member('settings', axis.name)}, {_member('params', axis.parameter)})"
        columns.append(f"{value} AS {_identifier(axis.name)}")
    columns.append("status")
    columns += [f"{_member('metrics', metric)} AS {_identifier(metric)}" for metric in metrics]
    return f"CREATE VIEW results AS SELECT {', '.join(columns)}, seconds, run FROM trial"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _member(column: str, name: str) -> str:
    path = '$."' + name.replace('"', '\\"') + '"'
    return f"json_extract({column}, '" + path.replace("'", "''") + "')"
