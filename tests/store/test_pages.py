"""Tables of numbers that are read from the pages of a file are those that SQLite reads."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from nnsweep.errors import StoreError
from nnsweep.store import Store, image
from nnsweep.store.image import Image
from nnsweep.store.open import PAGE
from nnsweep.store.pages import Pages, Unknown
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.ids import to_numbers
from tests.helpers.fake_trials import TRAINER, trial

KINDS = np.dtype([("key", np.int64), ("a", np.int64), ("b", np.float64), ("c", np.float64)])
WHOLE = [0, 1, -1, *(sign * 2**power - sign for power in (7, 8, 15, 16, 23, 31, 47, 63) for sign in (1, -1))]
REAL = [0.0, -0.0, 1.0, 0.5, -3.0, 1e300, 5e-324, float("inf"), None]


def table(page_size=512, rows=600, seed=0) -> bytes:
    """Give a file with a table of numbers of all lengths, with gaps, of which a column came late."""
    draw = random.Random(seed)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"pragma page_size = {page_size}")
        connection.execute("create table other (text text)")
        connection.execute("create table numbers (key integer primary key, a integer not null, b real)")
        for key in range(rows):
            row = key + draw.choice([0, 0, 0, 2**33]) * (key > rows // 2), draw.choice(WHOLE), draw.choice(REAL)
            connection.execute("insert into numbers values (?, ?, ?)", row)
            connection.execute("insert into other values (?)", ("x" * draw.randrange(min(page_size, 4096)),))
        connection.execute("alter table numbers add column c real")
        connection.execute("update numbers set c = key / 3.0 where key % 3 = 0")
        connection.execute("delete from numbers where key % 7 = 0")
        return connection.serialize()


def opened(content: bytes) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.deserialize(content)
    return connection


@pytest.mark.parametrize("page_size", [512, 4096, 65536])
def test_columns_are_those_that_sqlite_reads(page_size):
    for first, last in ((0, 2**40), (0, 0), (100, 250), (249, 249), (595, 2**33 + 500)):
        with closing(opened(table(page_size))) as connection:
            query = "select key, a, b, c from numbers where key between ? and ? order by key"
            expected = np.fromiter(connection.execute(query, (first, last)), KINDS)
            found = Image(connection).table("numbers", KINDS, first, last)
        if not len(expected):
            assert found is None
            continue
        assert found is not None
        for name in KINDS.names or ():
            assert found[name].dtype == KINDS[name]
            np.testing.assert_array_equal(found[name], expected[name])
            assert np.array_equal(np.signbit(found[name]), np.signbit(expected[name])), "-0.0 is not 0.0"


@pytest.mark.parametrize(
    "change",
    [
        "insert into numbers values (-5, 1, 1.0, 1.0)",
        "insert into numbers values (700, 'a text', 1.0, 1.0)",
        "insert into numbers values (700, 0.5, 1.0, 1.0)",
        "insert into numbers values (700, 1, x'00', 1.0)",
        f"insert into numbers values ({2**40}, 1, 1.0, 1.0)",
        "drop table numbers; create table numbers (key integer, a, b, c, primary key (key)) without rowid",
    ],
)
def test_what_is_no_table_of_numbers_is_left_to_sqlite(change):
    with closing(opened(table())) as connection:
        connection.executescript(change)
        assert Image(connection).table("numbers", KINDS, -(2**41), 2**41) is None


def test_no_damage_raises_anything_else():
    content, draw = bytearray(table()), random.Random(0)
    with closing(opened(bytes(content))) as connection:
        ((root,),) = connection.execute("select rootpage from sqlite_master where name = 'numbers'")
    unknown = 0
    for _ in range(100):
        damaged = content.copy()
        for _ in range(draw.randrange(1, 300)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        try:
            for rows in Pages(bytes(damaged)).rows(root, {1: np.int64, 2: np.float64, 3: np.float64}, 0, 2**40):
                assert all(len(column) == len(rows.keys) for column in rows.columns.values())
        except Unknown:
            unknown += 1
    print(f"100 damaged files, of which {unknown} are not known")
    assert unknown > 50


@pytest.fixture
def images(monkeypatch):
    """Read all stores from images, and count these."""
    made: list[Image] = []
    monkeypatch.setattr(image, "LEAST", 1)
    monkeypatch.setattr(image, "PER_ROW", 10**6)
    init = Image.__init__
    monkeypatch.setattr(Image, "__init__", lambda self, connection: (made.append(self), init(self, connection))[1])
    return made


def test_a_store_gives_the_same_from_an_image_and_damage_is_told(tmp_path, images, monkeypatch):
    path, trials = tmp_path / "trials.db", [trial(number) for number in range(200)]
    with Store.open(path) as store:
        outcomes = [
            Outcome("ok", {"error": n / 7, "n": n}, seconds=n / 8, diagnosis={"dead": -0.0}) for n in range(200)
        ]
        store.write(store.begin_run({}, ""), TRAINER, zip(trials, outcomes, strict=True))
    ids = to_numbers(each.id for each in trials)
    with Store.read(path) as store:
        found = store.columns(ids[::-1])
    assert len(images) == 1
    assert [found.metrics["error"].tolist(), found.metrics["n"].tolist()] == [
        [n / 7 for n in range(199, -1, -1)],
        [*range(199, -1, -1)],
    ]
    sound, draw, told = path.read_bytes(), random.Random(0), 0
    used = [place for place, byte in enumerate(sound) if byte and place >= PAGE]
    for _ in range(8):
        damaged = bytearray(sound)
        damaged[draw.choice(used)] ^= 1 << draw.randrange(8)
        path.write_bytes(damaged)
        said = []
        for least in (1, 10**9):  # from an image, and from SQLite
            monkeypatch.setattr(image, "LEAST", least)
            try:
                with Store.read(path) as store:
                    again = store.columns(ids[::-1])
                assert {name: column.tolist() for name, column in again.metrics.items()} == {
                    name: column.tolist() for name, column in found.metrics.items()
                }
                said.append("")
            except StoreError as error:
                said.append(str(error))
        assert bool(said[0]) == bool(said[1]), said
        told += bool(said[0])
    print(f"8 flipped bits, of which {told} are told")
    assert told > 3


def test_few_rows_and_large_files_are_read_by_sqlite(monkeypatch):
    with closing(opened(table())) as connection:
        assert Image.of(connection, image.LEAST) is not None
        assert Image.of(connection, image.LEAST - 1) is None
        monkeypatch.setattr(image, "LARGEST", 1000)
        assert Image.of(connection, image.LEAST) is None
