"""Networks and their training, in NumPy alone; knows nothing of sweeps, stores or tables."""

from nnsweep.nn.activations import ACTIVATIONS, OUTPUTS
from nnsweep.nn.batches import CLASS_WEIGHTS, ORDERS, REDUCTIONS, batch_of
from nnsweep.nn.engine.choose import fits_rows, stack_key
from nnsweep.nn.engine.step import DERIVATIVES_AT, UPDATES
from nnsweep.nn.evaluate import layers, predict
from nnsweep.nn.gradient_check import GradientCheck, check_gradient
from nnsweep.nn.initializers import DRAWS, INITIALIZERS, Initial, draw_parameters
from nnsweep.nn.losses import LOSSES
from nnsweep.nn.metrics import METRICS, TRAIN, VALIDATION, Metric, higher_is_better, part_of, plain_name
from nnsweep.nn.network import Dataset, Layer, Method, Network, Trained, Training
from nnsweep.nn.optimizers import OPTIMIZERS
from nnsweep.nn.streams import SPLIT, stream
from nnsweep.nn.trace import trace
from nnsweep.nn.train import in_units, train, train_stack

__all__ = [
    "ACTIVATIONS",
    "CLASS_WEIGHTS",
    "DERIVATIVES_AT",
    "DRAWS",
    "INITIALIZERS",
    "LOSSES",
    "METRICS",
    "OPTIMIZERS",
    "ORDERS",
    "OUTPUTS",
    "REDUCTIONS",
    "SPLIT",
    "TRAIN",
    "UPDATES",
    "VALIDATION",
    "Dataset",
    "GradientCheck",
    "Initial",
    "Layer",
    "Method",
    "Metric",
    "Network",
    "Trained",
    "Training",
    "batch_of",
    "check_gradient",
    "draw_parameters",
    "fits_rows",
    "higher_is_better",
    "in_units",
    "layers",
    "part_of",
    "plain_name",
    "predict",
    "stack_key",
    "stream",
    "trace",
    "train",
    "train_stack",
]
