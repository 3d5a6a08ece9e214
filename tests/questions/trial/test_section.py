"""What a network says along a section: by hand, and against the network itself."""

from dataclasses import replace

import numpy as np
import pytest

from nnsweep import nn
from nnsweep.errors import NnsweepError
from nnsweep.questions.trial.plane import plane
from nnsweep.questions.trial.section import has_classes, section
from nnsweep.sweepfile.parameters import Parameters
from nnsweep.trainers import load
from nnsweep.trainers.mlp.ingredients import method_of, training_of
from nnsweep.trainers.protocol import Response
from tests.helpers.networks import by_hand, of_three, respond


def cut(model, count=3, ranges=((0.0, 1.0),), unit=None):
    return section(model, plane(model, [], ranges, margin=False, axes=(2,)), count, unit)


def test_every_point_has_what_is_said_there():
    found = cut(by_hand())
    assert found.grid["x"].tolist() == [0.0, 0.5, 1.0] * 3
    assert found.grid["y"].tolist() == [0.0] * 3 + [0.5] * 3 + [1.0] * 3
    assert found.grid["preactivation"].tolist() == [-0.5, 0.0, 0.5, 0.0, 0.5, 1.0, 0.5, 1.0, 1.5]
    assert found.grid["output"].tolist() == [0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    assert found.grid["class"].tolist() == [0, 0, 1, 0, 1, 1, 1, 1, 1]
    assert found.grid["layer 1, unit 1"].tolist() == [-0.5, 0.0, 0.5] * 3
    assert (found.hidden, found.outputs) == (3, 1)
    assert found.steps("output")
    assert not found.steps("preactivation")


def test_samples_are_judged_one_by_one():
    samples = cut(by_hand()).samples
    assert samples["set"].tolist() == ["training"] * 4 + ["test"] * 2
    assert samples["class"].tolist() == [0, 1, 1, 0, 0, 1]
    assert samples["output"].tolist() == [0.0, 1.0, 1.0, 1.0, 0.0, 1.0]
    assert samples["wrong"].tolist() == [False, False, False, True, False, False]


def test_samples_that_train_and_test_are_listed_once():
    model = by_hand()
    assert cut(replace(model, test=model.train)).samples["set"].tolist() == ["all"] * 4


def test_words_on_units_and_samples():
    found = cut(by_hand())
    assert found.units_text == "Of 3 hidden units, 1 switches here, 1 stays below 0, 1 stays above 0."
    assert cut(by_hand(), ranges=((2.0, 3.0),)).units_text == "Of 3 hidden units, 1 stays below 0, 2 stay above 0."
    assert found.samples_text == "Test samples are pale."
    wide = replace(by_hand(), respond=lambda x: Response([np.ones((len(x), 25)), x[:, :1]], x[:, :1]))
    assert cut(wide).units_text == "25 hidden units are too many to draw."
    assert not [name for name in cut(wide).grid if name.startswith("layer")]


def test_several_outputs_are_classes_and_one_may_be_chosen():
    model = by_hand(targets=np.eye(3)[[2, 1, 0, 0]])
    model = replace(model, respond=of_three)
    assert has_classes(model)
    plain = cut(model, ranges=((0.0, 2.0), (0.0, 1.0)))
    assert plain.grid["class"].tolist() == [0 if x >= max(y, 0.4) else 1 if y > 0.4 else 2
                                            for y in (0.0, 0.5, 1.0) for x in (0.0, 1.0, 2.0)]  # fmt: skip
    assert "output" not in plain.grid
    assert plain.outputs == 3
    assert cut(model, unit=2).grid["preactivation"].tolist() == cut(model, unit=2).grid["y"].tolist()
    with pytest.raises(NnsweepError) as refused:
        cut(model, unit=4)
    assert str(refused.value) == "--unit 4: no such output; allowed: 1 to 3"


@pytest.mark.parametrize(
    ("targets", "classes"),
    [([[0], [1], [1], [0]], True), ([[-1], [1], [1], [-1]], False), ([[1], [2], [1], [2]], False),
     ([[0.1], [0.7], [0.8], [0]], False), ([[0, 1], [1, 0], [0, 1], [1, 0]], True),
     ([[0, 1], [1, 1], [0, 1], [1, 0]], False)],
)  # fmt: skip
def test_targets_are_classes_or_amounts(targets, classes):
    model = by_hand(targets=np.array(targets, dtype=float))
    assert has_classes(model) == classes
    assert ("wrong" in cut(model).samples) == classes


def test_what_is_not_finite_is_refused():
    broken = replace(by_hand(), respond=lambda x: Response([respond(x).preactivations[1] * np.nan], x[:, :1]))
    with pytest.raises(NnsweepError) as refused:
        cut(broken)
    assert str(refused.value) == "the network's outputs are not finite: there is nothing to draw but its trace"


@pytest.mark.parametrize(
    "settings",
    [
        {"hidden": (4,), "init_biases": "as_weights", "update": "sequential", "epochs": 2},
        {"hidden": (5, 3), "standardize": True, "activation": "tanh", "output": "sigmoid"},
        {"hidden": (4,), "standardize": True, "evaluation": "stale", "output": "sigmoid"},
        {"hidden": (4,), "batch_norm": True, "batch_size": 50, "output": "sigmoid"},
    ],
)
def test_the_grid_is_what_the_trained_network_predicts(settings):
    loss = {"loss": "binary_cross_entropy"} if settings.get("output") == "sigmoid" else {}
    trainer = load("mlp")
    given = {"train_size": 300, "test_size": 100, "seed": 3, **loss, **settings}
    params = trainer.resolve(Parameters.of(trainer).complete(given))
    found = cut(trainer.model(params), count=9, ranges=((0.25, 1.75), (1.25, 2.75)))
    training = training_of(params)
    trained = nn.train(training, [params["epochs"]], method_of(params))
    points = found.grid[["x", "y"]].to_numpy()
    if params["standardize"]:
        raw = training_of({**params, "standardize": False}).dataset.train_inputs
        points = (points - raw.mean(axis=0)) / raw.std(axis=0)
    said = nn.predict(training.network, [(w[None], b[None]) for w, b in trained.parameters], points)[0, :, 0]
    assert found.grid["output"].to_numpy() == pytest.approx(said, rel=1e-12)
    assert (found.grid["class"] == (said > 0.5)).all()
    samples = found.samples[found.samples["set"] == "test"]
    held_out = training_of({**params, "standardize": False, "evaluation": "held_out"}).dataset.test_inputs
    assert samples[["x", "y"]].to_numpy().tolist() == held_out.tolist()
    if params["evaluation"] == "held_out":
        wrong = np.mean(np.abs(samples["target"] - (samples["output"] > 0.5)))
        assert samples["wrong"].mean() == pytest.approx(wrong)
