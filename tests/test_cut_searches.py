"""What a search said is repeated only as long as all is stored that it was said of."""

from __future__ import annotations

import pytest

import nnsweep
from nnsweep.execution import Options
from nnsweep.execution.wanted import Missing
from nnsweep.folder.open import StoredSweep
from nnsweep.folder.paths import Folder
from nnsweep.folder.removable import list_trials
from nnsweep.folder.removal import remove
from nnsweep.questions.rank.ranking import ranking
from nnsweep.questions.rank.text import CUT_OFF
from nnsweep.run_sweep import run_sweep
from nnsweep.serve.worker import report
from nnsweep.trials.ids import to_numbers
from tests.test_stopping_searches import HALVING, RACE, KillAfter, KilledError, run

CONFIRMED = "The best, confirmed"


def lines(source, folder):
    """All that is said of a search that is opened by its name or its file, and of its best."""
    stored = StoredSweep.open(str(source), folder)
    best = str(ranking(stored)).splitlines()
    return [*stored.notices, *best], best


def cut(results, *numbers):
    """Remove some trials, by their number in the table."""
    folder = Folder(results.folder)
    remove(list_trials(folder, to_numbers([results.trials["id"][number] for number in numbers])))


@pytest.mark.slow
@pytest.mark.parametrize(("text", "first"), [(RACE, "race of "), (HALVING, "halving of ")])
def test_nothing_is_repeated_after_trials_were_removed(tmp_path, text, first):
    results = run(text, tmp_path, jobs=1)
    name, count = results.sweep.name, len(results.trials)
    assert [line for line in lines(name, tmp_path)[1] if line.startswith(first)]
    assert CONFIRMED in report(str(tmp_path), name)["html"]
    cut(results, 0)
    said, best = lines(name, tmp_path)
    assert said[0] == f"{count - 1} of {count} trials are stored: run it again for the others"
    assert not [line for line in said if line.startswith(first)]
    assert "stopped" not in nnsweep.open(name, tmp_path).summary
    page = report(str(tmp_path), name)["html"]
    assert CONFIRMED not in page
    if text == RACE:
        assert best[2] == f"Any of the other 3 may be the best instead: {CUT_OFF}."
        assert "over the whole race" not in "\n".join(best)
    again = run(text, tmp_path, jobs=1)
    assert again.trained == 1
    assert next(line for line in str(again).splitlines() if line.startswith(first)) in str(results)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "told"),
    [
        (RACE, ""),
        (HALVING, "halving of 9 configurations: 6 trained for 2 epochs, 3 still to be trained"),
    ],
)
def test_a_file_tells_how_far_its_search_can_be_followed(tmp_path, text, told):
    """The first trial of a race is needed from the beginning, the last one of a halving in its second round."""
    results = run(text, tmp_path, jobs=1)
    count = len(results.trials)
    cut(results, 0 if text != HALVING else 27)
    path = tmp_path / "search.toml"
    path.write_text(text)
    said, best = lines(path, tmp_path)
    assert said[0] == f"{path}: 1 of the {count} trials of its search are missing, so that it is followed less far"
    assert [line for line in best if line.startswith(("race of", "halving of"))] == [*filter(None, [told])]


def test_nothing_is_repeated_of_the_run_before_one_that_was_killed(tmp_path):
    few = run(RACE + "trainings = 30\nconfirm = 1\n", tmp_path, jobs=1)
    assert "when the budget ended" in str(few)
    options = Options(jobs=1, quiet=True, listeners=(KillAfter(1),))
    with pytest.raises(KilledError):
        run_sweep(nnsweep.loads(RACE), Folder(few.folder), Missing(), options, figures=False, all_files=False)
    opened = nnsweep.open("raced", tmp_path)
    assert len(opened.trials) > len(few.trials)
    assert not [line for line in str(opened).splitlines() if line.startswith("race of")]
    assert not opened.sweep.progress.confirmed


def sometimes(x, folder, seed=0):
    """The second configuration fails as long as the folder is empty."""
    from pathlib import Path

    if x == 2 and not any(Path(folder).iterdir()):
        raise ValueError("not yet")
    return {"loss": x + seed / 100}


@pytest.mark.slow
def test_a_race_is_followed_again_after_failed_trials_were_trained(tmp_path):
    there = tmp_path / "there"
    there.mkdir()
    sweep = nnsweep.sweep(
        "later",
        axes={"x": [1, 2], "seed": list(range(12))},
        fixed={"folder": str(there)},
        trainer=sometimes,
        search={"method": "racing", "metric": "loss", "confirm": 0},
    )
    first = "race of 2 configurations: 1 won (3 seeds), 1 without any outcome (3 seeds); 6 of 24 trials, 18 saved"
    assert first in str(nnsweep.run(sweep, tmp_path, figures=False, quiet=True)).splitlines()
    (there / "now").touch()
    # The first is never behind, and is kept from a quarter of the seeds on. The second cannot be ruled out before five.
    assert str(nnsweep.retry(sweep, tmp_path, figures=False, quiet=True)).splitlines()[1:3] == [
        "best of 2 configurations (`racing`): median loss 1.01 at x = 1",
        "race of 2 configurations: 1 may be the best, of which more seeds would rule out few (3 seeds), "
        "1 still in the race (3 seeds); 6 of 24 trials",
    ]
