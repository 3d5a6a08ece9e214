"""Results folders as somebody else may send them: rows, tables and files that nnsweep would never write.

Everything in them is harmless: a trainer that leaves a file, a link to a file of the test's own, texts.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nnsweep.store.schema import RUN_COLUMNS
from tests.helpers.sealed import seal

FILES = ("resolved.json", "env.json", "manifest.json", "grid.toml", "report.html", "trials.db", "tables/trials.csv")
FOLDERS = ("tables", "figures", "traces")
OTHERS = ("trials.db-wal", "trials.db-shm", "trials.db-journal", ".lock")
ESCAPES = "\x1b[31mred\x1b[0m\x07\x9b2J\u202eabc"
"""What a terminal would obey."""
TEXTS = (
    *("", " ", "x", "\0", "a\0b", ESCAPES, "../../outside", "/outside", "=1+1", "＝1+1", "a;=1+1", "a\n=1+1", "'", '"'),
    *("seed", "case", "id", "status", "ok", "mlp", "own_trainer:train", "os:getcwd", "-rf", "é" * 200, "nan", "1e999"),
    *("{", "[]", "{}", "null", "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"), "%s%n{0}{x!r}"),
    *("small", "other", "alpha", "hidden", "error", "2026-01-01T00:00:00+00:00", "png", "exe", "../../outside/x"),
)
NUMBERS = (0, -1, 1, 2, 7, 2**31, 2**63 - 1, -(2**63), 10**30, 0.5, -0.0, 1e308, 5e-324, float("inf"), float("nan"))
JSON = ("params", "metrics", "diagnosis", "numbers", "sweep", "environment")
"""Columns that hold JSON."""
OUTCOMES = (
    "trial",
    "trial",
    "trial",
    "settings",
    "settings",
    "shape",
    "shape",
    "measure",
    "other",
    "history",
    "failure",
)
"""Tables of trials, those with many columns more than once."""
LARGE = 100_000
"""Characters of a text that stands in one row only."""
GIANT = 30_000_000
"""Characters of a text that is too long for anything."""
ENDLESS = "with recursive endless(n) as (select 1 union all select n + 1 from endless)"


class Forger:
    """Draws forgeries; `outside` is where links lead to."""

    def __init__(self, draw: random.Random, outside: Path) -> None:
        self.draw, self.outside = draw, outside

    def forge(self, root: Path) -> str:
        """Forge one thing in a sound results folder; tells what."""
        kinds: list[tuple[int, Callable[[Path], str]]] = [
            (3, self.json_file), (2, self.bytes_of_file), (2, self.special_file), (6, self.row), (5, self.sweep),
            (2, self.run), (2, self.grid), (3, self.table),
        ]  # fmt: skip
        weights = [weight for weight, _ in kinds]
        (kind,) = self.draw.choices([kind for _, kind in kinds], weights)
        try:
            return f"{kind.__name__}: {kind(root)}"
        except (sqlite3.IntegrityError, sqlite3.DataError) as error:
            return f"{kind.__name__}: SQLite refuses it: {error}"

    def value(self, depth: int = 0) -> Any:
        """Draw a value that JSON can hold."""
        kind = self.draw.randrange(10)
        if kind < 4:
            return self.draw.choice(TEXTS)
        if kind < 7:
            return self.draw.choice(NUMBERS)
        if kind == 7 or depth > 2:
            return self.draw.choice([None, True, False, [], {}, [[[]]], {"a": {}}])
        if kind == 8:
            return [self.value(depth + 1) for _ in range(self.draw.randrange(4))]
        return {self.draw.choice(TEXTS): self.value(depth + 1) for _ in range(self.draw.randrange(4))}

    def mutated(self, value: Any) -> Any:
        """Change one thing somewhere in a value."""
        if isinstance(value, dict) and value and self.draw.random() < 0.85:
            key = self.draw.choice(list(value))
            kind = self.draw.randrange(8)
            if kind == 0:
                return {name: each for name, each in value.items() if name != key}
            if kind == 1:
                return value | {self.draw.choice(TEXTS): self.value()}
            return value | {key: self.mutated(value[key])}
        if isinstance(value, list) and value and self.draw.random() < 0.85:
            at = self.draw.randrange(len(value))
            kind = self.draw.randrange(8)
            if kind == 0:
                return value[:at] + value[at + 1 :]
            if kind == 1:
                return [*value, self.value()]
            return [*value[:at], self.mutated(value[at]), *value[at + 1 :]]
        return self.value()

    def text_of_json(self, value: Any) -> str:
        """Write a value as JSON, mostly strict, sometimes none or a giant."""
        kind = self.draw.randrange(40)
        if kind == 0:
            return "[" * 100_000
        if kind == 1:
            return json.dumps("x" * GIANT)
        if kind == 2:
            return json.dumps(value)[:-1]
        if kind == 3:
            return f"[{'{},' * (GIANT // 6)}{{}}]"
        if kind == 4:
            return '{"a":' + "9" * 5000 + "}"
        return json.dumps(value, ensure_ascii=bool(kind % 2))

    # Files

    def json_file(self, root: Path) -> str:
        name = self.draw.choice(FILES[:3])
        path = root / name
        found = json.loads(path.read_bytes())
        for _ in range(self.draw.randint(1, 3)):
            found = self.mutated(found)
        text = self.text_of_json(found)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        return f"{name} = {text[:300]}"

    def bytes_of_file(self, root: Path) -> str:
        name = self.draw.choice([*FILES, *OTHERS])
        path = root / name
        kind = self.draw.randrange(4)
        content = path.read_bytes() if path.exists() else self.draw.randbytes(100)
        if kind == 0:
            content = b""
        elif kind == 1:
            content = content[: self.draw.randrange(len(content) + 1)]
        elif kind == 2:
            at = self.draw.randrange(len(content) + 1)
            content = content[:at] + self.draw.randbytes(self.draw.randint(1, 64)) + content[at:]
        else:
            content = self.draw.randbytes(5000)
        path.write_bytes(content)
        return f"bytes {kind} of {name}"

    def special_file(self, root: Path) -> str:
        name = self.draw.choice([*FILES, *OTHERS, *FOLDERS])
        kind = self.draw.choice(["fifo", "folder", "link", "link to nothing", "link to a device", "file", "gone"])
        path = root / name
        _remove(path)
        path.parent.mkdir(exist_ok=True)
        if kind == "fifo":
            os.mkfifo(path)
        elif kind == "folder":
            path.mkdir()
        elif kind == "link":
            target = self.outside / ("folder" if name in FOLDERS else "file")
            path.symlink_to(target)
        elif kind == "link to nothing":
            path.symlink_to(self.outside / "nothing")
        elif kind == "link to a device":
            path.symlink_to("/dev/zero")
        elif kind == "file":
            path.write_bytes(b"x")
        return f"{name} is {kind}"

    # Rows, with digests that are right

    def cell(self) -> Any:
        """Draw what a column holds."""
        kind = self.draw.randrange(12)
        if kind < 5:
            return self.draw.choice(TEXTS)
        if kind < 7:
            return self.text_of_json(self.value())
        if kind < 9:
            number = self.draw.choice(NUMBERS)
            return number if isinstance(number, float) or abs(number) < 2**63 else float(number)
        if kind == 9:
            return None
        return self.draw.randbytes(20) if kind == 10 else "x" * GIANT

    def row(self, root: Path) -> str:
        """Forge trials, or what they refer to: one row, or all in one column."""
        table = self.draw.choice(OUTCOMES)
        with self.loose(root, table) as connection:
            cursor = connection.execute(f"select rowid as row, * from {table}")
            names, rows = [column[0] for column in cursor.description], cursor.fetchall()
            name = self.draw.choice(names[1:])
            if not rows:
                return f"no row of {table}"
            row = self.draw.choice(rows)
            said = self.change(dict(zip(names, row, strict=True)), name)
            one = self.draw.random() < 0.5 or len(str(said)) > LARGE
            where = "where rowid = ?" if one else "where ? is not null"
            connection.execute(f"update or ignore {table} set {name} = ? {where}", (said, row[0]))
            seal(connection, tally=self.draw.random() < 0.9)
        return f"{name} of {'a row' if one else 'all rows'} of {table} = {said!r}"[:300]

    def change(self, row: dict[str, Any], name: str) -> Any:
        """Change a column: what is JSON somewhere inside, mostly."""
        if name in JSON and row[name] and self.draw.random() < 0.8:
            return self.text_of_json(self.mutated(_parsed(row[name])))
        return self.cell()

    def run(self, root: Path) -> str:
        names = RUN_COLUMNS.split(", ")
        name = self.draw.choice(names)
        with self.loose(root, "run") as connection:
            row = connection.execute(f"select {RUN_COLUMNS} from run").fetchone()
            found = dict(zip(names, row, strict=True))
            found |= {name: self.change(found, name)}
            connection.execute(f"update run set {name} = ?", (found[name],))
            seal(connection)
        return f"{name} = {found[name]!r}"[:300]

    def grid(self, root: Path) -> str:
        table = self.draw.choice(["grid", "grid", "level"])
        with self.loose(root, table) as connection:
            names = [row[1] for row in connection.execute(f"pragma table_info({table})")]
            name = self.draw.choice(names)
            said, one = self.cell(), self.draw.random() < 0.5
            where = f"where {names[1]} = (select min({names[1]}) from {table})" if one else ""
            connection.execute(f"update or ignore {table} set {name} = ? {where}", (said,))
            seal(connection)
        return f"{name} of {table} = {said!r}"[:300]

    def sweep(self, root: Path) -> str:
        """Forge what the store says of the sweep."""
        with self.loose(root, "shown") as connection:
            (text,) = connection.execute("select sweep from shown").fetchone()
            said = self.change({"sweep": text}, "sweep")
            connection.execute("update shown set sweep = ?", (said,))
            seal(connection)
        return f"sweep = {said!r}"[:600]

    # Tables

    def table(self, root: Path) -> str:
        """Forge how the store is put together."""
        name = self.draw.choice([*OUTCOMES, "run", "grid", "level", "shown", "tally", "printed"])
        kind = self.draw.choice(
            ["endless", "view", "endless view", "gone", "column", "trigger", "empty", "many", "sql"]
        )
        with self.loose(root, name) as connection:
            columns = [row[1] for row in connection.execute(f"pragma table_info({name})")]
            if kind == "endless view":
                connection.execute("drop view results")
                connection.execute(f"create view results as {ENDLESS} select n as id from endless")
            elif not columns:
                return f"{kind} of {name}, which is not there"
            elif kind == "endless":
                connection.execute(f"drop table {name}")
                found = ", ".join(f"n as {column}" for column in columns)
                connection.execute(f"create view {name} as {ENDLESS} select {found} from endless")
            elif kind == "view":
                connection.execute(f"alter table {name} rename to other_{name}")
                connection.execute(f"create view {name} as select * from other_{name}")
            elif kind == "gone":
                connection.execute(f"drop table {name}")
            elif kind == "column":
                column = self.draw.choice(columns)
                connection.execute("drop view results")
                connection.execute(f"alter table {name} rename column {column} to other")
            elif kind == "trigger":
                connection.execute(
                    f"create trigger forged before insert on {name} begin delete from trial; delete from run; end"
                )
            elif kind == "empty":
                connection.execute(f"delete from {name}")
            elif kind == "many":
                connection.execute(f"insert or ignore into {name} select * from {name}")
            else:
                connection.execute("pragma writable_schema = on")
                connection.execute("update sqlite_master set sql = sql || ' nonsense' where name = ?", (name,))
        return f"{kind} of {name}"

    def loose(self, root: Path, table: str):
        """Open a store with one of its tables made anew, without types."""
        return _Loose(root / "trials.db", table)


class _Loose:
    def __init__(self, path: Path, table: str) -> None:
        self.path, self.table = path, table

    def __enter__(self) -> sqlite3.Connection:
        self.connection = sqlite3.connect(self.path, isolation_level=None)
        self.connection.execute("pragma trusted_schema = off")
        self.connection.execute("pragma legacy_alter_table = on")  # the view may have been forged before
        (found,) = self.connection.execute(
            "select sql from sqlite_master where name = ?", (self.table,)
        ).fetchall() or [("",)]
        if found[0]:
            self.connection.execute("pragma writable_schema = on")
            loose = found[0].replace("strict", "").replace(" integer", " any").replace(" text", " any")
            loose = loose.replace(" real", " any").replace("not null", "")
            loose = loose.replace("any primary key", "integer primary key")
            self.connection.execute("update sqlite_master set sql = ? where name = ?", (loose, self.table))
            self.connection.execute("pragma writable_schema = reset")
        return self.connection

    def __exit__(self, *_: object) -> None:
        self.connection.close()


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:  # what differs from other settings is a part of their JSON
        return text


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        for each in path.iterdir():
            _remove(each)
        path.rmdir()
    elif path.exists() or path.is_symlink():
        path.unlink()
