"""A trainer with one parameter of each kind, that trains nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt

from nnsweep.trainers.protocol import Outcome, Params, Trainer


def _one_width(value: Any) -> Any:
    return (value,) if isinstance(value, int) else value


Widths = Annotated[
    tuple[PositiveInt, ...],
    Field(max_length=3),
    BeforeValidator(_one_width, json_schema_input_type=PositiveInt | tuple[PositiveInt, ...]),
]


class Settings(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    data: str = "parabolas"
    hidden: Widths = (2,)
    activation: Literal["relu", "tanh", "sigmoid"] = "relu"
    learning_rate: float = Field(0.01, gt=0, validation_alias=AliasChoices("learning_rate", "alpha"))
    epochs: int = Field(6, ge=1)
    standardize: bool = False
    evaluation: Literal["stale", "held_out"] = "held_out"
    seed: int = Field(0, ge=0)


class FakeTrainer(Trainer):
    name: ClassVar[str] = "mlp"
    version: ClassVar[str] = "1"
    parameters: ClassVar[type[BaseModel]] = Settings
    metrics: ClassVar[dict[str, str]] = {"error": "share of wrong answers", "loss": "mean loss"}

    def problems(self, params: Params) -> list[tuple[str, str]]:
        if params["activation"] == "tanh" and len(params["hidden"]) > 1:
            return [("activation", "tanh needs one hidden layer")]
        return []

    def fingerprint(self, params: Params) -> str:
        return f"made from {params['data']}"

    def train(self, stack: Sequence[Params]) -> list[Outcome]:
        return [Outcome("ok", {"error": 0.0}) for _ in stack]


class Needy(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    width: int = Field(ge=1)
    rate: float = Field(ge=0, alias="r")
    seed: int = 0


class NeedyTrainer(FakeTrainer):
    """As a user's function without defaults."""

    name: ClassVar[str] = "needy:train"
    parameters: ClassVar[type[BaseModel]] = Needy

    def problems(self, params: Params) -> list[tuple[str, str]]:
        return []
