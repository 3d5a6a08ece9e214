"""Shards of a sweep: each training is in one of them, whatever is stored."""

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import nnsweep
from nnsweep.errors import SpecError
from nnsweep.store import Store
from nnsweep.trainers import load
from nnsweep.trials.expand import expand
from nnsweep.trials.shards import Shard
from tests.helpers import SMALL, call, files

TRAININGS, EPOCHS = 16, 3
"""Of `SMALL`."""


def shards(count, text=SMALL):
    trainer = load("mlp")
    trials = expand(nnsweep.loads(text), trainer)
    return trials, [Shard(number, count).take(trials, trainer) for number in range(1, count + 1)]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 16])
def test_shards_part_a_sweep_evenly(count):
    trials, parts = shards(count)
    assert Counter(id for part in parts for id in part.ids.tolist()) == Counter(trials.ids.tolist())
    sizes = [len(part) // EPOCHS for part in parts]
    assert (sum(sizes), max(sizes) - min(sizes)) == (TRAININGS, int(TRAININGS % count > 0))


def test_a_training_is_in_one_shard():
    for part in shards(5)[1]:
        seen = Counter((trial.settings["alpha"], trial.settings["hidden"], trial.settings["seed"]) for trial in part)
        assert set(seen.values()) == {EPOCHS}


def test_shards_are_always_the_same():
    """Another order would train trials in two shards. This is the published stream of MT19937, seeded with 0."""
    assert np.random.RandomState(0).permutation(16).tolist() == [1, 6, 8, 9, 13, 4, 2, 14, 10, 7, 15, 11, 3, 0, 5, 12]
    trials, parts = shards(5)
    first = {trial.id: (trial.settings["alpha"], trial.settings["hidden"], trial.settings["seed"]) for trial in trials}
    trainings = list(dict.fromkeys(first.values()))
    found = [{trainings.index(first[trial.id]) for trial in part} for part in parts]
    assert found == [{8, 10, 13, 14}, {0, 1, 11}, {6, 9, 15}, {2, 4, 12}, {3, 5, 7}]


def test_a_shard_goes_on_and_has_a_folder_of_its_own(grid, capsys):
    code, out, err = call(capsys, "grid.toml", "--shard", "2/3")
    lines = out.splitlines()
    assert (code, err, len(lines)) == (0, "", 3)
    assert re.fullmatch(r"small, shard 2 of 3: 15 trials trained in .*s, .*s each", lines[0])
    assert lines[2] == (
        "stored in results/small-shard-2-of-3; join the shards when all have been run: "
        "nnsweep merge results/small-shard-*-of-3"
    )
    assert sorted(files(Path("results"))) == [
        f"small-shard-2-of-3/{name}"
        for name in ("env.json", "grid.toml", "resolved.json", "trials.db", "trials.db-count")
    ]
    again = call(capsys, "grid.toml", "--shard", "2/3")[1].splitlines()
    assert again == ["small, shard 2 of 3: nothing to train, 15 trials stored", "15 trials: 15 ok", lines[2]]


def test_a_shard_takes_what_the_sweeps_own_folder_has(grid, capsys):
    assert call(capsys, "grid.toml", "--no-figures", "--set", "alpha=0.01")[0] == 0
    _, parts = shards(3)
    there = [trial for trial in parts[0] if trial.settings["alpha"] == 0.01]
    lines = call(capsys, "grid.toml", "--shard", "1/3")[1].splitlines()
    assert lines[1] == f"{len(there)} of these stand in results/small; copied"
    assert nnsweep.plan("grid.toml", shard=(1, 3)).new == 0
    with Store.read(Path("results/small-shard-1-of-3/trials.db")) as store:
        assert store.ids() == {trial.id for trial in parts[0]}


def test_the_parts_of_a_shards_folder_that_others_read(grid, capsys):
    assert call(capsys, "grid.toml", "--shard", "2/3", "--quiet") == (0, "", "")
    assert "small-shard-2-of-3  15 trials: 15 ok  " in call(capsys, "ls")[1]
    folder = "results/small-shard-2-of-3"
    said = "Error: results/small-shard-2-of-3: shard 2 of 3 of a sweep; to go on, name its file and --shard 2/3\n"
    assert call(capsys, "run", folder) == (2, "", said)
    said = "warning: 15 of 48 trials are stored: this is shard 2 of 3; nnsweep merge joins them\n"
    assert call(capsys, "show", folder, "--failed")[0] == 0
    assert call(capsys, "export", folder, "-o", "out.csv")[2] == said


def test_a_shard_is_not_verified(grid, capsys):
    code, out, err = call(capsys, "grid.toml", "--shard", "1/2", "--verify", "3")
    assert (code, out, err.splitlines()[-1]) == (
        2,
        "",
        "Error: --verify looks at a whole sweep; leave it out, or --shard",
    )


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "a/b", "1/0", "-1/3", "1/2/3", "1.0/2", ""])
def test_a_shard_that_is_none(text):
    said = f"shard {text!r}; allowed: 1/N to N/N, such as 3/16 for the third of 16 parts"
    with pytest.raises(SpecError, match=f"^{re.escape(said)}$"):
        Shard.parse(text)


def test_a_shard_beyond_the_trainings(grid, capsys):
    said = "Error: shard 17 of 20: it is empty, as the sweep has only 16 trainings; allowed: K/N with a K up to 16\n"
    assert call(capsys, "grid.toml", "--shard", "17/20") == (2, "", said)
    assert not Path("results").exists()
