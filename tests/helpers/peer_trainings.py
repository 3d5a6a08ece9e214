"""Trainings that a peer repeats."""

import numpy as np

from nnsweep.nn import Dataset, Initial, Network, Training, draw_parameters

CLOSE = {"rtol": 1e-10, "atol": 1e-10}
SAMPLES, HELD_OUT = 23, 7
EPOCHS = {1: 2, 5: 5, 0: 25}
"""For each size of batch, to take 20 steps or more; 5 leaves 3 of 23 for the last."""
METRICS = "loss", "train_loss"
OWN = {"momentum": 0.8, "beta1": 0.85, "beta2": 0.97, "epsilon": 1e-3}


def training(widths, activation="tanh", output="identity", loss="squared_error", seed=0, **options):
    """Whose targets are 0 or 1, one 1 a sample under softmax, and whose hyperparameters are nobody's defaults."""
    network, random = Network(widths, activation, output, loss, **options), np.random.default_rng(seed)
    x = random.normal(size=(SAMPLES + HELD_OUT, widths[0]))
    t = (random.uniform(size=(len(x), widths[-1])) > 0.5).astype(float)
    if output == "softmax":
        t = np.eye(widths[-1])[np.arange(len(x)) % widths[-1]]
    parameters = draw_parameters(network, Initial("normal", {"std": 0.7}, biases=network.bias), seed)
    data = Dataset.split(x, t, np.arange(len(x)), SAMPLES)
    return Training(network, parameters, data, 0.03, hyperparameters=OWN)
