"""The activations of deep networks for random inputs, before they learn anything."""

from __future__ import annotations

import numpy as np

from nnsweep.nn.activations import ACTIVATIONS
from nnsweep.nn.initializers import Initial
from nnsweep.nn.network import Array
from nnsweep.nn.streams import SPLIT, WEIGHTS, stream


def propagate(activation: str, initial: Initial, samples: int, width: int, layers: int, seed: int = 0) -> Array:
    """Send N(0, 1) inputs (samples, width) through layers of `width` units without biases.

    Returns every layer's activations, (layers, samples, width). The inputs depend on the seed alone, and all
    initialisations draw from the same stream, so that nothing else differs between them.
    """
    a = stream(seed, SPLIT).normal(size=(samples, width))
    random, shape = stream(seed, WEIGHTS), (width, width)
    found = np.empty((layers, samples, width))
    for layer in found:
        z = a @ initial.draw(random, shape, shape).T
        ACTIVATIONS[activation].function(z, layer)
        a = layer
    return found
