"""Comparison: its tests against published worked examples, its pairs by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, wilcoxon

from nnsweep.questions.compare.table import along, compare, overall


def table(successes, errors, alpha=0.1):
    rows = {"alpha": alpha, "seed": range(len(successes)), "status": "ok", "success": successes, "error": errors}
    return pd.DataFrame(rows).astype({"success": bool, "error": float})


def test_wilcoxon_of_hollander_and_wolfe():
    """Depression scores of nine patients (Hollander & Wolfe 1973, p. 29): V = 40, one-sided p = 0.01953."""
    before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    found = compare(table([0] * 9, before), table([0] * 9, after), ["alpha"], "seed", "error").iloc[0]
    assert found["error_p"] == pytest.approx(2 * 0.01953, abs=1e-5)
    assert found["error_difference"] == pytest.approx(np.median(np.subtract(after, before)))
    assert found["error_low"] < found["error_difference"] < found["error_high"] < 0.1


def test_mcnemar_is_the_binomial_of_the_pairs_that_disagree():
    a = [0] * 12 + [1] * 38
    b = [1] * 10 + [0] * 2 + [1] * 36 + [0] * 2
    found = compare(table(a, [0] * 50), table(b, [0] * 50), ["alpha"], "seed", "error").iloc[0]
    assert (found["pairs"], found["successes_a"], found["successes_b"]) == (50, 38, 46)
    assert found["difference"] == pytest.approx(8 / 50)
    assert found["p"] == pytest.approx(2 * binom.cdf(2, 12, 0.5))
    assert 0 < found["low"] < 8 / 50 < found["high"]


def test_the_interval_holds_no_difference_where_the_test_finds_none():
    for gained in range(13):
        a, b = [0] * gained + [1] * (12 - gained), [1] * gained + [0] * (12 - gained)
        found = compare(table(a, [0] * 12), table(b, [0] * 12), ["alpha"], "seed", "error").iloc[0]
        assert (found["low"] < 0 < found["high"]) == (found["p"] > 0.05)


def test_pairs_are_by_seed_whatever_the_order():
    first, second = table([1, 0, 0], [0.0, 0.5, 0.9]), table([0, 1, 1], [0.4, 0.1, 0.2])
    shuffled = second.iloc[[2, 0, 1]]
    pd.testing.assert_frame_equal(
        compare(first, second, ["alpha"], "seed", "error"), compare(first, shuffled, ["alpha"], "seed", "error")
    )
    found = compare(first, second.iloc[:2], ["alpha"], "seed", "error").iloc[0]
    assert (found["pairs"], found["successes_a"], found["successes_b"]) == (2, 1, 1)


def test_trials_that_failed_are_no_pairs():
    first, second = table([1, 0, 0], [0.0, 0.5, 0.9]), table([0, 1, 1], [0.4, 0.1, 0.2])
    first.loc[0, "status"], second.loc[2, "status"] = "failed", "timeout"
    found = compare(first, second, ["alpha"], "seed", "error").iloc[0]
    assert (found["pairs"], found["successes_a"], found["successes_b"]) == (1, 0, 1)


def test_over_all_cells_the_seeds_are_the_replicates():
    first = pd.concat([table([0, 0, 0, 1, 0], [0] * 5, alpha) for alpha in (0.1, 0.2)])
    second = pd.concat([table([1, 1, 1, 1, 0], [0] * 5, 0.1), table([1, 1, 0, 0, 0], [0] * 5, 0.2)])
    found = overall(first, second, ["alpha"], "seed")
    assert found[:6] == (10, 2, 6, 5, 3, 1)
    assert found.difference == pytest.approx(4 / 10)
    assert found.low < 0.4 < found.high
    assert found.p == pytest.approx(wilcoxon([2, 2, 1, -1, 0], zero_method="pratt").pvalue)


def test_over_all_cells_trials_without_partner_do_not_count():
    first, second = table([1, 0, 0], [0.0] * 3), table([0, 1, 1], [0.0] * 3)
    first.loc[0, "status"] = "failed"
    assert overall(first, second, ["alpha"], "seed")[:6] == (2, 0, 2, 2, 2, 0)


def test_without_any_pair_there_is_no_cell():
    first, second = table([1], [0.0]), table([1], [0.0])
    first["status"] = "failed"
    assert compare(first, second, [], "seed", "error").empty
    assert compare(first, second, ["alpha"], "seed", "error").empty


def test_cells_without_a_difference_or_without_a_metric():
    same = compare(table([1, 1], [0.1, 0.2]), table([1, 1], [0.1, 0.2]), ["alpha"], "seed", "error").iloc[0]
    assert (same["difference"], same["p"], same["error_difference"], same["error_p"]) == (0, 1, 0, 1)
    none = compare(table([0], [np.nan]), table([0], [np.nan]), ["alpha"], "seed", "error").iloc[0]
    assert none["error_pairs"] == 0
    assert np.isnan(none["error_p"])
    assert np.isnan(none["error_p_adjusted"])


def test_equal_cells_need_no_adjustment():
    """The same pairs in three cells are one finding, so that the adjusted p-value is that of one: 2 of 2⁸ flips."""
    parts = [(table([0] * 8, [1.0] * 8, alpha), table([1] * 8, [0.0] * 8, alpha)) for alpha in (0.1, 0.2, 0.3)]
    first, second = (pd.concat(each) for each in zip(*parts, strict=True))
    found = compare(first, second, ["alpha"], "seed", "error")
    for name in ("p", "p_adjusted", "error_p_adjusted"):
        np.testing.assert_allclose(found[name], 2 / 2**8)
    assert found["p_error"].tolist() == [0.0] * 3


def test_random_flips_adjust_no_p_value_downwards():
    """20 of 20 seeds gain: 2 of 2²⁰ flips reach that, and of 20,000 random ones hardly any. With 15: 2 of 2¹⁵."""
    for gains in range(15, 21):
        first, second = table([0] * 20, range(20)), table([1] * gains + [0] * (20 - gains), range(1, 21))
        found = compare(first, second, ["alpha"], "seed", "error").iloc[0]
        assert found["p"] == pytest.approx(2 / 2**gains)
        assert found["p_adjusted"] >= found["p"]
        assert found["error_p_adjusted"] >= found["error_p"]


def test_other_cells_make_a_finding_less_sure():
    """Of two cells, seeds 0 to 5 gain in one, seeds 6 to 11 in the other: the larger of two such is reached more often.

    P(max ≥ 6 of 6) = 1 − (1 − 2/2⁶)².
    """
    one, other = table([0] * 12, [0.0] * 12, 0.1), table([0] * 12, [0.0] * 12, 0.2)
    gained, later = table([1] * 6 + [0] * 6, [0.0] * 12, 0.1), table([0] * 6 + [1] * 6, [0.0] * 12, 0.2)
    found = compare(pd.concat([one, other]), pd.concat([gained, later]), ["alpha"], "seed")
    assert found["p"].tolist() == pytest.approx([2 / 64] * 2)
    assert found["p_adjusted"].tolist() == pytest.approx([1 - (1 - 2 / 64) ** 2] * 2)


def test_a_metric_alone():
    found = compare(table([0] * 8, [1.0] * 8), table([1] * 8, [0.5] * 8), ["alpha"], "seed", "error", success=False)
    assert list(found.columns) == [
        *("alpha", "error_pairs", "error_difference", "error_low", "error_high"),
        *("error_p", "error_p_adjusted", "error_p_error"),
    ]


def test_along_an_axis_the_other_axes_are_taken_together():
    """At 0.1 all eight seeds gain in both cells, at 0.2 all lose in one of two: an interaction."""
    parts = [
        (table([a] * 8, [0.0] * 8, alpha).assign(width=width), table([b] * 8, [0.0] * 8, alpha).assign(width=width))
        for alpha, width, a, b in ((0.1, 1, 0, 1), (0.1, 2, 0, 1), (0.2, 1, 1, 0), (0.2, 2, 1, 1))
    ]
    first, second = (pd.concat(each) for each in zip(*parts, strict=True))
    found = along(first, second, ["alpha", "width"], "seed", "alpha")
    assert found["alpha"].tolist() == [0.1, 0.2]
    assert found["difference"].tolist() == [1.0, -0.5]
    assert found["p_adjusted"].tolist() == pytest.approx([2 / 2**8] * 2)
