"""The sweep that a store keeps, as it must be: a digest tells accidents, but not a forger, who can make digests too."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from nnsweep.store import contents


def _name(text: str) -> str:
    if not text or not text.isprintable():
        raise ValueError("a name")
    return text


def _path(text: str) -> str:
    if "\0" in text:
        raise ValueError("a path")
    return text


def _label(value: Any) -> Any:
    if type(value) not in (str, int, float, bool) or value != value:
        raise ValueError("a text, a number or a truth")
    if type(value) is int and not -(2**63) <= value < 2**63:  # as in sweep files
        raise ValueError("a whole number of 64 bits")
    return value


def _unlike(values: list[Any]) -> list[Any]:
    if len(set(values)) < len(values):
        raise ValueError("values that differ")
    return values


Name = Annotated[str, AfterValidator(_name)]
Label = Annotated[Any, AfterValidator(_label)]
Labels = Annotated[list[Label], AfterValidator(_unlike)]
Bound = Annotated[float | None, Field(allow_inf_nan=False)]


class StoredAxis(BaseModel):
    """An axis, and its values as tables show them."""

    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)

    name: Name
    parameter: Name
    values: Annotated[Labels, Field(min_length=1)]
    added: Labels = []


class StoredSuccess(BaseModel):
    """When a trial is a success."""

    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)

    metric: Name
    below: Bound = None
    above: Bound = None

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.below is None) == (self.above is None):
            raise ValueError("one of `below` and `above`")
        return self


class StoredSpace(BaseModel):
    """The interval of the values of an axis."""

    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)

    low: Annotated[float, Field(allow_inf_nan=False)]
    high: Annotated[float, Field(allow_inf_nan=False)]
    log: bool = False
    whole: bool = False

    @model_validator(mode="after")
    def _interval(self) -> Self:
        if not self.low < self.high or (self.log and self.low <= 0):
            raise ValueError("an interval")
        return self


class StoredConditions(BaseModel):
    """With which values of other parameters an axis counts, and which value it has elsewhere."""

    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)

    only_if: dict[Name, Labels]
    default: Label


class StoredSearch(BaseModel):
    """What tells how a search chose and ranked its configurations, and from what."""

    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)

    method: Name
    metric: str = ""
    highest: bool | None = None
    average: Literal["median", "mean"] = "median"
    seed: int = 0
    metrics: list[Name] = []
    most: list[Name] = []
    spaces: dict[Name, StoredSpace] = {}
    conditions: dict[Name, StoredConditions] = {}


class StoredSweep(BaseModel):
    """A sweep as its store keeps it."""

    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)

    name: Name
    description: str = ""
    trainer: Name
    source: str = ""
    overrides: list[str] = []
    folder: Annotated[str, AfterValidator(_path)] | None = None
    axes: list[StoredAxis]
    metrics: Annotated[list[Name], AfterValidator(_unlike)]
    success: StoredSuccess | None = None
    search: StoredSearch | None = None


def parse_sweep(text: Any) -> StoredSweep:
    """Parse the sweep that a store keeps.

    Raises:
        ValueError: it is none that nnsweep stored. RecursionError: it is nested too deep.
    """
    if not isinstance(text, str):
        raise contents.Foreign("no text")
    found = contents.parse(text)
    if not isinstance(found["axes"], list):
        raise contents.Foreign("no list of axes")
    axes = [dict(zip(("name", "parameter", "values", "added"), axis, strict=False)) for axis in found["axes"]]
    sweep = StoredSweep.model_validate({**found, "axes": axes})
    _unlike([axis.name for axis in sweep.axes])
    _unlike([axis.parameter for axis in sweep.axes])
    return sweep
