"""The parameters of the built-in trainer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainValidator,
    create_model,
)
from pydantic_core import CoreSchema, core_schema

from nnsweep import nn
from nnsweep.data import DataField
from nnsweep.trainers.protocol import ADDED_LATER


class OneOf:
    """A pydantic annotation: one of some names, such as the keys of a table."""

    def __init__(self, table: Iterable[str]) -> None:
        self._names = list(table)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Accept the table's names, and list them in JSON Schema and in errors."""
        return core_schema.literal_schema(self._names)


def _several(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


Width = Annotated[int, Field(ge=1, le=100_000)]

METRICS = {part + name: nn.METRICS[name] for part in ("", nn.TRAIN, nn.VALIDATION) for name in nn.METRICS}
"""Every metric, on the test samples, the training samples and the validation samples."""

Metric = Annotated[str, OneOf(["auto", *METRICS])]
Size = Annotated[int, Field(ge=1)] | Annotated[float, Field(gt=0, lt=1)]
"""A number of samples, or a share of all of them."""
FIRST_HYPERPARAMETERS = ("init_low", "init_high", "init_std", "momentum", "beta1", "beta2", "epsilon")
"""Hyperparameters that have been part of ids since the first version."""
Folds = Literal[0] | Annotated[int, Field(ge=2)]


def _size(word: str | int) -> PlainValidator:
    """Check a size, or a word for a size. Every mistake has the same message."""

    def check(value: Any) -> Any:
        if type(value) is float and value > 1 and value.is_integer():
            value = int(value)  # 1e3, or of a range; 1.0 may be meant as all or as one
        whole, share = type(value) is int and value >= 1, type(value) is float and 0 < value < 1
        if not (whole or share or (type(value) is type(word) and value == word)):
            shown = f"`{word}`" if isinstance(word, str) else word
            raise ValueError(f"a number of samples such as 100, a share of them such as 0.25, or {shown}")
        return value

    return PlainValidator(check, json_schema_input_type=Size | Literal[word])


def _folds(value: Any) -> int:
    if type(value) is not int or value < 0 or value == 1:
        raise ValueError("a whole number of 2 and more, or 0 for none")
    return value


def _distributions() -> str:
    """Name every initialisation with its distribution, from the docstring of its function."""
    docs = {name: " ".join((each.draw.__doc__ or "").split()) for name, each in nn.INITIALIZERS.items()}
    return ", ".join(f"{name} {re.split(r', which|, where| [(]|[.]$', doc)[0]}" for name, doc in docs.items())


def _with(model: type[BaseModel], table: Mapping[str, Any], prefix: str = "") -> Any:
    """Add the hyperparameters of a table's entries to a model. Later ones with their default are not part of an id."""
    fields: dict[str, Any] = {}
    for name, each in nn.hyperparameters(table).items():
        kind = float if prefix + name in FIRST_HYPERPARAMETERS else Annotated[float, ADDED_LATER]
        bounds = Field(each.default, ge=each.ge, gt=each.gt, lt=each.lt, description=each.description)
        fields[prefix + name] = kind, bounds
    return create_model(model.__name__, __base__=model, **fields)


class _NetworkParameters(BaseModel):
    """The parameters that come before the hyperparameters of the initialisations."""

    # `defer_build`: a model takes milliseconds to build, and only the last one validates anything.
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    data: DataField = Field("parabolas", description="The data set: a name, a table, or a function of yours.")
    data_seed: int = Field(0, ge=0, lt=2**63, description="Seed of a generated data set, the same for all trials.")
    split: Literal["auto", "shuffled", "stratified", "ordered", "all"] = Field(
        "auto",
        description="shuffled: the seed draws which samples train, validate and test. stratified: the same, and each "
        "part has its share of every class. ordered: the first ones train, then those that validate, then those that "
        "test. all: every sample trains and tests, whatever the sizes. auto: all for a gate, shuffled for other data.",
    )
    train_size: Annotated[int | float | str, _size("auto")] = Field(
        "auto",
        description="Samples that train: their number, or a share of all, rounded down. auto: those that are left "
        "(1000 of parabolas).",
    )
    test_size: Annotated[int | float | str, _size("auto")] = Field(
        "auto",
        description="Samples that test: their number, or a share of all, rounded up. auto: a quarter, or those "
        "that are left where train_size is given (2000 of parabolas).",
    )
    validation_size: Annotated[int | float, _size(0), ADDED_LATER] = Field(
        0,
        description="Samples held out for the metrics `validation_…`: their number, or a share of all, rounded up. "
        "Settings chosen by these metrics are not chosen on the test samples.",
    )
    folds: Annotated[int, PlainValidator(_folds, json_schema_input_type=Folds), ADDED_LATER] = Field(
        0,
        description="Cross-validation, 0 is none: of k folds, seed s tests on fold s mod k and trains on the others; "
        "every k seeds share a shuffle.",
    )
    standardize: bool = Field(
        False, description="Shift and scale each input to mean 0 and standard deviation 1 over the training samples."
    )
    scale_target: Annotated[bool, ADDED_LATER] = Field(
        False,
        description="Learn amounts shifted and scaled to mean 0 and standard deviation 1 over the training samples. "
        "Outputs and metrics keep the units of the data.",
    )
    hidden: Annotated[tuple[Width, ...], BeforeValidator(_several, json_schema_input_type=Width | list[Width])] = Field(
        (4,), description="Width of the hidden layer, or a list with the width of each; [] is no hidden layer."
    )
    activation: Annotated[str, OneOf(nn.ACTIVATIONS)] = Field("relu", description="What hidden layers apply.")
    output: Annotated[str, OneOf(["auto", *nn.OUTPUTS])] = Field(
        "auto",
        description="What the last layer applies. auto: sigmoid for two classes, softmax for more, identity for "
        "amounts, step for parabolas; where the loss is given, what goes with it.",
    )
    loss: Annotated[str, OneOf(["auto", *nn.LOSSES])] = Field(
        "auto",
        description="What training lowers. auto: binary_cross_entropy for sigmoid, categorical_cross_entropy for "
        "softmax, straight_through for step, squared_error for other outputs.",
    )
    bias: bool = Field(True, description="Whether layers have biases.")
    batch_norm: bool = Field(False, description="Normalise hidden layers over each batch, before their activation.")
    dropout: float = Field(0.0, ge=0, lt=1, description="Share of hidden units left out at random while training.")
    init: Annotated[str, OneOf(nn.INITIALIZERS)] = Field(
        "uniform", description=f"What initial weights are drawn from: {_distributions()}."
    )


_WithInitial = _with(_NetworkParameters, nn.INITIALIZERS, "init_")


class _DescentParameters(_WithInitial):
    """The parameters that come before the hyperparameters of the optimisers."""

    init_biases: Literal["zeros", "as_weights"] = Field(
        "zeros", description="Biases start at zero, or are drawn as their layer's weights are."
    )
    draws: Annotated[str, OneOf(nn.DRAWS)] = Field(
        "default",
        description="The generator of initial weights, and its order: NumPy's own, or the legacy RandomState(seed) "
        "drawing weights outputs × inputs (legacy), inputs × outputs (legacy_transposed), or all biases first "
        "(legacy_biases_first).",
    )
    optimizer: Annotated[str, OneOf(nn.OPTIMIZERS)] = Field("sgd", description="The rule of descent.")
    learning_rate: float = Field(
        0.01,
        gt=0,
        validation_alias=AliasChoices("learning_rate", "alpha"),
        description="The factor of each step down the gradient.",
    )


_WithOptimizer = _with(_DescentParameters, nn.OPTIMIZERS)


class MlpParameters(_WithOptimizer):
    """The parameters of a network, its data and its training."""

    model_config = ConfigDict(defer_build=False)

    batch_size: Annotated[int, Field(ge=1)] | Literal["all"] = Field(
        1, description="Samples of each step, or all of them. The last batch of an epoch has the rest."
    )
    order: Annotated[str, OneOf(nn.ORDERS)] = Field(
        "fixed",
        description="Order of training samples: the same in every epoch, drawn for each epoch, or with replacement.",
    )
    reduction: Annotated[str, OneOf(nn.REDUCTIONS)] = Field(
        "mean",
        description="How the gradients of a batch are combined: their mean, their sum, or by mistake their sum divided "
        "by the number of the network's inputs.",
    )
    update: Annotated[str, OneOf(nn.UPDATES)] = Field(
        "simultaneous",
        description="simultaneous: every layer steps from the old weights, as the gradient says. "
        "sequential: errors go down through weights that have already moved.",
    )
    derivative_at: Annotated[str, OneOf(nn.DERIVATIVES_AT)] = Field(
        "preactivation",
        description="Where slopes are taken: at a layer's preactivation, as the gradient says, or at its activation.",
    )
    class_weight: Annotated[str, OneOf(nn.CLASS_WEIGHTS), ADDED_LATER] = Field(
        "none",
        description="balanced: each sample's gradient is multiplied by samples / (classes × samples of its class), "
        "so that every class counts the same in training. Metrics are not weighted.",
    )
    math: Annotated[str, OneOf(nn.ARITHMETIC), ADDED_LATER] = Field(
        "native",
        description="native: NumPy's functions and BLAS, whose last bits depend on the processor. portable: functions "
        "and sums with the same bits on every processor, which take more time in NumPy alone.",
    )
    epochs: int = Field(1, ge=1, le=10**9, description="Passes through the training samples.")
    metrics: Annotated[
        tuple[Metric, ...], Field(min_length=1), BeforeValidator(_several, json_schema_input_type=Metric | list[Metric])
    ] = Field(
        ("auto",),
        description="What is measured: a name or a list of names. auto: error for step, else accuracy and loss for "
        "classes, mean_squared_error and r2 for amounts; on validation samples too; and the metric of [success].",
    )
    measure_every: int = Field(
        1, ge=1, description="Epochs from one measurement to the next. The last epoch is always measured."
    )
    evaluation: Literal["held_out", "stale"] = Field(
        "held_out",
        description="held_out: measured on the test samples. "
        "stale: the last training input stands in for every test input, a mistake of indexing.",
    )
    seed: int = Field(
        0, ge=0, lt=2**63, description="Draws the split, the initial weights, batches and dropout: the replicate."
    )
