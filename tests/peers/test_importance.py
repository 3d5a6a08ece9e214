"""Shares of variance beside Optuna's functional ANOVA, which estimates from a random forest what ours computes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from nnsweep.statistics.anova import shares_of_variance

optuna = pytest.importorskip("optuna", reason="nnsweep[peers] is not installed")

AXES = {"a": range(8), "b": range(6), "c": range(4)}


def test_the_order_of_axes_and_about_their_shares():
    """On 192 cells of 3a + b² + 2c; a forest of bootstrapped samples is off by a tenth."""
    grid = np.array([[[3 * a + b * b + 2 * c for c in AXES["c"]] for b in AXES["b"]] for a in AXES["a"]], dtype=float)
    ours = dict(zip(AXES, list(shares_of_variance(grid).values())[:3], strict=True))
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study()
    distributions = {name: optuna.distributions.CategoricalDistribution(list(each)) for name, each in AXES.items()}
    for point in itertools.product(*AXES.values()):
        params = dict(zip(AXES, point, strict=True))
        value = float(grid[point])
        study.add_trial(optuna.trial.create_trial(params=params, distributions=distributions, value=value))
    evaluator = optuna.importance.FanovaImportanceEvaluator(n_trees=64, max_depth=64, seed=0)
    theirs = optuna.importance.get_param_importances(study, evaluator=evaluator)
    total = sum(ours.values())  # theirs are made to add up to 1
    assert sorted(ours, key=ours.__getitem__) == sorted(theirs, key=theirs.__getitem__)
    assert [theirs[name] for name in AXES] == pytest.approx([ours[name] / total for name in AXES], abs=0.1)
