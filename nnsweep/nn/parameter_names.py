"""Names of a network's parameters, as messages and traces have them."""

from __future__ import annotations

import re

from nnsweep.nn.network import Network


def parameter_name(network: Network, level: int, kind: int, place: int) -> str:
    """Name one number of layer `level` (from 0): a weight (O, I) or bias (`kind` 0), a γ (1) or a β (2).

    Weights and biases are counted as stacks keep them: by input, then by output, the biases last.

    >>> net = Network((2, 3, 1))
    >>> [parameter_name(net, 0, 0, place) for place in (0, 1, 3, 6)]
    ['layer 1, weight[0, 0]', 'layer 1, weight[1, 0]', 'layer 1, weight[0, 1]', 'layer 1, bias[0]']
    """
    outputs, inputs = network.shapes[level]
    if kind:
        return f"layer {level + 1}, {('gamma', 'beta')[kind - 1]}[{place}]"
    i, o = divmod(place, outputs)
    return f"layer {level + 1}, " + (f"weight[{o}, {i}]" if i < inputs else f"bias[{o}]")


def short_name(name: str) -> str:
    """Name a parameter as formulas do, counted from 1. The number of the layer stands in front, except for the first.

    >>> short_name("layer 1, weight[0, 1]"), short_name("layer 2, bias[0]"), short_name("layer 1, weight[9, 1]")
    ('w12', '2.b1', 'w10_2')
    """
    found = re.fullmatch(r"layer (\d+), (\w+)\[(\d+)(?:, (\d+))?\]", name)
    if found is None:
        return name
    layer, kind, *places = found.groups()
    numbers = [str(int(place) + 1) for place in places if place is not None]
    between = "" if all(len(number) == 1 for number in numbers) else "_"
    letter = {"weight": "w", "bias": "b"}.get(kind, kind)
    return ("" if layer == "1" else f"{layer}.") + letter + between.join(numbers)
