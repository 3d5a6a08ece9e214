"""The variance of a grid, divided among its axes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from nnsweep.statistics.anova import shares_of_variance


def test_an_additive_function_has_no_interaction():
    """y = 3 i + j on 2 × 3: variances 9/4 and 2/3 of 35/12."""
    values = 3.0 * np.arange(2)[:, None] + np.arange(3.0)
    shares = shares_of_variance(values)
    assert shares == pytest.approx({(0,): 27 / 35, (1,): 8 / 35, (0, 1): 0}, abs=1e-12)


def test_a_product_of_signs_is_all_interaction():
    signs = np.array([-1.0, 1.0])
    shares = shares_of_variance(np.einsum("i,j,k->ijk", signs, signs, signs), most=3)
    assert shares.pop((0, 1, 2)) == pytest.approx(1)
    assert list(shares.values()) == pytest.approx([0] * 6)


@given(arrays(float, array_shapes(min_dims=1, max_dims=4, max_side=4), elements=st.floats(-5, 5)))
def test_the_parts_add_up(values):
    shares = shares_of_variance(values, most=values.ndim)
    if values.var() > 1e-9:
        assert sum(shares.values()) == pytest.approx(1)
        assert min(shares.values()) > -1e-6


def test_where_nothing_varies_nothing_is_explained():
    assert np.isnan(list(shares_of_variance(np.ones((2, 2))).values())).all()
