"""No bit that flips in a store is read as if nothing had happened."""

from __future__ import annotations

import json
import random
import sqlite3
import struct
from contextlib import closing
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pytest

from nnsweep.errors import StoreError
from nnsweep.store import Store, record_of
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.ids import to_numbers
from tests.helpers.damage import KINDS, flip
from tests.helpers.fake_trials import TRAINER, sweep, trial

FLIPS = 60
SHARED = {
    "settings": ("trainer", "version", "base", "head", "tail", "params", "seeded", "digest"),
    "shape": ("status", "metrics", "diagnosis", "history", "others", "digest"),
    "history": ("base", "head", "data", "digest"),
    "failure": ("text", "digest"),
}
"""Columns of tables that trials refer to."""
OWN = ("id", "settings", "seed", "shape", "seconds", "history", "epochs", "failure", "digest", "m1", "m2")
COLUMNS = (
    *(("trial", column) for column in OWN * 3),
    *((table, column) for table, columns in SHARED.items() for column in columns),
    *(("other", column) for column in ("numbers", "digest")),
)
TRIALS = [replace(trial(n, alpha=n / 8), id=blake2b(bytes([n]), digest_size=8).hexdigest()) for n in range(24)]
IDS = [each.id for each in TRIALS]


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> bytes:
    """A store of 24 trials, as the bytes of its file."""
    path = tmp_path_factory.mktemp("sound") / "trials.db"
    found = [
        Outcome("failed", {"error": n / 7 or -0.0}, {"error": [n / 3, n / 7]}, n / 32, "é" * (1 + n), {"dead": n / 11})
        for n in range(24)
    ]
    with Store.open(path) as store:
        run = store.begin_run({"host": "here"}, "nnsweep grid.toml")
        store.write(run, TRAINER, zip(TRIALS, found, strict=True))
        store.end_run(run, 24, 1.0)
        store.describe(sweep(["alpha"], trials=TRIALS), ["error"], TRIALS)
    return path.read_bytes()


@pytest.fixture(scope="module")
def count(sound) -> bytes:
    """The record beside that store of how many trials it holds."""
    return json.dumps({"trials": len(TRIALS), "began": began(sound)}).encode()


def began(sound: bytes) -> str:
    """When the first run of a store began."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(sound)
        return connection.execute("select started from run").fetchone()[0]


def everything(store: Store) -> list[str]:
    """All that can be read of a store."""
    record = store.sweep_record()
    readings = (
        store.ids(),
        store.outcomes(IDS),
        store.params(IDS),
        store.runs(),
        record and (record.sweep, record.metrics, list(record.trials)),
        columns_of(store),
        store.statuses(),
    )
    return [repr(sorted(each) if isinstance(each, set) else each) for each in readings]


def columns_of(store: Store) -> list[Outcome]:
    """The outcomes as columns."""
    return list(store.columns(to_numbers(IDS)).values())


def flip_in_value(value: object, chance: random.Random) -> object:
    """Flip a bit of what a column holds: of the 64 of a number, or of a text, which may be no text any more."""
    if isinstance(value, int):
        changed = flip(value.to_bytes(8, signed=True), chance.randrange(64))
        return int.from_bytes(changed, signed=True)
    if isinstance(value, float):
        return struct.unpack(">d", flip(struct.pack(">d", value), chance.randrange(64)))[0]
    content = value if isinstance(value, bytes) else str(value).encode()
    return flip(content, chance.randrange(8 * len(content))) if content else b"x"


CONCERNED = {
    "trial": "select id from trial where rowid = :row",
    "measure": "select id from trial",
    "other": "select trial from other where rowid = :row",
    "settings": "select id from trial join settings on settings.number = settings where :row in (settings, base)",
}
"""The trials that a row of a table concerns."""


def flip_in_row(path: Path, table: str, column: str, chance: random.Random) -> list[str]:
    """Flip a bit of one column of one row; the ids of the trials that this concerns, as they are then."""
    with closing(sqlite3.connect(path)) as connection, connection:
        rows = connection.execute(f"select rowid, {column} from {table} where {column} is not null").fetchall()
        row, value = chance.choice(rows)
        changed = flip_in_value(value, chance)
        cast = "cast(? as text)" if isinstance(value, str) else "?"
        connection.execute(f"update {table} set {column} = {cast} where rowid = ?", (changed, row))
        asked = CONCERNED.get(table, f"select id from trial where {table} = :row")
        return [f"{id % 2**64:016x}" for (id,) in connection.execute(f"{asked} order by 1", {"row": row})]


def test_every_flipped_bit_of_a_row_is_found_and_names_the_trials(sound, tmp_path):
    chance, path = random.Random(20), tmp_path / "trials.db"
    for number in range(FLIPS):
        path.write_bytes(sound)
        table, column = COLUMNS[number % len(COLUMNS)]
        concerned = flip_in_row(path, table, column, chance)
        with Store.read(path) as store, pytest.raises(StoreError) as caught:
            store.verify()
        said = [
            f"{path}: trial {id} is not as it was written (its digest does not match; "
            f"{len(concerned)} of 24 rows read); restore the file from a copy, or train again with --fresh"
            for id in concerned
        ]
        assert str(caught.value) in said, (table, column)
        if table != "settings" or column not in ("base", "head", "tail", "digest"):
            with Store.read(path) as store, pytest.raises(StoreError):
                everything(store)


@pytest.mark.parametrize("column", ["kind", "name", "type", "digest"])
def test_every_flipped_bit_of_the_names_of_numbers_is_found(sound, tmp_path, column):
    chance, path = random.Random(20), tmp_path / "trials.db"
    for _ in range(10):
        path.write_bytes(sound)
        flip_in_row(path, "measure", column, chance)
        with Store.read(path) as store, pytest.raises(StoreError) as caught:
            store.verify()
        assert str(caught.value) == (
            f"{path}: the names of its numbers are not as they were written; "
            "restore the file from a copy, or train again with --fresh"
        )


def hurt(sound: bytes, count: bytes, path: Path, seed: int, times: int) -> tuple[int, int]:
    """Damage the file in one way at a time; how often that was found, and how often everything was read as before."""
    path.write_bytes(sound)
    with Store.read(path) as store:
        before = everything(store)
    chance, full = random.Random(seed), [at for at, byte in enumerate(sound) if byte]
    found, harmless, wrong = 0, 0, []
    for number in range(times):
        kind = KINDS[number % len(KINDS)]
        content = kind(sound, full, chance)
        for opened in (Store.read, Store.open):
            for each in path.parent.iterdir():
                each.unlink()
            path.write_bytes(content)
            record_of(path).write_bytes(count)
            try:
                with opened(path) as store:
                    same = everything(store) == before
                harmless += same
                wrong += [] if same else [f"{number}, {kind.__name__}: read as if nothing had happened"]
            except StoreError as error:
                said = str(error)
                told = said.startswith(f"{path}") and len(said.splitlines()) == 1
                found += told
                wrong += [] if told else [f"{number}, {kind.__name__}: {said}"]
    print(f"{times:,} damaged stores, each read and opened: {found:,} told, {harmless:,} harmless, {len(wrong)} wrong")
    assert not wrong, wrong
    return found, harmless


def test_a_damaged_file_is_found_or_reads_as_before(sound, count, tmp_path):
    found, harmless = hurt(sound, count, tmp_path / "trials.db", 21, FLIPS)
    assert found + harmless == 2 * FLIPS
    assert found > FLIPS  # What is read is checked; what is not, such as the text of the view, may flip.


@pytest.mark.slow
def test_hundreds_of_damaged_files(sound, count, tmp_path):
    assert sum(hurt(sound, count, tmp_path / "trials.db", 0, 600)) == 2 * 600


def test_a_trial_that_is_lost_is_missed(sound, tmp_path):
    path = tmp_path / "trials.db"
    path.write_bytes(sound)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("delete from trial where number = 4")
    for read in (Store.ids, Store.verify, lambda store: store.outcomes(IDS)):
        with Store.read(path) as store, pytest.raises(StoreError) as caught:
            read(store)
        assert str(caught.value) == (
            f"{path}: the ids of its 23 trials are not those of the 24 written; "
            "restore the file from a copy, or train again with --fresh"
        )


def test_trials_are_counted_by_the_tally_and_a_lost_one_is_missed_when_it_is_read(sound, tmp_path):
    path, ids = tmp_path / "trials.db", np.sort(to_numbers(IDS))
    path.write_bytes(sound)
    with Store.read(path) as store:
        assert [store.stored(some) for some in (ids, ids[:3], ids[:0], ids[:3] ^ np.uint64(1))] == [24, 3, 0, 0]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("delete from trial where number = 4")
    with Store.read(path) as store:
        assert store.stored(ids) == 24
        for read in (lambda: store.stored(ids[:3]), lambda: store.columns(ids)):
            with pytest.raises(StoreError) as caught:
                read()
            assert str(caught.value) == (
                f"{path}: the ids of its 23 trials are not those of the 24 written; "
                "restore the file from a copy, or train again with --fresh"
            )


def test_columns_are_read_whatever_numbers_the_trials_have(sound, tmp_path):
    path, asked = tmp_path / "trials.db", to_numbers([*IDS[::-2], "0" * 16, *IDS[:2], *IDS[:2]])
    path.write_bytes(sound)
    with closing(sqlite3.connect(path)) as connection, connection:  # as if trials had been trained again
        connection.execute("update trial set number = number + 100 where number % 3 = 0")
    with Store.read(path) as store:
        found, whole = store.columns(asked), store.outcomes(IDS)
    assert list(found) == [*IDS[::-2], *(id for id in IDS[:2] if id not in IDS[::-2])]
    assert {id: found[id].metrics for id in found} == {id: whole[id].metrics for id in found}
    assert {id: found[id].failure for id in found} == {id: whole[id].failure for id in found}


def test_every_flipped_bit_of_the_view_is_found(sound, tmp_path):
    """For it is what other SQLite tools read: a flip may make it show the numbers of another column."""
    path, at = tmp_path / "trials.db", sound.index(b"VIEW results as ") + len(b"VIEW ")
    end = sound.index(b"order by grid.position", at) + len(b"order by grid.position")
    for bit in range(8 * at, 8 * end, 211):
        path.write_bytes(flip(sound, bit))
        with pytest.raises(StoreError) as caught, Store.read(path) as store:
            store.verify()
        assert str(caught.value).startswith(f"{path}: ")
        assert len(str(caught.value).splitlines()) == 1


def test_a_view_that_shows_another_number_is_told_and_written_again(sound, tmp_path):
    path = tmp_path / "trials.db"
    path.write_bytes(sound.replace(b"trial.m1", b"trial.m2", 1))
    with Store.read(path) as store, pytest.raises(StoreError) as caught:
        store.verify()
    assert str(caught.value) == (
        f"{path}: its view `results` is not as it was written; restore the file from a copy, or run the sweep again, "
        "which writes the view"
    )
    with Store.open(path) as store:
        store.describe(sweep(["alpha"], trials=TRIALS), ["error"], TRIALS)
        assert store.verify() == 24


def test_a_column_that_the_view_does_not_have_yet_is_no_damage(sound, tmp_path):
    """A run that is killed has stored numbers of a new type, and not written the view."""
    path = tmp_path / "trials.db"
    path.write_bytes(sound)
    more = replace(trial(30, alpha=30 / 8), id="f" * 16)
    with Store.open(path) as store:
        run = store.begin_run({"host": "here"}, "nnsweep grid.toml")
        store.write(run, TRAINER, [(more, Outcome("ok", {"error": 3}, {}, 0.1))])
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select count(*) from measure where name = 'error'").fetchone() == (2,)
    with Store.read(path) as store:
        assert store.verify() == 25


def test_a_changed_grid_and_a_changed_run_are_found(sound, tmp_path):
    path = tmp_path / "trials.db"
    for change, message in (
        ("update grid set a0 = 0 where position = 3", "its grid is not as it was written"),
        ("update grid set position = 99 where position = 3", "its grid is not as it was written"),
        ("update level set value = 7 where code = 3", "its grid is not as it was written"),
        ("update shown set sweep = '{}'", "its sweep is not as it was written"),
        ("update run set trials = 25", "run 1 is not as it was written"),
        ("update tally set ids = 'x'", "its tally is not as it was written"),
        ("delete from tally", "its tally is not as it was written"),
    ):
        path.write_bytes(sound)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(change)
        with Store.read(path) as store, pytest.raises(StoreError) as caught:
            store.verify()
        assert str(caught.value) == f"{path}: {message}; restore the file from a copy, or train again with --fresh"
