"""Whether the tables of a store are those that nnsweep makes: reading a view in place of one may never end."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from nnsweep.store.sqlite_errors import damage

EVERY = {
    "run": "number started ended command environment trials seconds",
    "trial": "id run digest",
    "grid": "position trial",
    "shown": "",
    "tally": "trials ids",
    "printed": "trial text digest",
    "logged": "number trial part digest data",
    "artifact": "trial name size content digest",
    "rejected": "trial run folder seconds content key digest",
}
"""The columns that each table has in every version that has the table; `shown` has had none such."""
EARLIER = {**EVERY, "trial": "id trainer version params status metrics history failure seconds run digest"}
EARLIER["grid"] = "position trial settings"
PRESENT = {
    **EVERY,
    "trial": "number id settings seed shape seconds history epochs failure run digest",
    "shown": "sweep grid digest",
    "settings": "number trainer version base head tail params seeded digest",
    "shape": "number status metrics diagnosis history others digest",
    "measure": "number kind name type digest",
    "other": "trial numbers digest",
    "history": "number base head data digest",
    "failure": "number text digest",
    "level": "axis code value",
}
"""The columns of version 4."""
OPTIONAL = {"printed", "logged", "artifact", "rejected"}
"""Tables that are made when they are first needed."""
IN_EVERY_VERSION = "run", "trial", "grid", "shown"


def version_of(connection: sqlite3.Connection) -> int:
    """Read the version of a store's tables; 0 for a file without tables."""
    return connection.execute("pragma user_version").fetchone()[0]


def check_layout(connection: sqlite3.Connection, version: int) -> None:
    """Make sure that a store has the tables of nnsweep, that these are plain, and that writing runs nothing else.

    Raises:
        sqlite3.DatabaseError: it has not.
    """
    found = connection.execute("select type, name, rootpage from sqlite_master where type <> 'index'").fetchall()
    tables = PRESENT if version > 3 else EARLIER
    kinds: dict[str, str] = {}
    for kind, name, page in found:
        kinds[str(name).lower()] = "virtual table" if kind == "table" and not page else kind
    for name, kind in kinds.items():
        if kind == "trigger" or (name in tables and kind != "table"):
            raise damage(f"`{name}` is a {kind}")
    needed = PRESENT.keys() - OPTIONAL if version > 3 else IN_EVERY_VERSION
    missing = sorted(name for name in needed if name not in kinds)
    if missing:
        raise damage(f"no table `{missing[0]}`")
    for name in tables.keys() & kinds.keys():
        _check_columns(connection, name, tables[name].split())


def _check_columns(connection: sqlite3.Connection, table: str, needed: Sequence[str]) -> None:
    columns = connection.execute(f"pragma table_xinfo({table})").fetchall()
    computed = [name for _, name, *_, hidden in columns if hidden]
    if computed:
        raise damage(f"`{table}.{computed[0]}` is computed")
    lacking = [name for name in needed if name not in {each[1] for each in columns}]
    if lacking:
        raise damage(f"no column `{table}.{lacking[0]}`")
