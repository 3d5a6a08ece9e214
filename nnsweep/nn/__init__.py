"""Networks and their training, in NumPy alone; knows nothing of sweeps, stores or tables."""

from nnsweep.nn.activations import ACTIVATIONS, OUTPUTS
from nnsweep.nn.evaluate import predict
from nnsweep.nn.losses import LOSSES
from nnsweep.nn.network import Dataset, Network, Trained, Training
from nnsweep.nn.train import UPDATES, fits_rows, shares_stack, train, train_stack

__all__ = [
    "ACTIVATIONS",
    "LOSSES",
    "OUTPUTS",
    "UPDATES",
    "Dataset",
    "Network",
    "Trained",
    "Training",
    "fits_rows",
    "predict",
    "shares_stack",
    "train",
    "train_stack",
]
