"""Spaces: axes whose values a search chooses, perhaps only if other axes have some values."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from nnsweep.design.search import Space
from nnsweep.sweepfile.ranges import Number, Positive

ENDS = "the lower and the higher end"


class SpaceTable(BaseModel, ABC):
    """What a table on an axis says of its space."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    only_if: dict[str, Any] = Field(
        {},
        min_length=1,
        description="values of other axes with which this one is searched; elsewhere the parameter has its default",
    )

    @property
    @abstractmethod
    def space(self) -> Space | None:
        """The interval; None if the axis is a list."""


class _Interval(SpaceTable, ABC):
    """An interval with two ends."""

    @model_validator(mode="after")
    def _rises(self) -> Self:
        space = self.space
        if space is not None and space.low >= space.high:
            raise ValueError("a lower end, then a higher end")
        return self


class Uniform(_Interval):
    """`{ uniform = [0, 1] }`: numbers between two ends, all equally likely."""

    uniform: list[Number] = Field(min_length=2, max_length=2, description=ENDS)

    @property
    def space(self) -> Space:
        """The interval."""
        low, high = map(float, self.uniform)
        return Space(low, high)


class LogUniform(_Interval):
    """`{ log_uniform = [0.001, 1] }`: numbers between two ends above 0, whose logarithms are equally likely."""

    log_uniform: list[Positive] = Field(min_length=2, max_length=2, description=f"{ENDS}, above 0")

    @property
    def space(self) -> Space:
        """The interval."""
        low, high = map(float, self.log_uniform)
        return Space(low, high, log=True)


class Integers(_Interval):
    """`{ integers = [1, 64] }`: whole numbers, both ends included."""

    integers: list[int] = Field(min_length=2, max_length=2, description=f"{ENDS}, whole numbers")
    log: bool = Field(False, description="whether small numbers are as likely as large ones: 1 to 8 as 8 to 64")

    @model_validator(mode="after")
    def _has_logarithms(self) -> Self:
        if self.log and self.integers[0] < 1:
            raise ValueError("with `log = true`, a lower end of at least 1")
        return self

    @property
    def space(self) -> Space:
        """The interval."""
        low, high = self.integers
        return Space(low, high, log=self.log, whole=True)


class Choices(SpaceTable):
    """`{ choices = [1, 2], only_if = { optimizer = "adam" } }`: the values of a list, which may have a condition."""

    choices: list[Any] = Field(description="the values; without `only_if`, a plain list says the same")

    @property
    def space(self) -> None:
        """No interval."""
        return


SPACES: dict[str, type[SpaceTable]] = {
    "uniform": Uniform,
    "log_uniform": LogUniform,
    "integers": Integers,
    "choices": Choices,
}
"""The kind of a space, by the first of these keys that a table has."""


def space_of(table: Any) -> type[SpaceTable] | None:
    """Return the kind of space that a table's keys mean; None if none is a key of a space."""
    return next((SPACES[key] for key in SPACES if key in table), None) if isinstance(table, dict) else None
