"""The best cell, and the cells that are as good: ranks by hand, p-values of McNemar and Wilcoxon by scipy."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, wilcoxon

from nnsweep.analysis.best import best


def trials(*cells, status="ok"):
    """A table of cells named a, b, …, each a list of errors by seed; below 0.5 is success, None diverged."""
    rows = [
        {"case": name, "seed": seed, "status": status if error is not None else "diverged", "error": error}
        for name, errors in zip("abcdefgh", cells, strict=False)
        for seed, error in enumerate(errors)
    ]
    table = pd.DataFrame(rows).astype({"error": float})
    return table.assign(success=table["error"] < 0.5)


def test_ranked_by_success_then_by_median_then_as_in_the_grid():
    table = trials([0.9, 0.1, 0.9], [0.1, 0.1, 0.9], [0.3, 0.0, 0.9], [0.1, 0.1, 0.9])
    found = best(table, ["case"], "seed", "error")
    assert found["case"].tolist() == ["b", "d", "c", "a"]
    assert found["rank"].tolist() == [1, 2, 3, 4]
    assert found["successes"].tolist() == [2, 2, 2, 1]
    assert found["error_median"].tolist() == [0.1, 0.1, 0.3, 0.9]


def test_each_cell_is_compared_with_the_best_by_mcnemar_and_holm():
    worst, middle, top = [0.9] * 20, [0.1] * 12 + [0.9] * 8, [0.9] * 2 + [0.1] * 18
    found = best(trials(worst, middle, top), ["case"], "seed", "error")
    assert found["case"].tolist() == ["c", "b", "a"]
    assert found["pairs"].tolist() == [0, 20, 20]
    assert found["difference"].tolist()[1:] == pytest.approx([-6 / 20, -18 / 20])
    p = [binomtest(2, 10).pvalue, binomtest(0, 18).pvalue]
    assert found["p"].tolist()[1:] == pytest.approx(p)
    assert found["p_holm"].tolist()[1:] == pytest.approx([p[0], 2 * p[1]])
    assert found["among_best"].tolist() == [True, True, False]
    assert found["seeds_needed"].isna().tolist() == [True, False, True]


def test_ranked_by_the_metric_alone_where_nothing_is_success():
    low, high = np.linspace(0.1, 0.2, 12), np.linspace(0.15, 0.4, 12) ** 1.1
    table = trials(high.tolist(), low.tolist()).drop(columns="success")
    found = best(table, ["case"], "seed", "error", success=False)
    assert found["case"].tolist() == ["b", "a"]
    assert found["p"].tolist()[1] == pytest.approx(wilcoxon(high, low).pvalue)
    assert found["difference"].tolist()[1] == pytest.approx(np.median(high - low))
    assert "rate" not in found
    turned = best(table, ["case"], "seed", "error", success=False, lower=False)
    assert turned["case"].tolist() == ["a", "b"]
    assert turned["difference"].tolist()[1] == pytest.approx(np.median(low - high))


def test_a_trial_that_diverged_is_worse_than_any_other():
    table = trials([0.1] * 3 + [None] * 5, [0.2] * 8)
    found = best(table, ["case"], "seed", "error", success=False)
    assert found["case"].tolist() == ["b", "a"]
    assert found["diverged"].tolist() == [0, 5]
    assert found["error_median"].tolist() == [0.2, 0.1]
    assert best(table, ["case"], "seed", "error")["successes"].tolist() == [8, 3]


def test_trials_that_failed_are_no_pairs_and_a_cell_without_any_other_is_no_row():
    table = pd.concat([trials([0.1, 0.1, 0.9]), trials(*[[0.1]] * 3, status="failed").query("case == 'c'")])
    found = best(table, ["case"], "seed", "error")
    assert found["case"].tolist() == ["a"]
    half = pd.concat([trials([0.1, 0.1, 0.9]), trials([0.2, 0.9], [0.2, 0.9]).query("case == 'b'")])
    half.loc[(half["case"] == "b") & (half["seed"] == 1), "status"] = "failed"
    found = best(half.reset_index(drop=True), ["case"], "seed", "error")
    assert found["case"].tolist() == ["b", "a"]
    assert (found["finished"].tolist(), found["pairs"].tolist()) == ([1, 3], [0, 1])


def test_without_seeds_or_with_one_cell_nothing_is_distinguishable():
    one = best(trials([0.1, 0.9]), ["case"], "seed", "error")
    assert one["among_best"].tolist() == [True]
    alone = best(trials([0.9], [0.1]), ["case"], None, "error")
    assert alone["case"].tolist() == ["b", "a"]
    assert alone["among_best"].tolist() == [True, True]


def test_seeds_needed_may_be_asked_of_the_first_ranks_alone():
    table = trials([0.1] * 20, [0.1] * 18 + [0.9] * 2, [0.1] * 17 + [0.9] * 3)
    whole, first = (best(table, ["case"], "seed", "error", told=told) for told in (None, 2))
    assert whole["seeds_needed"].isna().tolist() == [True, False, False]
    assert first["seeds_needed"].isna().tolist() == [True, False, True]
    pd.testing.assert_frame_equal(first.drop(columns="seeds_needed"), whole.drop(columns="seeds_needed"))


def test_a_trial_without_its_metric_is_no_success_and_has_no_place_by_the_metric():
    table = trials([0.1] * 4, [0.1] * 4)
    table.loc[4:6, "error"] = np.nan
    table = table.assign(success=table["error"] < 0.5)
    found = best(table, ["case"], "seed", "error")
    assert found["case"].tolist() == ["a", "b"]
    assert found[["finished", "diverged", "successes", "rate", "error_median"]].to_numpy().tolist() == [
        [4, 0, 4, 1.0, 0.1],
        [4, 0, 1, 0.25, 0.1],
    ]
    by_metric = best(table, ["case"], "seed", "error", success=False)
    assert by_metric["finished"].tolist() == [4, 1]
