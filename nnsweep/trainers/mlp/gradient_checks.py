"""Check the gradients of the models that a sweep trains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from nnsweep import nn
from nnsweep.trainers.mlp.ingredients import method_of, network_of, training_of
from nnsweep.trainers.protocol import ModelCheck, Params

NO_GRADIENTS = (
    ("update", "sequential"),
    ("derivative_at", "activation"),
    *(("loss", name) for name, loss in nn.LOSSES.items() if not loss.is_gradient),
)
"""Settings with which a network does not learn by the gradient of its loss, on purpose or by mistake."""


def gradient_checks(trials: Sequence[Params]) -> Iterator[ModelCheck]:
    """Check every distinct model once, with the initial weights and the first batches of its first trial."""
    models: dict[tuple[nn.Network, nn.Method], Params] = {}
    for params in trials:
        # The optimiser does not change the gradient.
        models.setdefault((network_of(params), replace(method_of(params), optimizer="sgd")), params)
    for (network, method), params in models.items():
        check = nn.check_gradient(training_of(params), method)
        reasons = tuple(f'{name} = "{value}"' for name, value in NO_GRADIENTS if params[name] == value)
        numbers = check.largest, check.where, check.compared, check.kinks, check.passed
        yield ModelCheck(_name(network, method), *numbers, reasons, check.unchecked)


def _name(network: nn.Network, method: nn.Method) -> str:
    """Name a model by everything that changes its gradient: `2-4-1, relu, sigmoid, squared_error, batches of 4`."""
    parts = ["-".join(map(str, network.widths)), network.activation, network.output, network.loss]
    parts.append("all samples at once" if method.batch_size == 0 else f"batches of {method.batch_size}")
    parts += [name for name in ("batch_norm", "dropout") if getattr(network, name)]
    parts += [] if network.bias else ["no biases"]
    parts += [] if method.reduction == "mean" else [f"gradients by {method.reduction}"]
    parts += [] if method.class_weight == "none" else [f"classes {method.class_weight}"]
    parts += [] if network.math == "native" else [f"{network.math} arithmetic"]
    return ", ".join(parts)
