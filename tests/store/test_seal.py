"""The seal of a store tells whether a byte of its file has changed since all in it was known to be sound."""

import random
import sqlite3
from contextlib import closing

import pytest

from nnsweep.errors import StoreError
from nnsweep.store import Store, find_seal, read_record, record_of, seal
from nnsweep.trainers.protocol import Outcome
from tests.helpers.fake_trials import TRAINER, trial

FLIPS = 60


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "trials.db"
    write(path, range(9))
    return path


def write(path, numbers):
    with Store.open(path) as store:
        pairs = [(trial(number), Outcome("ok", {"error": number / 7})) for number in numbers]
        store.write(store.begin_run({}, ""), TRAINER, pairs)


def test_a_sealed_store_is_verified_without_reading_a_row(path, monkeypatch):
    assert find_seal(path) == ""
    assert seal(path) == find_seal(path)
    record = read_record(path)
    assert record is not None
    assert record.seal == find_seal(path)
    assert len(find_seal(path)) == 16
    monkeypatch.setattr("nnsweep.store.verify.verify", None)
    with Store.read(path) as store:
        assert store.verify() == 9


def test_any_bit_that_flips_breaks_the_seal(path):
    seal(path)
    content, chance = path.read_bytes(), random.Random(7)
    missed = 0
    for _ in range(FLIPS):
        bit = chance.randrange(8 * len(content))
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        missed += find_seal(path) != ""
    print(f"flipped {FLIPS} bits, missed {missed}")
    assert missed == 0


def test_a_store_that_is_written_or_has_a_log_is_not_sealed(path):
    seal(path)
    write(path, range(9, 12))
    assert find_seal(path) == ""
    assert seal(path) == find_seal(path) != ""
    for log in ("trials.db-wal", "trials.db-journal"):
        path.with_name(log).touch()
        assert find_seal(path) == seal(path) == ""
        path.with_name(log).unlink()
    with Store.read(path) as reader, closing(sqlite3.connect(path)) as other:
        assert reader.verify() == 12
        other.execute("delete from trial where number = 1")
        other.commit()
        with pytest.raises(StoreError, match="the ids of its 11 trials are not those of the 12 written"):
            reader.verify()


def test_a_record_with_a_foreign_seal_counts_as_none(path):
    seal(path)
    for foreign in ('"0000"', "[]", "null", "5"):
        record_of(path).write_text(f'{{"trials": 9, "began": "2026", "seal": {foreign}}}')
        assert find_seal(path) == ""
