"""Weights as files: what is read from them computes what the network computes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import nnsweep
from nnsweep import nn
from nnsweep.errors import NnsweepError, StoreError
from nnsweep.folder.weights_files import ACTIVATIONS, digest_tensors, read_npz, write_weights
from nnsweep.nn.activations import OUTPUTS
from nnsweep.trainers.weights import Weights
from tests.helpers import call, slow

FUNCTIONS = {
    "relu": lambda z: np.where(z > 0, z, 0.0),
    "relu_inclusive": lambda z: np.where(z > 0, z, 0.0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.1 * z),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "step": lambda z: (z > 0) * 1.0,
    "identity": lambda z: z,
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True),
}
"""The activations, written in another way."""
SWEEPS = {
    "classes": {"data": "parabolas", "hidden": [3], "train_size": 50, "test_size": 100, "activation": "sigmoid"},
    "normalised": {
        "data": "parabolas",
        "hidden": [4, 3],
        "standardize": True,
        "batch_norm": True,
        "batch_size": 10,
        "output": "sigmoid",
        "loss": "binary_cross_entropy",
        "metrics": ["accuracy"],
        "activation": "tanh",
    },
}


def network(activation="tanh", output="softmax", seed=0, shift=True) -> Weights:
    random = np.random.default_rng(seed)
    found = nn.Network((4, 7, 5, 3), activation, output)
    layers = [(random.normal(size=shape[::-1]).T, random.normal(size=shape[0])) for shape in found.shapes]
    moved = [np.ones(4), random.normal(size=4), random.uniform(0.5, 2, 4)] if shift else []
    return Weights(found, layers, list("abcd"), moved, "one_hot")


LEARNT = {"data": "digits", "train_size": 80, "test_size": 40, "batch_size": 20, "init": "he"}
TRAINED = {
    "batch norm": {**LEARNT, "hidden": [9, 8], "batch_norm": True, "dropout": 0.2, "standardize": True},
    "deep": {**LEARNT, "hidden": [12] * 20, "optimizer": "adam"},
    "amounts": {"data": {"csv": "data.csv", "target": "y", "inputs": ["a", "b"]}, "scale_target": True},
}
"""Networks that are trained with every activation of a hidden layer."""


def computed(weights: Weights, x: np.ndarray) -> np.ndarray:
    """Compute the outputs of a network in another way."""
    factor, mean, spread = weights.shift or (1.0, 0.0, 1.0)
    a = (x * factor - mean) / spread
    for level, (matrix, biases) in enumerate(weights.layers, 1):
        name = weights.network.output if level == len(weights.layers) else weights.network.activation
        a = FUNCTIONS[name](np.einsum("ni,oi->no", a, matrix) + biases)
    return a


INPUTS = np.random.default_rng(1).normal(size=(50, 4)) * 3


@pytest.mark.parametrize("shift", [True, False])
def test_npz_gives_the_same_bits(tmp_path, shift):
    weights = network(shift=shift)
    write_weights(weights, tmp_path / "net.npz")
    again = read_npz(tmp_path / "net.npz")
    assert (again.outputs(INPUTS) == weights.outputs(INPUTS)).all()
    assert (again.names, again.kind, again.network) == (weights.names, weights.kind, weights.network)
    np.testing.assert_allclose(weights.outputs(INPUTS), computed(weights, INPUTS), atol=1e-12)
    assert sorted(np.load(tmp_path / "net.npz").files)[:2] == (["input_factor", "input_mean"] if shift else [
        "layer_1_biases", "layer_1_weights"
    ])  # fmt: skip


def test_the_same_weights_are_the_same_file(tmp_path):
    for name in ("one.npz", "two.npz"):
        write_weights(network(), tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


@pytest.mark.parametrize("content", [b"", b"PK\3\4 no zip", b"\x93NUMPY"])
def test_what_is_no_file_of_weights_is_told(tmp_path, content):
    path = tmp_path / "net.npz"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="these are no weights that nnsweep wrote"):
        read_npz(path)


@pytest.mark.parametrize("change", [{"kind": "x"}, {"names": ["a"]}, {"network": {"widths": [4, 2]}}])
def test_weights_that_do_not_fit_are_told(tmp_path, change):
    weights, path = network(), tmp_path / "net.npz"
    settings = json.dumps({**weights.settings(), **change})
    np.savez(path, settings=np.array(settings), **weights.arrays())
    with pytest.raises(StoreError, match="these are no weights that nnsweep wrote"):
        read_npz(path)


def test_safetensors_has_the_values_of_arrays_that_are_not_contiguous(tmp_path):
    safetensors = pytest.importorskip("safetensors.numpy")
    weights, path = network(), tmp_path / "net.safetensors"
    assert not weights.layers[0][0].flags.c_contiguous
    write_weights(weights, path)
    found = safetensors.load_file(str(path))
    assert found.keys() == weights.arrays().keys()
    assert all((found[name] == array).all() for name, array in weights.arrays().items())
    header = json.loads(path.read_bytes()[8 : 8 + int.from_bytes(path.read_bytes()[:8], "little")])
    assert list(header["__metadata__"]) == ["nnsweep"]
    told = json.loads(header["__metadata__"]["nnsweep"])
    assert told.pop("digest") == digest_tensors(found)
    assert Weights.of(told, found).outputs(INPUTS).tolist() == weights.outputs(INPUTS).tolist()


def test_every_activation_has_its_operators():
    assert ACTIVATIONS.keys() == OUTPUTS.keys() == FUNCTIONS.keys()


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("activation", [name for name in OUTPUTS if name != "softmax"])
def test_onnx_runtime_computes_the_same(tmp_path, activation, output):
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    weights, path = network(activation, output), tmp_path / "net.onnx"
    write_weights(weights, path)
    (found,) = runtime.InferenceSession(str(path)).run(None, {"inputs": INPUTS})
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, weights.outputs(INPUTS), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_onnx_runtime_computes_small_probabilities(tmp_path, output):
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    biases = np.array([0.0, -20.0, -40.0, -300.0])
    one = Weights(nn.Network((4, 4), output=output), [(np.zeros((4, 4)), biases)], list("abcd"), (), "one_hot")
    write_weights(one, tmp_path / "net.onnx")
    (found,) = runtime.InferenceSession(str(tmp_path / "net.onnx")).run(None, {"inputs": INPUTS[:1]})
    total = 1 + np.exp(biases) if output == "sigmoid" else np.exp(biases).sum()
    np.testing.assert_allclose(found[0], np.exp(biases) / total, rtol=1e-13)


@pytest.mark.parametrize("name", ["batch norm", slow("deep"), slow("amounts")])
def test_onnx_runtime_computes_what_was_trained(name, tmp_path, monkeypatch):
    """With inputs of the data, and with such as no data have: extreme ones, zeros, NaN."""
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    monkeypatch.chdir(tmp_path)
    draw = np.random.default_rng(3)
    rows = [f"{a},{b},{1000 * a - 5000 * b}" for a, b in draw.normal(size=(60, 2)).tolist()]
    Path("data.csv").write_text("\n".join(["a,b,y", *rows]) + "\n")
    axes = {"activation": [name for name in ACTIVATIONS if name != "softmax"]}
    results = nnsweep.run(nnsweep.sweep("trained", axes=axes, fixed=TRAINED[name]), figures=False)
    for activation in axes["activation"]:
        trial, path = results.trial(activation=activation), tmp_path / f"{activation}.onnx"
        write_weights(trial.weights, path)
        x = trial.model().test[0]
        odd = np.vstack([x, 1e3 * x, -1e300 * x, 0 * x, np.where(x > np.median(x), np.nan, x)])
        (found,) = runtime.InferenceSession(str(path)).run(None, {"inputs": odd})
        expected = trial.weights.outputs(odd)
        scale = np.abs(expected[: len(x)]).max()
        assert np.isfinite(scale)
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12 * scale, err_msg=activation)


@pytest.mark.parametrize("name", SWEEPS)
def test_a_trained_network_is_written_and_computes_its_own_metric(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    results = nnsweep.run(nnsweep.sweep(name, axes={"seed": [3]}, fixed=SWEEPS[name]), figures=False)
    trial = results.trial(seed=3)
    inputs, targets = trial.model().test
    right = (trial.predict(inputs) == targets[:, 0]).mean()
    metric = trial.outcome.metrics
    assert right == pytest.approx(metric["accuracy"] if "accuracy" in metric else 1 - metric["error"], abs=1e-12)
    assert (trial.weights.outputs(inputs) == trial.model().respond(inputs).outputs).all()
    write_weights(trial.weights, tmp_path / "net.npz")
    assert (read_npz(tmp_path / "net.npz").outputs(inputs) == trial.weights.outputs(inputs)).all()


def test_what_is_predicted_for_each_kind_of_targets():
    weights = network()
    outputs = weights.outputs(INPUTS)
    assert weights.predict(INPUTS).tolist() == outputs.argmax(axis=1).tolist()
    assert weights.predict_proba(INPUTS).tolist() == outputs.tolist()
    amounts = Weights(weights.network, weights.layers, weights.names)
    assert amounts.predict(INPUTS).shape == (50, 3)
    one = Weights(nn.Network((4, 1), output="sigmoid"), [(np.ones((1, 4)), np.zeros(1))], list("abcd"), (), "binary")
    assert one.predict([[1, 1, 1, 1], [-1, -1, -1, -1]]).tolist() == [1, 0]
    np.testing.assert_allclose(one.predict_proba([[1, 1, 1, 1]])[0], [1 - 1 / (1 + np.exp(-4)), 1 / (1 + np.exp(-4))])


def test_what_cannot_be_predicted_is_told():
    for weights, said in (
        (network(output="step"), "the output `step`"),
        (Weights(network().network, network().layers, list("abcd")), "targets that are amounts"),
    ):
        with pytest.raises(NnsweepError) as caught:
            weights.predict_proba(INPUTS)
        allowed = "gives no probabilities; allowed: classes, and output `sigmoid` or `softmax`"
        assert str(caught.value) == f"a network with {said} {allowed}"
    for inputs, shape in (([1, 2], "(2,)"), ([[1, 2]], "(1, 2)"), ([["a"] * 4], "(1, 4)")):
        with pytest.raises(NnsweepError) as caught:
            network().predict(inputs)
        assert str(caught.value) == f"inputs of the shape {shape}; allowed: rows of 4 numbers: a, b, c, d"


def test_the_verb_writes_the_weights_of_one_trial(grid, capsys):
    nnsweep.run(grid, figures=False)
    assert call(capsys, "export", "small", "alpha=0.01", "epochs=3", "hidden=2", "seed=1", "--weights", "n.npz")[0] == 0
    trial = nnsweep.open("small").trial(alpha=0.01, epochs=3, hidden=2, seed=1)
    assert (read_npz(Path("n.npz")).layers[0][0] == trial.weights.layers[0][0]).all()
    code, out, err = call(capsys, "export", "small", trial.trial.id[:6], "--weights", "m.npz")
    assert (code, out, err) == (0, f"written: m.npz, trial {trial.trial.id}\n", "")
    assert Path("m.npz").read_bytes() == Path("n.npz").read_bytes()
    assert call(capsys, "export", "small", "--weights", "n.txt") == (
        2, "", "Error: --weights n.txt: found the ending `.txt`; allowed: .npz, .safetensors, .onnx\n",
    )  # fmt: skip
    said = "Error: --weights writes a network; leave out --where, --columns, --format, --output, --to\n"
    assert call(capsys, "export", "small", "--weights", "n.npz", "--where", "hidden=2")[2].endswith(said)
    said = "Error: found `hidden=2`; trials of a table are chosen by --where hidden=2\n"
    assert call(capsys, "export", "small", "hidden=2")[2].endswith(said)
