"""Fused programs do what the calls did, with fewer of them."""

import numpy as np

from nnsweep.nn.engine.program import aligned_zeros, fuse


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


def test_gaps_repeats_and_other_functions_are_not_joined():
    a, out = aligned_zeros(6), aligned_zeros(6)
    first = (np.negative, (a[:2], out[:2]))
    assert len(fuse([first, (np.negative, (a[3:5], out[2:4]))])) == 2
    assert len(fuse([first, (np.negative, (a[:2], out[2:4]))])) == 2
    assert len(fuse([first, (np.abs, (a[2:4], out[2:4]))])) == 2


def test_alignment():
    assert all(aligned_zeros(size).ctypes.data % 64 == 0 for size in range(1, 40))
