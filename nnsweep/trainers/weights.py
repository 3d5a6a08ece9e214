"""The weights of a trained network, and what it predicts with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnsweep import nn
from nnsweep.errors import NnsweepError
from nnsweep.nn.activations import ACTIVATIONS, OUTPUTS
from nnsweep.targets import TargetKind

Array = NDArray[np.float64]
PROBABILITIES = "sigmoid", "softmax"
"""Outputs that are probabilities."""
SHIFT = "input_factor", "input_mean", "input_spread"
"""Names of the arrays by which inputs are standardised: (x · factor − mean) / spread."""


@dataclass(frozen=True, eq=False)
class Weights:
    """A network with weights (O, I) and biases (O,) for each layer, from inputs and to outputs in the data's units.

    `names` are those of the inputs. `shift` are factor, mean and spread of each input (I,), with which the network
    standardises it; empty if it does not. `kind` is that of the targets.
    """

    network: nn.Network
    layers: Sequence[tuple[Array, Array]]
    names: Sequence[str]
    shift: Sequence[Array] = ()
    kind: TargetKind = "amounts"

    def outputs(self, inputs: ArrayLike) -> Array:
        """Return the outputs (N, O) for inputs (N, I).

        Raises:
            NnsweepError: these are no inputs of this network.
        """
        x = self._read(inputs)
        if self.shift:
            factor, mean, spread = self.shift
            x = (x * factor - mean) / spread
        with np.errstate(all="ignore"):  # the outputs of a diverged network may be anything
            return nn.predict(self.network, [(w[None], b[None]) for w, b in self.layers], x)[0]

    def predict(self, inputs: ArrayLike) -> NDArray[Any]:
        """Return what is predicted for inputs (N, I), as scikit-learn does.

        That is the number of the class (N,), 0 or 1 for each label (N, O), or the amounts: (N,) if there is one output.
        """
        found = self.outputs(inputs)
        if self.kind == "amounts":
            return found[:, 0] if found.shape[1] == 1 else found
        if self.kind == "multilabel":
            return (found > 0.5).astype(np.int64)
        return (found[:, 0] > 0.5).astype(np.int64) if found.shape[1] == 1 else found.argmax(axis=1)

    def predict_proba(self, inputs: ArrayLike) -> Array:
        """Return the probability of each class (N, classes), or of each label (N, O), for inputs (N, I).

        Raises:
            NnsweepError: the outputs are no probabilities.
        """
        if self.network.output not in PROBABILITIES or self.kind == "amounts":
            allowed = " or ".join(f"`{name}`" for name in PROBABILITIES)
            what = "targets that are amounts" if self.kind == "amounts" else f"the output `{self.network.output}`"
            raise NnsweepError(f"a network with {what} gives no probabilities; allowed: classes, and output {allowed}")
        found = self.outputs(inputs)
        return np.hstack([1 - found, found]) if found.shape[1] == 1 else found

    def _read(self, inputs: ArrayLike) -> Array:
        try:
            found = np.asarray(inputs, dtype=np.float64)
        except (TypeError, ValueError):
            found = np.empty((0, 0))
        if found.ndim != 2 or found.shape[1] != self.network.widths[0]:
            wanted = f"rows of {self.network.widths[0]} numbers: {', '.join(self.names[:6])}"
            raise NnsweepError(f"inputs of the shape {np.shape(inputs)}; allowed: {wanted}")
        return found

    def arrays(self) -> dict[str, Array]:
        """Return all arrays by name."""
        shift = dict(zip(SHIFT, self.shift, strict=False))
        layers = enumerate(self.layers, 1)
        named = {f"layer_{n}_{part}": each for n, layer in layers for part, each in zip(PARTS, layer, strict=True)}
        return {name: np.ascontiguousarray(array, dtype=np.float64) for name, array in (shift | named).items()}

    def settings(self) -> dict[str, Any]:
        """Return all else, as values that JSON can hold."""
        return {"network": asdict(self.network), "names": list(self.names), "kind": self.kind}

    @classmethod
    def of(cls, settings: Mapping[str, Any], arrays: Mapping[str, Any]) -> Weights:
        """Make weights of what `settings` and `arrays` gave.

        Raises:
            ValueError, TypeError, KeyError: it is something else.
        """
        given: dict[str, Any] = dict(settings["network"])
        given["widths"] = tuple(map(int, given["widths"]))
        network = nn.Network(**given)
        if network.activation not in ACTIVATIONS or network.output not in OUTPUTS or network.math not in nn.ARITHMETIC:
            raise ValueError("no activation, or no arithmetic")
        if settings["kind"] not in get_args(TargetKind) or len(settings["names"]) != network.widths[0]:
            raise ValueError("no kind, or no names")
        layers = [
            (_array(arrays[f"layer_{n}_{PARTS[0]}"], shape), _array(arrays[f"layer_{n}_{PARTS[1]}"], shape[:1]))
            for n, shape in enumerate(network.shapes, 1)
        ]
        inputs = network.widths[:1]
        shift = [_array(arrays[name], inputs) for name in SHIFT] if SHIFT[0] in arrays else []
        return cls(network, layers, list(map(str, settings["names"])), shift, settings["kind"])


PARTS = "weights", "biases"


def _array(found: Any, shape: tuple[int, ...]) -> Array:
    if found.shape != shape or found.dtype != np.float64:
        raise ValueError("an array of another shape or type")
    return found
