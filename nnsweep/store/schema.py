"""The tables of `trials.db`."""

from __future__ import annotations

from collections.abc import Iterable

APPLICATION = 0x6E6E7377
"""`PRAGMA application_id`: "nnsw" in ASCII."""
VERSION = 3
"""`PRAGMA user_version`: raise it when the tables below change, and add a step to `migrate.py`."""

RUN_COLUMNS = "number, started, ended, command, environment, trials, seconds"

SHOWN = """
-- What the sweep calls things, so that its tables can be made from this file alone.
create table shown (
    sweep  text not null,           -- JSON: name, description, trainer, source, overrides, axes, metrics, success
    grid   text not null,           -- BLAKE2b of the table grid
    digest text not null            -- BLAKE2b of the other columns
) strict"""

TALLY = """
-- What must be in `trial`, so that a row that is lost is missed.
create table tally (
    trials integer not null,        -- how many
    ids    text not null            -- the exclusive or of their ids' bytes, in hex
) strict"""

TABLES = f"""
-- One row for each time a sweep was run in this folder.
create table run (
    number      integer primary key,
    started     text not null,      -- ISO 8601, UTC
    ended       text,               -- null while it runs, and if it was killed
    command     text not null,
    environment text not null,      -- JSON: versions, host, CPU, BLAS, commit
    trials      integer,            -- how many it trained
    seconds     real,               -- wall time
    digest      text not null       -- BLAKE2b of the other columns
) strict;

-- One row for each trial ever trained here. The same id is the same result, bit for bit.
create table trial (
    id      text primary key,       -- digest of trainer, version, data and params
    trainer text not null,
    version text not null,
    params  text not null,          -- JSON: every parameter, under its canonical name
    status  text not null,          -- ok, diverged, failed, crashed or timeout
    metrics text not null,          -- JSON: metric -> value after the last epoch; null where it was not finite
    history text not null,          -- JSON: metric -> one value per epoch
    failure text,                   -- traceback, or a sentence
    seconds real not null,          -- the trial's share of its stack's time
    run     integer not null references run (number),
    digest  text not null,          -- BLAKE2b of all columns but run
    diagnosis text                  -- JSON: name -> number; null where nothing was diagnosed
) strict;

-- The sweep as it was last asked for, in the order of its grid. Two rows may share one trial.
create table grid (
    position integer primary key,
    trial    text not null,
    settings text not null          -- JSON: axis -> value, as tables show it
) strict;

{SHOWN};

{TALLY};
insert into tally values (0, '0');
"""


def results_view(axes: Iterable[str], metrics: Iterable[str]) -> str:
    """Write the SQL of the view `results`: one row per trial of the grid, one column per axis and metric.

    If names collide, axes come first, then the view's own columns, then metrics; the later one gets a final underscore.
    """
    axes, taken = list(axes), set[str]()
    of_axes = [f"{_value('grid.settings', name)} as {_identifier(_free(name, taken))}" for name in axes]
    id, status, seconds, failure = (_identifier(_free(name, taken)) for name in ("id", "status", "seconds", "failure"))
    of_metrics = [f"{_value('trial.metrics', name)} as {_identifier(_free(name, taken))}" for name in metrics]
    columns = [
        f"grid.trial as {id}",
        f"coalesce(trial.status, 'missing') as {status}",
        *of_axes,
        *of_metrics,
        f"trial.seconds as {seconds}",
        f"trial.failure as {failure}",
    ]
    return (
        f"create view results as select {', '.join(columns)} "
        "from grid left join trial on trial.id = grid.trial order by grid.position"
    )


def _free(name: str, taken: set[str]) -> str:
    # SQLite treats names as equal if they differ only in the case of ASCII letters.
    while name.lower() in taken:
        name += "_"
    taken.add(name.lower())
    return name


def _value(source: str, name: str) -> str:
    # A JSON path cannot express a quotation mark or a backslash in a name. json_each can, in five times the time.
    if '"' in name or "\\" in name:
        return f"(select value from json_each({source}) where key = {_text(name)})"
    path = _text(f'$."{name}"')
    return f"json_extract({source}, {path})"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
