"""Draws with the same bits on every processor: those of NumPy, up to the last bits."""

from __future__ import annotations

import numpy as np
import pytest

from nnsweep.nn.portable import PortableLegacyRandom, PortableRandom
from nnsweep.nn.portable.draws import TAIL

SHAPES = [(4, 10), (7,), (300, 2), (1,), (5, 1)]


def test_uniform_numbers_are_those_of_numpy():
    for seed in range(5):
        for wrap, make in ((PortableRandom, np.random.default_rng), (PortableLegacyRandom, np.random.RandomState)):
            native, found = make(seed), wrap(make(seed))
            for shape in SHAPES:
                np.testing.assert_array_equal(found.uniform(-0.5, 0.7, shape), native.uniform(-0.5, 0.7, shape))


def test_normal_numbers_are_those_of_numpy_up_to_rounding():
    tails = 0
    for seed in range(40):
        native, drawn = np.random.default_rng(seed), np.random.default_rng(seed)
        found = PortableRandom(drawn)
        for shape in SHAPES:
            expected = native.normal(0.5, 0.3, shape)
            tails += np.count_nonzero(np.abs(expected - 0.5) > 0.3 * TAIL)
            np.testing.assert_allclose(found.normal(0.5, 0.3, shape), expected, rtol=1e-15, atol=1e-16)
        assert drawn.bit_generator.state == native.bit_generator.state
    assert tails > 0, "some numbers were drawn from the tail"


@pytest.mark.parametrize("shapes", [SHAPES, [(1,)] * 9])
def test_legacy_normal_numbers_are_those_of_numpy_up_to_rounding(shapes):
    for seed in range(8):
        native, found = np.random.RandomState(seed), PortableLegacyRandom(np.random.RandomState(seed))
        for shape in shapes:
            np.testing.assert_allclose(found.normal(0.5, 0.3, shape), native.normal(0.5, 0.3, shape), rtol=1e-14)
