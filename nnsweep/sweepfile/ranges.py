"""Ranges: axes that are written without listing their values. Arithmetic is exact: 0.1 to 0.3 ends with 0.3."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidatorFunctionWrapHandler, WrapValidator, model_validator

MAX_TRIALS = 10_000_000
"""Trials in one sweep, at most."""
MAX_VALUES = 1_000_000
"""Values on one axis, and combinations of all included entries, at most."""
DIGITS = 40
"""Digits in the computation of a logarithmic range, so that rounding gives the nearest float."""


def _as_typed(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    """Check a number as a float but keep an integer, because 1 and 1.0 are different values."""
    check(value)
    return value


Number = Annotated[float, WrapValidator(_as_typed)]
Positive = Annotated[float, Field(gt=0), WrapValidator(_as_typed)]


class Range(BaseModel, ABC):
    """A rule for an axis's values."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    @property
    @abstractmethod
    def size(self) -> int:
        """The number of values, computed without making them."""

    @abstractmethod
    def values(self) -> list[Any]:
        """Return the values in order: integers if the range is written in integers, else floats."""


class Steps(Range):
    """`{ from = 1, to = 6, step = 1 }`: both ends included.

    >>> Steps.model_validate({"from": 0.1, "to": 0.3, "step": 0.1}).values()
    [0.1, 0.2, 0.3]
    """

    start: Number = Field(alias="from", description="the first value")
    stop: Number = Field(alias="to", description="the last value, if the steps meet it")
    step: Number = Field(1, description="the difference of neighbours; below 0 to count down")

    @model_validator(mode="after")
    def _advances(self) -> Self:
        if self.step == 0 or (self.stop - self.start) * math.copysign(1, self.step) < 0:
            raise ValueError("a step that leads from `from` to `to`")
        return self

    @property
    def size(self) -> int:
        """The number of values from one end to the other."""
        return int((_exact(self.stop) - _exact(self.start)) / _exact(self.step)) + 1

    def values(self) -> list[Any]:
        """Return the values from one end to the other."""
        start, step = _exact(self.start), _exact(self.step)
        scale = math.lcm(start.denominator, step.denominator)
        first, each = int(start * scale), int(step * scale)
        whole = isinstance(self.start, int) and isinstance(self.step, int)
        return _divided((first + each * i for i in range(self.size)), scale, whole)


class Counted(Range):
    """`{ count = 50 }`: whole numbers from `start`.

    >>> Counted(count=3, start=10).values()
    [10, 11, 12]
    """

    count: int = Field(ge=1, description="how many values")
    start: int = Field(0, description="the first value")

    @property
    def size(self) -> int:
        """The count."""
        return self.count

    def values(self) -> list[Any]:
        """Return the whole numbers from `start`."""
        return list(range(self.start, self.start + self.count))


class Linear(Range):
    """`{ linspace = [0, 1], num = 5 }`: evenly spaced values, the ends among them.

    >>> Linear(linspace=[0, 0.3], num=4).values()
    [0.0, 0.1, 0.2, 0.3]
    """

    linspace: list[Number] = Field(min_length=2, max_length=2, description="the first and the last value")
    num: int = Field(ge=1, description="how many values")

    @property
    def size(self) -> int:
        """The number of values."""
        return self.num

    def values(self) -> list[Any]:
        """Return the values from one end to the other; a single value is the first end."""
        first, last = map(_exact, self.linspace)
        gaps = max(1, self.num - 1)
        scale = math.lcm(first.denominator, last.denominator)
        a, b = int(first * scale), int(last * scale)
        whole = all(isinstance(end, int) for end in self.linspace) and (b - a) % gaps == 0
        return _divided((a * (gaps - i) + b * i for i in range(self.num)), scale * gaps, whole)


class Logarithmic(Range):
    """`{ logspace = [0.001, 1.0], num = 4 }`: evenly spaced logarithms; the ends are values, not exponents.

    >>> Logarithmic(logspace=[0.001, 1.0], num=4).values()
    [0.001, 0.01, 0.1, 1.0]
    """

    logspace: list[Positive] = Field(min_length=2, max_length=2, description="the first and the last value, above 0")
    num: int = Field(ge=1, description="how many values")

    @property
    def size(self) -> int:
        """The number of values."""
        return self.num

    def values(self) -> list[Any]:
        """Return the values from one end to the other; a single value is the first end."""
        first, last = self.logspace
        with localcontext(prec=DIGITS):
            value = Decimal(repr(first))
            ratio = (Decimal(repr(last)) / value) ** (Decimal(1) / max(1, self.num - 1))
            values = [float(first)]
            for _ in range(self.num - 1):
                value *= ratio
                # Fewer digits, so that a power of ten is exact again: 1e23 is almost halfway between two floats.
                values.append(float(Context(prec=DIGITS - 10).plus(value)))
        return values if self.num == 1 else [*values[:-1], float(last)]


RANGES: dict[str, type[Range]] = {
    "from": Steps,
    "to": Steps,
    "step": Steps,
    "count": Counted,
    "start": Counted,
    "linspace": Linear,
    "logspace": Logarithmic,
}
"""The kind of a range, by the first of these keys that a table has."""


def kind_of(table: dict[str, Any]) -> type[Range] | None:
    """Return the kind of range that a table's keys mean; None if none is a key of a range."""
    return next((RANGES[key] for key in RANGES if key in table), None)


def _exact(value: float) -> Fraction:
    """Return the decimal number as typed: the shortest that reads back as this float."""
    return Fraction(repr(value))


def _divided(numerators: Any, denominator: int, whole: bool) -> list[Any]:
    """Divide: as integers, or as nearest floats (Python divides integers with a single rounding)."""
    if whole:
        return [n // denominator for n in numerators]
    return [n / denominator for n in numerators]
