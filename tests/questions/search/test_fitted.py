"""Importances and the plane of two axes, for functions whose shares are known."""

from __future__ import annotations

import numpy as np
import pytest

from nnsweep.design.search import Space
from nnsweep.errors import NnsweepError
from nnsweep.questions.search.fitted import Fitted
from nnsweep.questions.search.plane import plane
from tests.helpers.searches import UNIT, searched

RANDOM = np.random.default_rng(5)
ROWS = [tuple(row) for row in RANDOM.random((80, 2)).round(5).tolist()]


def shares(fitted):
    table = fitted.importances
    return dict(zip(table["axes"].tolist(), table["share"].tolist(), strict=True))


def test_the_variance_of_a_sum_is_divided():
    """Of 3 a + b with equal ranges, a has 9 of 10 parts of the variance."""
    fitted = Fitted(searched(ROWS, {"a": UNIT, "b": UNIT}, lambda a, b, seed: 3 * a + b))
    assert shares(fitted) == pytest.approx({"a": 0.9, "b": 0.1, "a × b": 0.0}, abs=0.01)
    assert fitted.note == "Surrogate: a Gaussian process of 80 configurations, cross-validated R² 1.00."


def test_last_digits_change_no_share():
    """As another processor may have them, of the values and of what is computed from them."""

    def loss(a, b, seed):
        return (3 * a + b) * (1 + (-1) ** round(1000 * a) * 1e-13)

    one, other = (Fitted(searched(ROWS, {"a": UNIT, "b": UNIT}, each)) for each in (lambda a, b, seed: 3 * a + b, loss))
    assert one.surrogate.weights.tolist() != other.surrogate.weights.tolist()
    assert shares(one) == shares(other)


def test_an_axis_matters_where_it_counts():
    """Of the choice alone, ½ has 0; where it is `with`, x is added: Var = E[Var] + Var[E] = 1/24 + 1/16.

    Of this the choice explains alone the second part; x alone Var(E[f | x]) = Var(x/2) = 1/48; the rest is of both.
    """
    rows = [("with" if number % 2 else "without", x) for number, (x, _) in enumerate(ROWS)]
    fitted = Fitted(
        searched(
            rows,
            {"choice": None, "x": UNIT},
            lambda choice, x, seed: x if choice == "with" else 0.0,
            conditions={"x": (("choice", ("with",)),)},
        )
    )
    whole = 1 / 24 + 1 / 16
    expected = {"choice": 1 / 16 / whole, "x": 1 / 48 / whole, "choice × x": 1 / 48 / whole}
    assert shares(fitted) == pytest.approx(expected, abs=0.01)


def test_a_poor_surrogate_is_not_believed():
    noise = iter(RANDOM.standard_normal(len(ROWS)).tolist())
    fitted = Fitted(searched(ROWS, {"a": UNIT, "b": UNIT}, lambda *_: next(noise)))
    assert fitted.importances is None
    assert fitted.why_not == (
        "a surrogate predicts 0 % of what varies between configurations that it has not seen; 50 % are needed"
    )


@pytest.mark.parametrize(
    ("rows", "loss", "why"),
    [
        (ROWS[:9], lambda a, b, seed: a, "9 configurations have a value; a surrogate needs 10"),
        (ROWS, lambda a, b, seed: 1.0, "the median loss is the same everywhere"),
    ],
)
def test_it_says_why_there_is_no_surrogate(rows, loss, why):
    fitted = Fitted(searched(rows, {"a": UNIT, "b": UNIT}, loss))
    assert (fitted.why_not, fitted.importances) == (why, None)


def test_what_runs_away_is_fitted_by_its_logarithm():
    fitted = Fitted(searched(ROWS, {"a": Space(1e-4, 1), "b": UNIT}, lambda a, b, seed: 10 ** (8 * a * a)))
    assert fitted.is_log
    assert "R² 1.00, of the logarithm" in fitted.note
    assert shares(fitted)["a"] == pytest.approx(1, abs=0.01)


def test_the_plane_is_the_function_averaged_over_the_others_and_ends_where_nothing_was_tried():
    rows = [(a / 2, b, c) for (a, b), (c, _) in zip(ROWS, ROWS[::-1], strict=True)]
    found = plane(Fitted(searched(rows, {"a": UNIT, "b": UNIT, "c": UNIT}, lambda a, b, c, seed: 3 * a + 2 * b + c)))
    assert (found.across.name, found.up.name) == ("a", "b")
    known = ~np.isnan(found.values)
    assert known[:, found.x < 0.4].mean() > 0.9
    assert not known[:, found.x > 0.7].any()
    expected = 3 * found.x[None, :] + 2 * found.y[:, None] + 0.5
    assert found.values[known] == pytest.approx(expected[known], abs=0.1)


def test_the_plane_has_a_row_for_each_value_of_a_list():
    rows = [(a, "xyz"[number % 3]) for number, (a, _) in enumerate(ROWS)]
    found = plane(Fitted(searched(rows, {"a": UNIT, "b": None}, lambda a, b, seed: a + "xyz".index(b))), ["a", "b"])
    assert found.values.shape == (3, 32)
    assert np.nanmean(found.values, axis=1) == pytest.approx([0.5, 1.5, 2.5], abs=0.1)


def test_a_plane_is_of_two_axes():
    fitted = Fitted(searched(ROWS, {"a": UNIT, "b": UNIT}, lambda a, b, seed: a))
    with pytest.raises(NnsweepError) as raised:
        plane(fitted, ["a", "a"])
    assert str(raised.value) == "made: a contour is against two of these axes, not a, a: a, b"
    with pytest.raises(NnsweepError) as raised:
        plane(Fitted(searched([(a,) for a, _ in ROWS], {"a": UNIT}, lambda a, seed: a)))
    assert str(raised.value) == "made: a contour needs two axes of several values"


@pytest.mark.slow
def test_shares_are_near_those_of_optuna():
    """Both are approximations of 0.9 and 0.1; that of Optuna, of a random forest, is the coarser."""
    optuna = pytest.importorskip("optuna")
    pytest.importorskip("sklearn")
    fitted = Fitted(searched(ROWS, {"a": UNIT, "b": UNIT}, lambda a, b, seed: 3 * a + b))
    study = optuna.create_study()
    spaces = {name: optuna.distributions.FloatDistribution(0, 1) for name in "ab"}
    for a, b in ROWS:
        trial = optuna.trial.create_trial(params={"a": a, "b": b}, distributions=spaces, value=3 * a + b)
        study.add_trial(trial)
    theirs = optuna.importance.FanovaImportanceEvaluator(seed=0).evaluate(study)
    assert {name: shares(fitted)[name] for name in "ab"} == pytest.approx(theirs, abs=0.1)
