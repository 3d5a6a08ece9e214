"""The keys of a sweep file, for any trainer."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from nnsweep.data.users import FILE, SCRIPT
from nnsweep.defaults import SCHEDULER, SCHEDULERS, FigureFormat
from nnsweep.design.search import METHODS, STOPPING

FOLDER = r"^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}$"


def _folder(name: str) -> str:
    if not re.fullmatch(FOLDER, name):
        raise ValueError("1 to 64 letters (A to Z, a to z), digits, `_`, `-` and `.`, not starting with `.`")
    return name


TRAINER = rf"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(:[A-Za-z_]\w*)?$|{FILE}|^{SCRIPT}$"


def _trainer(name: str) -> str:
    if not re.fullmatch(TRAINER, name):
        raise ValueError("`mlp`, `package.module:attribute`, `path/file.py:attribute` or `path/script.py`")
    return name


def _once(formats: list[str]) -> list[str]:
    if len(set(formats)) < len(formats):
        raise ValueError("each format once")
    return formats


def _scheduler(place: str) -> str:
    if not re.fullmatch(SCHEDULER, place):
        raise ValueError(SCHEDULERS)
    return place


def _method(name: str) -> str:
    if name not in METHODS:
        raise PydanticCustomError("method", "a method", {"choices": tuple(METHODS)})
    return name


class Table(BaseModel):
    """A table of the file: unknown keys are refused, and values are checked strictly."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class SuccessTable(Table):
    """A trial is a success if `metric` is strictly below, or strictly above, a bound."""

    metric: str = Field(description="a metric of the trainer")
    below: float | None = Field(None, description="a trial succeeds if its metric is less than this")
    above: float | None = Field(None, description="a trial succeeds if its metric is more than this")

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.below is None) == (self.above is None):
            raise ValueError("`metric` and one of `below` and `above`")
        return self


class ReportTable(Table):
    """The axes in rows, columns and panels of tables and figures, and the formats of figures."""

    rows: str | None = Field(None, description="the axis down a table")
    columns: str | None = Field(None, description="the axis across a table")
    panels: str | None = Field(None, description="the axis with one table, or panel, for each value")
    formats: Annotated[list[FigureFormat], AfterValidator(_once)] = Field(
        ["png"],
        min_length=1,
        description="the formats in which every figure is saved, one file each",
        json_schema_extra={"uniqueItems": True},
    )


class RunTable(Table):
    """How trials are trained. Nothing here changes a trial's id."""

    timeout: float | None = Field(
        None, gt=0, description="seconds that one training may take; a trial that takes longer ends as `timeout`"
    )
    scheduler: Annotated[str, AfterValidator(_scheduler)] | None = Field(
        None,
        description='the Dask cluster that trains: "tcp://host:8786", the path of a scheduler file, or "local:4"',
        json_schema_extra={"pattern": SCHEDULER},
    )


class KeepTable(Table):
    """What is kept of trials besides their numbers. Nothing here changes a trial's id."""

    weights: Literal["best", "all", "none"] = Field(
        "none", description="whose weights are kept: of the best trial, of all trials that ended well, or of none"
    )


class SearchTable(Table):
    """How the values of axes with a space are chosen, and how much is trained at most."""

    method: Annotated[str, AfterValidator(_method)] = Field(
        description="how values are chosen", json_schema_extra={"enum": list(METHODS)}
    )
    configurations: int | None = Field(None, ge=1, description="how many configurations are tried at most")
    trainings: int | None = Field(None, ge=1, description="how many trials are trained at most, over all seeds")
    seconds: float | None = Field(
        None, gt=0, description="after how many seconds of training, over all workers, nothing new is begun"
    )
    seed: int = Field(0, ge=0, lt=2**32, description="what the search draws with; it is no seed of a trial")
    batch: int | None = Field(
        None, ge=1, le=10_000, description="how many configurations are chosen at once; the default is the method's"
    )
    metric: str | None = Field(
        None, description="what makes a configuration good; by default its success rate, if there is a [success]"
    )
    highest: bool | None = Field(None, description="whether more of the metric is better; the default is the metric's")
    average: Literal["median", "mean"] = Field("median", description="which average of the metric over the seeds")
    confirm: int = Field(
        20, ge=0, le=100_000, description="with how many fresh seeds the best configuration is trained in the end"
    )
    metrics: list[str] | None = Field(
        None, min_length=2, max_length=4, description="`nsga2`: the metrics by which a configuration should be good"
    )
    most: list[str] | None = Field(
        None, description="`nsga2`: those of `metrics` of which more is better, where their names do not say it"
    )

    reduction: int | None = Field(
        None, ge=2, le=100, description="one of how many configurations goes on to more epochs; by default 3"
    )

    @model_validator(mode="after")
    def _has_budget(self) -> Self:
        budget = self.configurations, self.trainings, self.seconds
        if self.method not in STOPPING and not any(budget):
            raise ValueError("a budget: `configurations`, `trainings` or `seconds`")
        return self


class File(Table):
    """A sweep of trials, one for each combination of its axes' values."""

    name: Annotated[str, AfterValidator(_folder)] = Field(
        description="the sweep's name, and its folder under results/", json_schema_extra={"pattern": FOLDER}
    )
    description: str = Field("", description="what the sweep is for; shown in its report")
    trainer: Annotated[str, AfterValidator(_trainer)] = Field(
        "mlp",
        description='"mlp", or a function or trainer of yours, "package.module:attribute" or "path/file.py:attribute", '
        'or a script: "path/script.py"',
        json_schema_extra={"pattern": TRAINER},
    )
    fixed: dict[str, Any] = Field({}, description="one value for every trial")
    axes: dict[str, Any] = Field({}, description="the grid is the product of these; `seed` makes replicates")
    cases: dict[str, dict[str, Any]] = Field(
        {}, description="named settings of several parameters that change together; they make the axis `case`"
    )
    include: list[dict[str, Any]] = Field(
        [], description="adds combinations after exclusion; an axis that is not named keeps all its values"
    )
    exclude: list[dict[str, Any]] = Field([], description="removes the combinations that match all names of an entry")
    success: SuccessTable | None = Field(None, description="when a trial is a success")
    report: ReportTable | None = Field(
        None, description="the axes in rows, columns and panels of tables and figures, and the formats of figures"
    )
    run: RunTable | None = Field(None, description="how trials are trained, which changes no trial's id")
    keep: KeepTable | None = Field(None, description="what is kept of trials besides their numbers")
    search: SearchTable | None = Field(
        None, description="how the values of axes with a space are chosen, and how much is trained at most"
    )
