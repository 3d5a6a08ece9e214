"""Fused programs do what the calls did, with fewer of them; lent memory is written anew before it is read."""

import numpy as np
import pytest

from nnsweep.nn.engine.program import Loan, adjacent, aligned_zeros, assert_loans, execute, fuse


def test_neighbours_are_joined():
    a, b, out = (aligned_zeros(6) for _ in range(3))
    rows = [(a[k : k + 2], b[k : k + 2], out[k : k + 2]) for k in (0, 2, 4)]
    fused = fuse((np.add, row) for row in rows)
    assert len(fused) == 1
    assert [operand.size for operand in fused[0][1]] == [6, 6, 6]
    a[:], b[:] = np.arange(6), 10
    fused[0][0](*fused[0][1])
    np.testing.assert_array_equal(out, np.arange(6) + 10)


def test_a_call_that_reads_what_the_one_before_writes_is_not_joined():
    memory = aligned_zeros(9)
    a, b, c = memory[:3], memory[3:6], memory[6:]
    assert len(fuse([(np.negative, (a, b)), (np.negative, (b, c))])) == 2


def test_rows_at_even_distances_are_joined():
    """One operand is repeated, one has gaps; with two distances there are two further axes."""
    a, b, out = aligned_zeros(2), aligned_zeros(32), aligned_zeros(16)
    b[:] = np.arange(32)
    a[:] = 1, 10
    places = [(0, 0), (4, 2), (8, 4), (12, 6), (17, 8), (21, 10), (25, 12), (29, 14)]
    rows = [(a, b[at : at + 2], out[to : to + 2]) for at, to in places]
    ((function, operands),) = fuse([(np.multiply, row) for row in rows])
    assert [operand.shape for operand in operands] == [(2, 4, 2)] * 3
    function(*operands)
    assert out.tolist() == [0, 10, 4, 50, 8, 90, 12, 130, 17, 180, 21, 220, 25, 260, 29, 300]


def test_uneven_distances_other_shapes_and_other_functions_are_not_joined():
    a, out = aligned_zeros(8), aligned_zeros(8)
    first = [(np.negative, (a[k : k + 1], out[k : k + 1])) for k in (0, 2, 4)]
    for last in [
        (np.negative, (a[7:8], out[6:7])),
        (np.negative, (a[6:8], out[6:8])),
        (np.abs, (a[6:7], out[6:7])),
    ]:
        assert fuse([*first, last]) == [*first, last]
    assert len(fuse([*first, (np.negative, (a[6:7], out[6:7]))])) == 1


def test_few_rows_and_long_rows_are_not_joined_at_distances():
    a, out = aligned_zeros(4 * 300), aligned_zeros(4 * 300)
    rows = [(np.negative, (a[k : k + 257], out[k : k + 257])) for k in (0, 300, 600, 900)]
    assert fuse(rows) == rows
    short = [(np.negative, (a[k : k + 256], out[k : k + 256])) for k in (0, 300, 600, 900)]
    assert fuse(short[:3]) == short[:3]
    assert len(fuse(short)) == 1


def test_a_sum_that_is_written_again_is_not_joined():
    a, total = aligned_zeros(8), aligned_zeros(2)
    rows = [(np.add, (total, a[k : k + 2], total)) for k in (0, 2, 4, 6)]
    assert fuse(rows) == rows


def test_rows_that_another_call_writes_are_not_joined():
    memory = aligned_zeros(15)
    rows = [(np.negative, (memory[k : k + 2], memory[k + 4 : k + 6])) for k in (0, 3, 6, 9)]
    assert fuse(rows) == rows


def test_what_is_changed_in_place_is_joined():
    memory, factors = aligned_zeros(16), aligned_zeros(2)
    assert len(fuse([(np.multiply, (memory[k : k + 2], factors, memory[k : k + 2])) for k in (0, 4, 8, 12)])) == 1


def test_alignment():
    assert all(aligned_zeros(size).ctypes.data % 64 == 0 for size in range(1, 40))


def test_only_what_lies_right_behind_is_adjacent():
    memory, other = aligned_zeros(6), aligned_zeros(6)
    assert adjacent(memory[:2], memory[2:])
    assert not adjacent(memory[:2], memory[3:])
    assert not adjacent(memory[2:4], memory[:2])
    assert not adjacent(memory[:2], other[2:])


def test_calls_are_made_in_order():
    a, b = np.ones(2), np.zeros(2)
    execute([(np.add, (a, a, b)), (np.multiply, (b, b, b))])
    assert b.tolist() == [4, 4]


class Step:
    """A step of three arrays, of which `owned` is lent to the first call."""

    def __init__(self):
        self.owned, self.a, self.b = np.zeros(6), np.ones(6), np.ones(6)
        self.borrow = (np.negative, (self.a, self.owned))

    def check(self, *calls, lent=None):
        assert_loans([self.borrow, *calls], [Loan(self.owned if lent is None else lent, [self.borrow])])


def test_lent_memory_may_be_written_and_then_read():
    step = Step()
    step.check((np.abs, (step.a, step.owned)), (np.abs, (step.owned, step.b)))


def test_lent_memory_may_be_written_in_parts():
    step = Step()
    halves = [(np.abs, (step.a[:3], step.owned[:3])), (np.abs, (step.a[3:], step.owned[3:]))]
    step.check(*halves, (np.abs, (step.owned, step.b)))
    step.check(*halves[::-1], (np.abs, (step.owned, step.b)))


@pytest.mark.parametrize("written", [0, 2, 5])
def test_lent_memory_that_is_read_too_early_is_refused(written):
    step = Step()
    part = (np.abs, (step.a[:written], step.owned[:written]))
    with pytest.raises(AssertionError, match="<ufunc 'absolute'> reads lent memory before it is written anew"):
        step.check(part, (np.abs, (step.owned, step.b)))


def test_a_call_that_reads_what_it_writes_needs_the_old_value():
    step = Step()
    with pytest.raises(AssertionError, match="<ufunc 'add'> reads lent memory"):
        step.check((np.add, (step.owned, step.a, step.owned)))


def test_a_step_is_repeated():
    """A loan at its end destroys what the beginning of the next step reads."""
    step = Step()
    read = (np.abs, (step.owned, step.b))
    with pytest.raises(AssertionError, match="reads lent memory"):
        assert_loans([read, step.borrow], [Loan(step.owned, [step.borrow])])
    write = (np.abs, (step.a, step.owned))
    assert_loans([write, read, step.borrow], [Loan(step.owned, [step.borrow])])


def test_nobody_else_comes_between_the_calls_of_a_loan():
    step = Step()
    second = (np.abs, (step.owned, step.b))
    with pytest.raises(AssertionError, match="other calls stand between those that use lent memory"):
        assert_loans([step.borrow, (np.abs, (step.a, step.b)), second], [Loan(step.owned, [step.borrow, second])])
