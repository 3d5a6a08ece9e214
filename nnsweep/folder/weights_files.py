"""Write the weights of a network as `.npz`, `.safetensors` or `.onnx`, and read `.npz`."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable, Mapping
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from nnsweep.errors import NnsweepError, StoreError
from nnsweep.files import write_file
from nnsweep.trainers.weights import SHIFT, Weights

KEPT_WEIGHTS = "weights.npz"
"""The name of the file in which a trial's weights are kept."""
SETTINGS = "settings"
"""The name of the text, in JSON, that says what the arrays are."""
UNREADABLE = (
    *(OSError, EOFError, ValueError, TypeError, KeyError, AttributeError),
    *(RecursionError, NotImplementedError, zipfile.BadZipFile, zlib.error),
)
"""What a file that is no file of weights may raise."""
DOUBLE = 11
"""ONNX's number of float64."""
OPSET, IR = 17, 8
"""Versions of ONNX's operators and of its format that all present readers know."""


def write_weights(weights: Weights, path: Path) -> None:
    """Write weights in the format of the path's ending.

    Raises:
        NnsweepError: there is no such format, or its package is not installed. StoreError: it cannot be written.
    """
    check_weights_path(path)
    write_file(path, lambda draft: FORMATS[path.suffix.lower()](weights, draft))


def check_weights_path(path: Path) -> None:
    """Make sure that weights can be written in the format of a path's ending.

    Raises:
        NnsweepError: there is no such format, or its package is not installed.
    """
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise NnsweepError(f"--weights {path}: found the ending `{path.suffix}`; allowed: {', '.join(FORMATS)}")
    package = ending.removeprefix(".")
    if ending != ".npz" and find_spec(package) is None:
        needed = f"pip install 'nnsweep[{package}]'"
        raise NnsweepError(f"--weights {path}: the package {package} is not installed; {needed}")


def write_npz(weights: Weights, path: Path) -> None:
    """Write weights as `.npz`: the same weights give the same bytes."""
    with path.open("wb") as file:
        np.savez(file, **{SETTINGS: np.array(_settings(weights))}, **weights.arrays())  # pyright: ignore[reportArgumentType]


def read_npz(path: Path) -> Weights:
    """Read weights that were written as `.npz`.

    Raises:
        StoreError: they were not.
    """
    try:
        # NumPy would leave a file open that is no zip file.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            return Weights.of(json.loads(str(found[SETTINGS])), {name: found[name] for name in found.files})
    except UNREADABLE as error:
        raise StoreError(f"{path}: these are no weights that nnsweep wrote ({type(error).__name__})") from None


def _settings(weights: Weights) -> str:
    return json.dumps(weights.settings(), ensure_ascii=False, separators=(",", ":"))


def digest_tensors(arrays: Mapping[str, Any]) -> str:
    """Digest arrays by name, in 16 hex digits: of a file the bytes may differ although the arrays are the same."""
    digest = blake2b(digest_size=8)
    for name, array in sorted(arrays.items()):
        digest.update(f"{name}\0{array.dtype}\0{array.shape}\0".encode() + np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _write_safetensors(weights: Weights, path: Path) -> None:
    from safetensors.numpy import save_file  # pyright: ignore[reportMissingImports]

    arrays = weights.arrays()  # contiguous: a transposed array would be written with other values, without a word
    text = json.dumps({**weights.settings(), "digest": digest_tensors(arrays)}, ensure_ascii=False)
    save_file(arrays, str(path), metadata={"nnsweep": text})  # one entry: several would be in any order


def _write_onnx(weights: Weights, path: Path) -> None:
    import onnx  # pyright: ignore[reportMissingImports]

    path.write_bytes(_model(onnx, weights).SerializeToString(deterministic=True))


def _model(onnx: Any, weights: Weights) -> Any:
    """Make a model in float64 from `inputs` (N, I) to `outputs` (N, O)."""
    graph = _Graph(onnx)
    found = graph.shifted("inputs", weights)
    last = len(weights.layers)
    for number, (matrix, biases) in enumerate(weights.layers, 1):
        function = weights.network.output if number == last else weights.network.activation
        arrays = graph.constant(f"layer_{number}_weights", matrix), graph.constant(f"layer_{number}_biases", biases)
        found = graph.node("Gemm", found, *arrays, transB=1)
        found = ACTIVATIONS[function](graph, found)
    graph.node("Identity", found, output="outputs")
    ends = [
        [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.DOUBLE, ["N", width])]
        for name, width in (("inputs", weights.network.widths[0]), ("outputs", weights.network.widths[-1]))
    ]
    made = onnx.helper.make_graph(graph.nodes, "nnsweep", *ends, graph.constants)
    opsets = [onnx.helper.make_opsetid("", OPSET)]
    model = onnx.helper.make_model(made, producer_name="nnsweep", opset_imports=opsets, ir_version=IR)
    entry = model.metadata_props.add()
    entry.key, entry.value = "nnsweep", _settings(weights)
    onnx.checker.check_model(model)
    return model


class _Graph:
    """The nodes and the constants of a model. Every node has one output."""

    def __init__(self, onnx: Any) -> None:
        self._onnx = onnx
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, value: Any) -> str:
        """Add an array or a number; return its name."""
        if name not in [each.name for each in self.constants]:
            array = np.ascontiguousarray(value, dtype=np.float64)
            self.constants.append(self._onnx.numpy_helper.from_array(array, name))
        return name

    def node(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Add a node; return the name of its output."""
        output = output or f"value_{len(self.nodes) + 1}"
        self.nodes.append(self._onnx.helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def shifted(self, found: str, weights: Weights) -> str:
        """Standardise the inputs: (x · factor − mean) / spread."""
        for operator, name, array in zip(("Mul", "Sub", "Div"), SHIFT, weights.shift, strict=False):
            found = self.node(operator, found, self.constant(name, array))
        return found


def _relu(graph: _Graph, z: str) -> str:
    return graph.node("Relu", z)


def _leaky_relu(graph: _Graph, z: str) -> str:
    # ONNX Runtime has no LeakyRelu in float64.
    return graph.node("Max", z, graph.node("Mul", z, graph.constant("leak", 0.1)))


def _sigmoid(graph: _Graph, z: str) -> str:
    """1 / (1 + exp(−z))."""
    # ONNX Runtime computes Sigmoid of z < 0 as a difference from 1, which is 0 from −37 on.
    exponential = graph.node("Exp", graph.node("Neg", z))
    return graph.node("Reciprocal", graph.node("Add", exponential, graph.constant("one", 1.0)))


def _step(graph: _Graph, z: str) -> str:
    return graph.node("Cast", graph.node("Greater", z, graph.constant("zero", 0.0)), to=DOUBLE)


ACTIVATIONS: dict[str, Callable[[_Graph, str], str]] = {
    "relu": _relu,
    "relu_inclusive": _relu,
    "leaky_relu": _leaky_relu,
    "sigmoid": _sigmoid,
    "tanh": lambda graph, z: graph.node("Tanh", z),
    "step": _step,
    "identity": lambda graph, z: z,
    "softmax": lambda graph, z: graph.node("Softmax", z, axis=-1),
}
"""What ONNX computes for each activation, of operators that ONNX Runtime has in float64."""
FORMATS: dict[str, Callable[[Weights, Path], None]] = {
    ".npz": write_npz,
    ".safetensors": _write_safetensors,
    ".onnx": _write_onnx,
}
"""The formats of weights, by the ending of the file."""
