"""All that a network is computed with has the same bits on other processors, which child processes pretend to have."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

import pytest

from tests.helpers import slow
from tests.helpers.processors import OTHER_PROCESSORS, does_without, on_processor

SCRIPT = """
import hashlib, json, sys
import numpy as np
from nnsweep.nn import ACTIVATIONS, ARITHMETIC, ENGINES, INITIALIZERS, LOSSES, METRICS, OPTIMIZERS, OUTPUTS
from nnsweep.nn import Dataset, Initial, Method, Network, Training, draw_parameters, train_stack, with_math

def digest(*arrays):
    return hashlib.sha256(b"".join(np.ascontiguousarray(each).tobytes() for each in arrays)).hexdigest()[:8]

def applied(function, z):
    out = np.empty_like(z)
    function(z, out)
    return out

def trained(network, method, init, draws):
    random = np.random.default_rng(7)
    data = Dataset.split(random.uniform(-2, 2, (40, 3)), np.eye(network.widths[-1])[np.arange(40) % network.widths[-1]],
                         np.arange(40), 30)
    initial = Initial(init, draws=draws)
    stack = [Training(network, draw_parameters(network, initial, seed), data, 0.3, 0.25 * network.dropout, seed)
             for seed in range(3)]
    metrics = ["loss", "train_error", "accuracy", "mean_squared_error", "r2"]
    return [array for each in train_stack(stack, 3, method, metrics, {3})
            for array in (*each.history.values(), *each.diagnostics.values(), *(a for l in each.parameters for a in l))]

found = {}
z = np.random.default_rng(0).uniform(-40, 40, (3, 60, 4))
for name, math in ARITHMETIC.items():
    own = found[name] = {}
    for key, entry in OUTPUTS.items():
        entry = with_math(entry, math)
        own[f"output {key}"] = digest(applied(entry.function, z))
        if entry.inverse:
            own[f"inverse {key}"] = digest(entry.inverse(np.linspace(0.01, 0.99, 99)))
    y, t = applied(with_math(OUTPUTS["softmax"], math).function, z), np.eye(4)[np.arange(60) % 4]
    for key, entry in LOSSES.items():
        own[f"loss {key}"] = digest(with_math(entry, math).value(z, y, t))
    for key, entry in METRICS.items():
        value = with_math(entry, math).value
        own[f"metric {key}"] = digest(*(value(z, y, t, loss) for loss in LOSSES))
    for key in INITIALIZERS:
        for draws in ("default", "legacy"):
            layers = draw_parameters(Network((30, 40, 10), math=name), Initial(key, draws=draws), 1)
            own[f"init {key}, {draws}"] = digest(*(array for layer in layers for array in layer))
    for activation in ACTIVATIONS:
        network = Network((3, 4, 2), activation, "sigmoid", "binary_cross_entropy", math=name)
        own[f"rows {activation}"] = digest(*trained(network, Method(batch_size=5), "xavier", "default"))
    network = Network((3, 9, 8, 4), "tanh", "softmax", "categorical_cross_entropy", True, True, True, math=name)
    for optimizer in OPTIMIZERS:
        method = Method(optimizer, 10, "reshuffled")
        own[f"matrices {optimizer}"] = digest(*trained(network, method, "normal", "legacy_transposed"))
print(json.dumps(found))
"""


@cache
def digests(processor: str) -> dict[str, dict[str, str]]:
    """Digest what every entry and every engine gives, by arithmetic and name."""
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=on_processor(processor))
    return json.loads(done.stdout)


@pytest.mark.parametrize("processor", [OTHER_PROCESSORS[0], *map(slow, OTHER_PROCESSORS[1:])])
def test_portable_numbers_have_the_same_bits(processor):
    here, there = digests("this one")["portable"], digests(processor)["portable"]
    assert len(here) > 40
    assert {name for name in here if here[name] != there[name]} == set()


@pytest.mark.parametrize("processor", [OTHER_PROCESSORS[0], *map(slow, OTHER_PROCESSORS[1:])])
def test_native_numbers_do_not(processor):
    """This shows that a child process is like one on another processor, if this one can do more."""
    here, there = digests("this one")["native"], digests(processor)["native"]
    different = {name for name in here if here[name] != there[name]}
    print(f"{processor}: {len(different)} of {len(here)} differ: {', '.join(sorted(different))}")
    assert different or not does_without(processor)
