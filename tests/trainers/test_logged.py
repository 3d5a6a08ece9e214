"""What is logged as rows, as bytes, and as a history."""

from __future__ import annotations

import math
import random

import pytest

from nnsweep.trainers.logged import blocks_of, from_bytes, history_of, to_bytes

ROWS = [(None, {"loss": 0.5}), (None, {"loss": 0.25, "acc": 1}), (7, {"acc": 2.0}), (None, {"loss": 0.125})]


def test_rows_become_blocks_of_the_same_names():
    blocks = blocks_of(ROWS, 4)
    assert [block.names for block in blocks] == [("loss",), ("loss", "acc"), ("acc",), ("loss",)]
    assert [block.steps.tolist() for block in blocks] == [[5], [6], [7], [8]]
    assert [block.values.tolist() for block in blocks] == [[[0.5]], [[0.25, 1.0]], [[2.0]], [[0.125]]]


def test_names_in_another_order_are_the_same_names():
    (block,) = blocks_of([(1, {"a": 1.0, "b": 2.0}), (2, {"b": 3.0, "a": 4.0})], 0)
    assert (block.names, block.values.tolist()) == (("a", "b"), [[1.0, 2.0], [4.0, 3.0]])
    others = blocks_of([(1, {"a": 1.0, "b": 2.0}), (2, {"a": 3.0, "c": 4.0})], 0)
    assert [(block.names, block.values.tolist()) for block in others] == [
        (("a", "b"), [[1.0, 2.0]]),
        (("a", "c"), [[3.0, 4.0]]),
    ]


def test_what_is_written_is_read_back():
    blocks = blocks_of(ROWS, 0)
    again = from_bytes(to_bytes(blocks))
    assert [(each.names, each.steps.tolist(), each.values.tolist()) for each in again] == [
        (each.names, each.steps.tolist(), each.values.tolist()) for each in blocks
    ]


def test_a_history_has_the_last_number_of_each_step():
    """Against a dict of dicts that is filled row by row."""
    draw = random.Random(5)
    rows = [(draw.randrange(30), {draw.choice("abc"): draw.random() for _ in range(2)}) for _ in range(200)]
    expected: dict[int, dict[str, float]] = {}
    for step, values in rows:
        expected.setdefault(step, {}).update(values)
    parts = [blocks_of(rows[:70], 0), blocks_of(rows[70:], 0)]
    found = history_of([block for part in parts for block in part])
    steps = sorted(expected)
    assert found.pop("epoch") == steps
    for name, values in found.items():
        for step, value in zip(steps, values, strict=True):
            wanted = expected[step].get(name)
            assert math.isnan(value) if wanted is None else value == wanted


def test_steps_from_one_on_are_not_listed():
    assert history_of(blocks_of([(None, {"loss": 2.0}), (None, {"loss": 1.0})], 0)) == {"loss": [2.0, 1.0]}
    assert history_of([]) == {}


@pytest.mark.parametrize(
    "damaged",
    [b"", b"[]x", b"{}\n\0", b'[[["a"],2]]\n12345678', b'[[["a"],-1]]\n', b"[[[1],1]]\n" + bytes(16), b"[" * 10**5],
)
def test_what_was_not_written_so_is_refused(damaged):
    with pytest.raises((ValueError, TypeError, RecursionError)):
        from_bytes(damaged)


@pytest.mark.parametrize("row", [(-1, {"a": 1.0}), (2**60, {"a": 1.0}), (1, {"a": 10**400}), (2**70, {"a": 1.0})])
def test_numbers_out_of_range_are_told(row):
    with pytest.raises(OverflowError):
        blocks_of([row], 0)
