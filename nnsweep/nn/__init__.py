"""Networks and their training, in NumPy alone; knows nothing of sweeps, stores or tables."""

from nnsweep.nn.activations import ACTIVATIONS, OUTPUTS
from nnsweep.nn.arithmetic import ARITHMETIC, with_math
from nnsweep.nn.batches import CLASS_WEIGHTS, ORDERS, REDUCTIONS, batch_of
from nnsweep.nn.diagnostics import DIAGNOSTICS
from nnsweep.nn.engine.base import Cost, Engine
from nnsweep.nn.engine.choose import ENGINES, choose_engine, stack_key
from nnsweep.nn.engine.step import DERIVATIVES_AT, UPDATES
from nnsweep.nn.forward import layers, predict
from nnsweep.nn.gradient_check import GradientCheck, check_gradient
from nnsweep.nn.group import in_units
from nnsweep.nn.hyperparameters import Hyperparameter, hyperparameters
from nnsweep.nn.initializers import DRAWS, INITIALIZERS, Initial, draw_parameters
from nnsweep.nn.losses import LOSSES
from nnsweep.nn.metrics import METRICS, TRAIN, VALIDATION, Metric, higher_is_better, part_of, plain_name
from nnsweep.nn.network import Dataset, Layer, Method, Network, Trained, Training, TrainingState
from nnsweep.nn.optimizers import OPTIMIZERS
from nnsweep.nn.streams import SPLIT, stream
from nnsweep.nn.trace import trace
from nnsweep.nn.train import StackTraining, train, train_stack

__all__ = [
    "ACTIVATIONS",
    "ARITHMETIC",
    "CLASS_WEIGHTS",
    "DERIVATIVES_AT",
    "DIAGNOSTICS",
    "DRAWS",
    "ENGINES",
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
    "Cost",
    "Dataset",
    "Engine",
    "GradientCheck",
    "Hyperparameter",
    "Initial",
    "Layer",
    "Method",
    "Metric",
    "Network",
    "StackTraining",
    "Trained",
    "Training",
    "TrainingState",
    "batch_of",
    "check_gradient",
    "choose_engine",
    "draw_parameters",
    "higher_is_better",
    "hyperparameters",
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
    "with_math",
]
