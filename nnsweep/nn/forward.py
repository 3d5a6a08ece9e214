"""What networks of one shape make of samples."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

import numpy as np

from nnsweep.nn.network import Array, Layer, Network


def predict(network: Network, parameters: Sequence[Layer], inputs: Array) -> Array:
    """Return the outputs (G, N, O) of a group of networks at inputs (N, I)."""
    return forward(network, parameters, inputs)[1]


def layers(network: Network, parameters: Sequence[Layer], inputs: Array) -> Iterator[tuple[Array, Array]]:
    """Give each layer's preactivations and activations, (G, N, O) each, of a group of networks at inputs (N, I)."""
    a = np.broadcast_to(inputs, (len(parameters[0][0]), *inputs.shape))
    for level, (weights, biases) in enumerate(parameters, start=1):
        table = network.output_activation if level == len(parameters) else network.hidden_activation
        z = network.arithmetic.matmul(a, weights.transpose(0, 2, 1)) + biases[:, None, :]
        a = np.empty_like(z)
        table.function(z, a)
        yield z, a


def forward(network: Network, parameters: Sequence[Layer], inputs: Array) -> tuple[Array, Array]:
    """Return the last layer's preactivations and outputs, (G, N, O) each."""
    return deque(layers(network, parameters, inputs), maxlen=1).pop()
