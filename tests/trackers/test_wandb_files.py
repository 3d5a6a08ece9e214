"""The log of a `.wandb` file: what is written is read, wherever a block ends, and damage is told."""

import random

import pytest

from nnsweep.errors import NnsweepError
from nnsweep.trackers.wandb_files import BLOCK, LogWriter, read_log

LENGTHS = [0, 1, BLOCK - 7 - 7 - 7, BLOCK - 21, BLOCK - 20, BLOCK - 14, BLOCK, 3 * BLOCK + 5, 100]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run-x.wandb"


def written(path, records):
    with path.open("wb") as file:
        writer = LogWriter(file)
        for record in records:
            writer.write(record)
    return path


def test_records_of_any_length_are_read_back(path):
    draw, failed = random.Random(1), 0
    for _ in range(200):
        lengths = draw.choices([*LENGTHS, draw.randrange(BLOCK)], k=draw.randint(0, 6))
        records = [draw.randbytes(length) for length in lengths]
        failed += list(read_log(written(path, records))) != records
    print(f"200 logs, {failed} failed")
    assert failed == 0


HEADER = (
    "3a572642e1be00b3bb77434900010801c20c060a0461626330aa013b0a390a2f302e33312e302b313566386362"
    "633538316431633563666336653331663638623438626464313363656332646432631206302e37302e30"
)
"""The first bytes of a file that wandb 0.31.0 wrote: its header."""


def test_a_record_of_wandb_0_31_is_read(path):
    path.write_bytes(bytes.fromhex(HEADER))
    (record,) = read_log(path)
    assert b"0.31.0" in record
    assert bytes.fromhex(HEADER).endswith(record)


def test_what_a_killed_process_wrote_last_is_left_out(path):
    content = written(path, [b"first", b"second" * 10_000]).read_bytes()
    for end in (len(content) - 1, BLOCK, BLOCK + 3, len(b":W&B...") + 7 + 5):
        path.write_bytes(content[:end])
        assert list(read_log(path)) == [b"first"]


def test_damage_is_told(path):
    content = bytearray(written(path, [b"first", b"second"]).read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(NnsweepError) as raised:
        list(read_log(path))
    assert str(raised.value) == f"{path}: damaged at byte 19: the checksum of a record is another one"


def test_another_file_is_none(path):
    path.write_text("loss,0.1\n")
    with pytest.raises(NnsweepError) as raised:
        list(read_log(path))
    assert str(raised.value) == f"{path}: no file that wandb wrote offline"
