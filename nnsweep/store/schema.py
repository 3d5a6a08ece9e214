"""The tables of `trials.db`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

APPLICATION = 0x6E6E7377
"""`PRAGMA application_id`: "nnsw" in ASCII."""
VERSION = 4
"""`PRAGMA user_version`: raise it when the tables below change, and add a step to `migrate.py`."""

RUN_COLUMNS = "number, started, ended, command, environment, trials, seconds"

SHOWN = """
-- What the sweep calls things, so that its tables can be made from this file alone.
create table shown (
    sweep  text not null,           -- JSON: name, description, trainer, source, overrides, axes, metrics, success
    grid   text not null,           -- BLAKE2b of the tables grid and level
    digest text not null            -- BLAKE2b of the other columns
) strict"""

TALLY = """
-- What must be in `trial`, so that a row that is lost is missed.
create table tally (
    trials integer not null,        -- how many
    ids    text not null            -- the exclusive or of their ids, in hex
) strict"""

RUN = """
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
) strict"""

TRIALS = """
-- One row for each trial ever trained here. The same id is the same result, bit for bit.
create table trial (
    number   integer primary key,   -- in the order in which they were stored
    id       integer not null,      -- 64 bits: a digest of trainer, version, data and params; tables show them in hex
    settings integer not null,      -- number in `settings`: trainer, version, params
    seed     integer not null,      -- the value of "seed" in the params, where the settings leave it out
    shape    integer not null,      -- number in `shape`: status, and what the trial has
    seconds  real not null,         -- the trial's share of its stack's time
    history  integer not null,      -- number in `history`, 0 where there is none
    epochs   integer not null,      -- how many records of that history are the trial's own: checkpoints share one
    failure  integer not null,      -- number in `failure`, 0 where there is none
    run      integer not null,      -- number in `run`
    digest   integer not null       -- of all columns but number and run, see `checksum.py`
                                    -- further columns m1, m2, …: the numbers that `measure` names
) strict;

-- What trials share of what they were asked: all but the seed.
create table settings (
    number  integer primary key,
    trainer text not null,
    version text not null,
    base    integer not null,       -- the settings whose params begin and end the same, 0 if `params` is complete
    head    integer not null,       -- how many characters at the beginning are the same
    tail    integer not null,       -- how many at the end
    params  text not null,          -- JSON: every parameter, or what stands between head and tail; "seed" is null
    seeded  integer not null,       -- 1 if the null of the last "seed" stands for the column `trial.seed`
    digest  text not null           -- BLAKE2b of the other columns
) strict;

-- What trials have, each list in its order.
create table shape (
    number    integer primary key,
    status    text not null,        -- ok, diverged, failed, crashed or timeout
    metrics   text not null,        -- JSON: names; what is not finite is absent
    diagnosis text not null,        -- JSON: names
    history   text not null,        -- JSON: name and type of each list, d (float64) or q (int64); null if it is JSON
    others    integer not null,     -- 1 if some numbers stand in the table `other`
    digest    text not null         -- BLAKE2b of the other columns
) strict;

-- Which number a column of `trial` holds: that of row 1 stands in the column m1.
create table measure (
    number integer primary key,
    kind   text not null,           -- metric (after the last epoch) or diagnosis
    name   text not null,
    type   text not null,           -- real or integer: a number of a name stands in the column of its type
    digest text not null            -- BLAKE2b of the other columns
) strict;

-- Numbers of a trial that have no column: whole ones beyond 2**53, minus zero, those of names after the first 200.
create table other (
    trial   integer primary key,    -- the trial's id
    numbers text not null,          -- JSON: metrics and diagnosis, each a table of name -> number
    digest  text not null           -- BLAKE2b of the other columns
) strict;

-- The histories of trainings, once for all their checkpoints, a record for each epoch.
create table history (
    number integer primary key,
    base   integer not null,        -- the history whose first epochs are the same, 0 if `data` is complete
    head   integer not null,        -- how many epochs are the same
    data   any not null,            -- for each further epoch 8 bytes per list, little-endian; or JSON
    digest text not null            -- BLAKE2b of the other columns
) strict;

-- Why trials did not end well: a traceback, or a sentence.
create table failure (
    number integer primary key,
    text   text not null,
    digest text not null            -- BLAKE2b of the other columns
) strict"""

LEVELS = """
-- The values on the axes, as tables show them.
create table level (
    axis  integer not null,
    code  integer not null,
    value any,
    primary key (axis, code)
) strict, without rowid"""


GRID = """
-- The sweep as it was last asked for, in the order of its grid. Two rows may share one trial.
create table grid (
    position integer primary key,
    trial    integer not null       -- its id
                                    -- further columns a0, a1, …: the code of its value on each axis, see `level`
) strict"""

TABLES = "".join(
    f"{table};\n" for table in (RUN, TRIALS, GRID, LEVELS, SHOWN, TALLY, "insert into tally values (0, '0')")
)


def results_view(axes: Sequence[str], metrics: Sequence[str], columns: Mapping[str, Sequence[str]]) -> str:
    """Write the SQL of the view `results`: one row per trial of the grid, one column per axis and metric.

    `columns` are those of the table `trial` that hold metrics. If names collide, axes come first, then the view's own
    columns, then metrics; the later one gets a final underscore.
    """
    taken = set[str]()
    of_axes = [f"{_level(number)} as {_identifier(_free(name, taken))}" for number, name in enumerate(axes)]
    id, status, seconds, failure = (_identifier(_free(name, taken)) for name in ("id", "status", "seconds", "failure"))
    of_metrics = [f"{_metric(name, columns.get(name, ()))} as {_identifier(_free(name, taken))}" for name in metrics]
    selected = [
        f"printf('%016x', grid.trial) as {id}",
        f"coalesce(shape.status, 'missing') as {status}",
        *of_axes,
        *of_metrics,
        f"trial.seconds as {seconds}",
        f"failure.text as {failure}",
    ]
    return (
        f"create view results as select {', '.join(selected)} from grid left join trial on trial.id = grid.trial "
        "left join shape on shape.number = trial.shape left join failure on failure.number = trial.failure "
        "left join other on other.trial = trial.id and shape.others order by grid.position"
    )


def _level(axis: int) -> str:
    return f"(select value from level where axis = {axis} and code = grid.a{axis})"


def _metric(name: str, columns: Sequence[str]) -> str:
    # A JSON path cannot express a quotation mark or a backslash in a name. json_each can.
    other = f"(select value from json_each(other.numbers, '$.metrics') where key = {_text(name)})"
    return f"coalesce({', '.join([*(f'trial.{column}' for column in columns), other])})" if columns else other


def _free(name: str, taken: set[str]) -> str:
    # SQLite treats names as equal if they differ only in the case of ASCII letters.
    while name.lower() in taken:
        name += "_"
    taken.add(name.lower())
    return name


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
