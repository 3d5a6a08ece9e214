"""Every sampler keeps the same promises: see `Sampler`."""

from pathlib import Path

import pytest

import nnsweep
from nnsweep.execution.options import Options
from nnsweep.folder.paths import Folder
from nnsweep.questions.settle.more_seeds import MoreSeeds
from nnsweep.questions.settle.seed_sampler import SeedSampler
from nnsweep.questions.settle.settlement import Question
from nnsweep.trainers import load
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.expand import expand
from nnsweep.trials.sampler import GridSampler, Sampler, train_asked

SWEEP = nnsweep.loads(
    'name = "small"\n[axes]\nhidden = [2, 4]\nalpha = [0.1, 0.2]\nseed = { count = 5 }\n'
    '[success]\nmetric = "error"\nbelow = 0.5'
)


def grid() -> Sampler:
    return GridSampler(expand(SWEEP, load("mlp")), load("mlp"))


def seeds() -> Sampler:
    axis = SWEEP.axis("hidden")
    question = Question(axis, *axis.values, each=True, most=40)
    return SeedSampler(MoreSeeds(SWEEP, Folder(Path("unused")), Options()), question, lambda trials: trials)


@pytest.fixture(params=[grid, seeds])
def make(request):
    return request.param


def answer(trials):
    """4 hidden neurons succeed with every seed at a rate of 0.1 alone; nothing else does."""
    won = {"hidden": SWEEP.axis("hidden").find(4), "alpha": 0.1}
    return {
        trial.id: Outcome("ok", {"error": 0.0 if trial.settings.items() >= won.items() else 1.0}, 0.0)
        for trial in trials
    }


def batches(sampler: Sampler, train=answer) -> list[list[str]]:
    found: list[list[str]] = []

    def trained(trials):
        found.append([trial.id for trial in trials])
        return train(trials)

    train_asked(sampler, trained)
    return found


def test_it_ends_and_stays_ended(make):
    sampler = make()
    assert batches(sampler)
    assert sampler.ask() == []


def test_no_trial_is_asked_for_twice(make):
    asked = [id for batch in batches(make()) for id in batch]
    assert len(asked) == len(set(asked))


def test_the_same_answers_lead_to_the_same_questions(make):
    """So a run that was cut off goes on: what is stored is told at once."""
    first = batches(make())
    assert first == batches(make())


def test_failed_trials_are_answers_too(make):
    def train(trials):
        return answer(trials) | {trials[0].id: Outcome("failed", {}, 0.0, failure="ValueError: no")}

    assert batches(make(), train)


def test_a_grid_asks_for_all_its_trials_at_once():
    assert batches(grid()) == [[trial.id for trial in expand(SWEEP, load("mlp"))]]


def test_seeds_are_added_where_the_question_is_open():
    """At 0.1 ten seeds for 4 neurons, none for 2, settle it (evidence 2¹⁵ / 16 after 15); at 0.2 nothing ever does."""
    first, second, *others = batches(seeds())
    assert (len(first), len(second)) == (2 * 2 * 5, 2 * 2 * 10)
    assert [len(batch) for batch in others] == [2 * 10, 2 * 10, 2 * 5]
