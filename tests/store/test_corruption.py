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

import pytest

from nnsweep.errors import StoreError
from nnsweep.store import Store, record_of
from nnsweep.trainers.protocol import Outcome
from tests.helpers.fake_trials import TRAINER, sweep, trial

FLIPS = 300
COLUMNS = (
    *("id", "params", "status", "metrics", "history", "failure", "seconds"),
    *("trainer", "version", "diagnosis", "digest"),
)
TRIALS = [replace(trial(n, alpha=n / 8), id=blake2b(bytes([n]), digest_size=8).hexdigest()) for n in range(24)]
IDS = [each.id for each in TRIALS]


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> bytes:
    """A store of 24 trials, as the bytes of its file."""
    path = tmp_path_factory.mktemp("sound") / "trials.db"
    found = [
        Outcome("failed", {"error": n / 7}, {"error": [n / 3, n / 7]}, n / 32, "é" * n, {"dead": n / 11})
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
    readings = (
        store.ids(),
        store.outcomes(IDS),
        store.params(IDS),
        store.runs(),
        store.sweep_record(),
        store.statuses(),
    )
    return [repr(sorted(each) if isinstance(each, set) else each) for each in readings]


def flip(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def flip_in_row(path: Path, column: str, id: str, chance: random.Random) -> str:
    """Flip a bit of one column's content, as a text that may be no text any more; the id that the row has then."""
    with closing(sqlite3.connect(path)) as connection, connection:
        (value,) = connection.execute(f"select {column} from trial where id = ?", (id,)).fetchone()
        if column == "seconds":
            changed = struct.unpack(">d", flip(struct.pack(">d", value), chance.randrange(64)))[0]
            connection.execute("update trial set seconds = ? where id = ?", (changed, id))
            return id
        content = value.encode()
        content = flip(content, chance.randrange(8 * len(content)))
        connection.execute(f"update trial set {column} = cast(? as text) where id = ?", (content, id))
    return content.decode("utf-8", "surrogateescape") if column == "id" else id


def test_every_flipped_bit_of_a_row_is_found_and_names_the_row(sound, tmp_path):
    chance, path = random.Random(20), tmp_path / "trials.db"
    for number in range(FLIPS):
        path.write_bytes(sound)
        column = COLUMNS[number % len(COLUMNS)]
        now = flip_in_row(path, column, IDS[chance.randrange(1, 24)], chance)
        name = now.encode("unicode_escape").decode()
        with Store.read(path) as store, pytest.raises(StoreError) as caught:
            store.verify()
        assert str(caught.value) == (
            f"{path}: trial {name} is not as it was written (its digest does not match; 1 of 24 rows read); "
            "restore the file from a copy, or train again with --fresh"
        ), column
        with Store.read(path) as store, pytest.raises(StoreError):
            everything(store)


def flipped(sound: bytes, full: list[int], chance: random.Random) -> bytes:
    """Flip one bit, mostly where the file is not empty."""
    byte = chance.choice(full) if chance.randrange(10) else chance.randrange(len(sound))
    return flip(sound, 8 * byte + chance.randrange(8))


def truncated(sound: bytes, full: list[int], chance: random.Random) -> bytes:
    """Cut the end off: mostly whole pages, as file systems do."""
    size = chance.randrange(len(sound))
    return sound[: size // 4096 * 4096 if chance.randrange(4) else size]


def burst(sound: bytes, full: list[int], chance: random.Random) -> bytes:
    """Overwrite up to a page: with zeros, with ones or at random."""
    at, size = chance.choice(full), chance.choice([2, 16, 512, 4096])
    other = chance.choice([bytes(size), b"\xff" * size, chance.randbytes(size)])
    return (sound[:at] + other + sound[at + size :])[: len(sound)]


def hurt(sound: bytes, count: bytes, path: Path, seed: int, times: int) -> tuple[int, int]:
    """Damage the file in one way at a time; how often that was found, and how often everything was read as before."""
    path.write_bytes(sound)
    with Store.read(path) as store:
        before = everything(store)
    chance, full = random.Random(seed), [at for at, byte in enumerate(sound) if byte]
    found, harmless, wrong = 0, 0, []
    for number in range(times):
        kind = (flipped, flipped, truncated, burst)[number % 4]
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
@pytest.mark.parametrize("seed", range(2))
def test_thousands_of_damaged_files(sound, count, tmp_path, seed):
    assert sum(hurt(sound, count, tmp_path / "trials.db", seed, 1000)) == 2 * 1000


def test_a_trial_that_is_lost_is_missed(sound, tmp_path):
    path = tmp_path / "trials.db"
    path.write_bytes(sound)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("delete from trial where id = ?", (IDS[3],))
    for read in (Store.ids, Store.verify, lambda store: store.outcomes(IDS)):
        with Store.read(path) as store, pytest.raises(StoreError) as caught:
            read(store)
        assert str(caught.value) == (
            f"{path}: the ids of its 23 trials are not those of the 24 written; "
            "restore the file from a copy, or train again with --fresh"
        )


def test_a_trial_that_the_index_does_not_find_is_missed(sound, tmp_path):
    path, first, last = tmp_path / "trials.db", min(IDS), max(IDS)
    path.write_bytes(sound)
    with closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute(
            "select rootpage from sqlite_master where name like '%autoindex_trial%'"
        ).fetchone()
        (size,) = connection.execute("pragma page_size").fetchone()
    index = sound[(page - 1) * size : page * size]
    swapped = (
        index.replace(first.encode(), b"?" * 16)
        .replace(last.encode(), first.encode())
        .replace(b"?" * 16, last.encode())
    )
    path.write_bytes(sound[: (page - 1) * size] + swapped + sound[page * size :])
    with Store.read(path) as store:
        assert store.ids() == set(IDS)
        with pytest.raises(StoreError) as caught:
            store.outcomes(IDS)
    assert str(caught.value) == (
        f"{path}: trial {first} cannot be found in the file, which is damaged; "
        "restore the file from a copy, or train again with --fresh"
    )


def test_a_changed_grid_and_a_changed_run_are_found(sound, tmp_path):
    path = tmp_path / "trials.db"
    for change, message in (
        ("update grid set settings = '{}' where position = 3", "its grid is not as it was written"),
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


@pytest.mark.parametrize("column", ["history", "diagnosis"])
@pytest.mark.parametrize("text", ["[" * 100_000, '{"error":1},{"error":2}', "7", '{"error":'])
def test_texts_that_another_program_wrote_end_in_a_line(sound, tmp_path, text, column):
    from nnsweep.store.rows import COLUMNS as READ
    from nnsweep.store.rows import digest_row

    path = tmp_path / "trials.db"
    path.write_bytes(sound)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"update trial set {column} = ? where id = ?", (text, IDS[3]))
        row = connection.execute(f"select {READ} from trial where id = ?", (IDS[3],)).fetchone()
        connection.execute("update trial set digest = ? where id = ?", (digest_row(row), IDS[3]))
    with Store.read(path) as store, pytest.raises(StoreError) as caught:
        store.outcomes(IDS)
    assert str(caught.value) == f"{path}: trials that nnsweep did not write; train again with --fresh"
