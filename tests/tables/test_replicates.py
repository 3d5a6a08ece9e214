"""Seeds that change nothing."""

import math

import pytest

from nnsweep import sweepfile
from nnsweep.tables import trials_table
from nnsweep.tables.replicates import count_alike, format_alike
from nnsweep.trainers import Outcome, load
from nnsweep.trials.expand import expand
from nnsweep.trials.outcomes import Ends

SWEEP = sweepfile.loads('name = "s"\n[axes]\nhidden = [2, 4]\nseed = { count = 3 }')
TRIALS = expand(SWEEP, load("mlp"))


def count(sweep, trials, outcomes):
    return count_alike(sweep, trials_table(sweep, trials, outcomes, ["error"]), Ends.of(trials, outcomes))


def alike(*given):
    return count(SWEEP, TRIALS, dict(zip([trial.id for trial in TRIALS], given, strict=False)))


def ok(error, history=(), **diagnosis):
    return Outcome("ok", {"error": error}, {"error": list(history)}, diagnosis=diagnosis)


@pytest.mark.parametrize(
    ("given", "cells"),
    [
        ([ok(0.1)] * 3 + [ok(0.2)] * 3, 2),
        ([ok(0.1, [math.nan, 0.1]) for _ in range(6)], 2),
        ([ok(0.1)] * 3 + [ok(0.2)] * 2 + [ok(0.3)], None),
        ([ok(0.1)] * 5 + [ok(0.1, [0.2])], None),
        ([ok(0.1)] * 5 + [ok(0.1, dead=0.5)], None),
        ([ok(0.1)] * 3 + [Outcome("failed")] * 3, 1),
        ([ok(0.1), Outcome("diverged"), Outcome("failed")] * 2, 0),
        ([ok(0.1)], 0),
        ([], 0),
    ],
)
def test_cells_whose_seeds_give_the_same(given, cells):
    assert alike(*given) == cells


def test_without_seeds_nothing_is_said():
    sweep = sweepfile.loads('name = "s"\n[axes]\nhidden = [2, 4]')
    trials = expand(sweep, load("mlp"))
    assert count(sweep, trials, {trial.id: ok(0.1) for trial in trials}) == 0
    assert format_alike(0) == ""
