"""The two clusters, against their description."""

import numpy as np
import pytest

from nnsweep.data import load
from nnsweep.data.parabolas import parabolas


def test_points_lie_about_their_parabolas():
    inputs, targets = parabolas(3)
    h, v = (10 * (inputs - 1)).T
    assert targets[:, 0].tolist() == [0.0] * 2000 + [1.0] * 2000
    for label, (centre, reach, base, divisor) in enumerate([(0, 6, 5, 6), (0, 5, 10, 4)]):
        x, y = h[targets[:, 0] == label], v[targets[:, 0] == label]
        # |r| has standard deviation 0.5, so next to no point is 3 further out than its parabola.
        assert np.abs(x).max() < reach + 3
        distance = np.min([np.hypot(x - g, y - base - g**2 / divisor) for g in np.linspace(-reach, reach, 500)], axis=0)
        assert distance.max() < 3
        assert x.mean() == pytest.approx(centre, abs=0.3)
        # E v = base + E h²/divisor = base + reach²/3/divisor
        assert y.mean() == pytest.approx(base + reach**2 / 3 / divisor, abs=0.2)


def test_it_has_the_moments_of_the_oracle(oracle):
    """Another draw of the same description: means and spreads agree within what 2,000 points allow."""
    inputs, targets = parabolas(0)
    for label in (0, 1):
        ours, theirs = inputs[targets[:, 0] == label], oracle["x"][oracle["t"] == label]
        assert ours.mean(axis=0) == pytest.approx(theirs.mean(axis=0), abs=0.03)
        assert ours.std(axis=0) == pytest.approx(theirs.std(axis=0), abs=0.02)


def test_a_seed_gives_its_points_again_and_another_gives_others():
    assert (parabolas(5)[0] == parabolas(5)[0]).all()
    assert (parabolas(5)[0] != parabolas(6)[0]).any()
    assert load("parabolas", 5).fingerprint != load("parabolas", 6).fingerprint


def test_shared_arrays_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        load("parabolas", 0).inputs[0] = 0
