"""The parameters of the built-in trainer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from nnsweep import nn
from nnsweep.data import DATASETS


class OneOf:
    """A pydantic annotation: a string that is a key of a table."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._names = list(table)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Accept the table's names, and list them in JSON Schema and in errors."""
        return core_schema.literal_schema(self._names)


def _widths(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


Width = Annotated[int, Field(ge=1, le=100_000)]


class MlpParameters(BaseModel):
    """What a network is, what it learns from, and how."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)

    data: Annotated[str, OneOf(DATASETS)] = Field("parabolas", description="The data set.")
    data_seed: int = Field(0, ge=0, lt=2**63, description="Seed of a generated data set, the same for all trials.")
    train_size: int = Field(1000, ge=1, description="Samples that train.")
    test_size: int = Field(2000, ge=1, description="Samples that test.")
    standardize: bool = Field(
        False, description="Shift and scale each input to mean 0 and standard deviation 1 over the training samples."
    )
    hidden: Annotated[
        tuple[Width, ...], Field(min_length=1), BeforeValidator(_widths, json_schema_input_type=Width | list[Width])
    ] = Field((4,), description="Width of the hidden layer, or a list with the width of each hidden layer.")
    activation: Annotated[str, OneOf(nn.ACTIVATIONS)] = Field("relu", description="What hidden layers apply.")
    output: Annotated[str, OneOf(nn.OUTPUTS)] = Field("step", description="What the last layer applies.")
    loss: Annotated[str, OneOf(nn.LOSSES)] = Field("straight_through", description="What training lowers.")
    init_scale: float = Field(
        0.5, gt=0, description="Weights and biases start uniform between minus and plus this number."
    )
    learning_rate: float = Field(
        0.01,
        gt=0,
        validation_alias=AliasChoices("learning_rate", "alpha"),
        description="The factor of each step down the gradient.",
    )
    epochs: int = Field(1, ge=1, le=10**9, description="Passes through the training samples.")
    update: Literal["sequential", "simultaneous"] = Field(
        "simultaneous",
        description="simultaneous: every layer steps from the old weights, as the gradient says. "
        "sequential: errors go down through weights that have already moved.",
    )
    evaluation: Literal["held_out", "stale"] = Field(
        "held_out",
        description="held_out: measured on the test samples. "
        "stale: the last training input stands in for every test input, a mistake of indexing.",
    )
    seed: int = Field(0, ge=0, lt=2**63, description="Draws the split and the initial weights: the replicate.")
