"""Sums in written order, against loops."""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np
import pytest

from nnsweep.nn.portable import matmul, total


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_product_of_matrices_is_summed_from_the_first_term_on(dtype):
    random = np.random.default_rng(0)
    a, b = random.normal(size=(3, 4, 9)).astype(dtype), random.normal(size=(3, 9, 5)).astype(dtype)
    expected = np.empty((3, 4, 5), dtype)
    for t, i, o in np.ndindex(expected.shape):
        sum_ = a[t, i, 0] * b[t, 0, o]
        for k in range(1, 9):
            sum_ += a[t, i, k] * b[t, k, o]
        expected[t, i, o] = sum_
    out = np.empty_like(expected)
    matmul(a, b, out)
    assert out.tobytes() == expected.tobytes()
    turned = np.ascontiguousarray(b.transpose(0, 2, 1)).transpose(0, 2, 1)
    assert matmul(a, turned).tobytes() == expected.tobytes()
    shared = matmul(np.broadcast_to(a[:1], a.shape), b)
    assert shared[1].tobytes() == matmul(a[0], b[1]).tobytes()


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_total_is_summed_from_the_first_term_on(order):
    x = np.asarray(np.random.default_rng(0).normal(size=(2, 3, 40)), order=order)
    expected = np.array([[[reduce(add, row.tolist())] for row in rows] for rows in x])
    np.testing.assert_array_equal(total(x), expected)
