"""What trainings cost, in seconds on one core of a server of 2023: steps, measurements, and all else of a training.

An engine knows its steps. The rest is calls of Python: few for a stack, whatever its size, and some for each training.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, NamedTuple

from nnsweep import nn
from nnsweep.trainers.mlp.ingredients import method_of, network_of
from nnsweep.trainers.mlp.split import Sizes
from nnsweep.trainers.mlp.training import last_epoch

START = nn.Cost(training=40e-6, stack=2e-3)
"""Until the first step: parameters are drawn, arrays are laid out."""
CHECKPOINT = nn.Cost(training=2.5e-6, stack=120e-6)
"""To diagnose at a checkpoint, and to give its outcome, where each epoch is measured."""
SPARSE_CHECKPOINT = nn.Cost(training=13e-6, stack=240e-6)
"""Where not each is: a checkpoint is then measured besides, and its outcome made alone."""
MEASUREMENT, OF_LAYER, OF_METRIC = 30e-6, 30e-6, 15e-6
"""For a stack to measure once, whatever its size; more for each layer of each part of the data, and each metric."""
DRAW = {"fixed": 0.0, "reshuffled": 2.5e-6, "with_replacement": 5.5e-6}
"""For a training to draw the order of an epoch."""
DRAW_SAMPLE = 10e-9
"""More for each sample."""
ROOT = nn.Cost(training=4e-9, stack=20e-6)
"""For a step that divides by roots of squares: the first for each parameter."""


class EpochCost(NamedTuple):
    """The cost of an epoch, and which part of each training's is that of drawing the order of its samples."""

    cost: nn.Cost
    drawing: float


def epoch_cost(params: Mapping[str, Any], sizes: Sizes) -> EpochCost:
    """Estimate an epoch of trainings of one kind."""
    network, method, metrics, every = network_of(params), method_of(params), params["metrics"], params["measure_every"]
    batch = nn.batch_of(method, sizes.train)
    engine, steps = nn.choose_engine(network, batch).engine, ceil(sizes.train / batch)
    training, stack = engine.cost(network, steps, sizes.train + _measured_samples(metrics, sizes) / every)
    if not nn.OPTIMIZERS[method.optimizer].linear:
        training, stack = training + steps * network.size * ROOT.training, stack + steps * ROOT.stack
    drawing = DRAW[method.order] + (DRAW_SAMPLE * sizes.train if method.order != "fixed" else 0.0)
    return EpochCost(nn.Cost(training + drawing, stack + _measurement(network, metrics) / every), drawing)


def training_cost(epoch: nn.Cost, checkpoints: Sequence[Mapping[str, Any]]) -> nn.Cost:
    """Estimate a training that is read off at these checkpoints: its start, its epochs, and them."""
    of_each = CHECKPOINT if checkpoints[0]["measure_every"] == 1 else SPARSE_CHECKPOINT
    epochs = last_epoch(checkpoints)
    whole = zip(START, epoch, of_each, strict=True)
    return nn.Cost(*(start + epochs * each + len(checkpoints) * end for start, each, end in whole))


def _measurement(network: nn.Network, metrics: Sequence[str]) -> float:
    passes = len({nn.part_of(name) for name in metrics}) * (len(network.widths) - 1)
    return MEASUREMENT + OF_LAYER * passes + OF_METRIC * len(metrics)


def _measured_samples(metrics: Sequence[str], sizes: Sizes) -> int:
    """Count the samples of one measurement, once for each metric."""
    of_part = {"": sizes.test, nn.TRAIN: sizes.train, nn.VALIDATION: sizes.validation}
    return sum(of_part[nn.part_of(name)] for name in metrics)
