"""Read the JSON files of a results folder, and check them, because a folder may come from anywhere."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nnsweep.design.search import Progress
from nnsweep.design.sweep import Report, Sweep
from nnsweep.errors import StoreError
from nnsweep.files import read_json
from nnsweep.folder.paths import Folder
from nnsweep.sweepfile.model import ReportTable

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Part(BaseModel):
    """A part of a file. Later versions of nnsweep may add keys to it."""

    model_config = ConfigDict(strict=True, defer_build=True)


class _Progress(_Part):
    text: Annotated[str, Field(max_length=1000, pattern=r"^[^\n\r\x1b]*$")] = ""
    confirmed: Annotated[str, Field(max_length=2000, pattern=r"^[^\n\r\x1b]*$")] = ""
    endings: list[tuple[list[bool | int | float | str], Annotated[str, Field(max_length=100)]]] = []


class _Resolved(_Part):
    """The part of `resolved.json` that is read."""

    report: ReportTable = Field(default_factory=lambda: ReportTable.model_validate({}))
    progress: _Progress = Field(default_factory=_Progress)


class _Library(_Part):
    library: str = ""
    version: str | None = None
    architecture: str | None = None
    threads: int | None = None


class _Git(_Part):
    commit: str = ""
    uncommitted_changes: str = "none"
    untracked: list[str] = []
    diff: str = ""
    packed_diff: str | None = None
    diff_left_out: int = 0
    problem: str = ""


class Environment(_Part):
    """The part of `env.json` that is read: where, when, with what and for how long the last run trained."""

    command: str | None = None
    started: str | None = None
    ended: str | None = None
    trials: int | None = Field(None, ge=0)
    seconds: Seconds | None = None
    training_seconds: Seconds | None = None
    python: str | None = None
    packages: dict[str, str | None] | None = None
    git: _Git | None = None
    host: str | None = None
    platform: str | None = None
    cpu: str | None = None
    cpus: int | None = None
    jobs: int | None = None
    blas: list[_Library] | None = None
    files: dict[str, str | None] | None = None
    data: dict[str, str | None] | None = None
    sweep: dict[str, Any] | None = None
    copied: dict[str, int] | None = None
    accepted: dict[str, int] | None = None


def read_environment(folder: Folder) -> dict[str, Any]:
    """Read the environment of the last run; empty if there is no file.

    Raises:
        StoreError: the file is not as nnsweep writes it.
    """
    try:
        found = Environment.model_validate_json(read_json(folder.environment))
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        raise StoreError(f"{folder.environment}: not as nnsweep writes it: {first_problem(error)}") from None
    return found.model_dump(exclude_none=True)


def read_report(folder: Folder, sweep: Sweep) -> Report:
    """Read the [report] of the last run; the default if there is no file.

    Raises:
        StoreError: the file is not as nnsweep writes it, or names no axes of the sweep.
    """
    found = _read_resolved(folder).report
    places = [name for name in (found.rows, found.columns, found.panels) if name is not None]
    known = {name: axis.column for axis in sweep.cell_axes for name in (axis.parameter, axis.name)}
    if not known.keys() >= {*places} or len({known[name] for name in places}) < len(places):
        raise StoreError(
            f"{folder.resolved}: not as nnsweep writes it: `report` names no axes of the sweep, or one twice"
        )
    return Report(found.rows, found.columns, found.panels, tuple(found.formats))


def read_progress(folder: Folder) -> Progress:
    """Read what the search of the last run has done; its configurations are as in tables.

    Raises:
        StoreError: the file is not as nnsweep writes it.
    """
    found = _read_resolved(folder).progress
    return Progress(found.text, {tuple(configuration): why for configuration, why in found.endings}, found.confirmed)


def _read_resolved(folder: Folder) -> _Resolved:
    try:
        return _Resolved.model_validate_json(read_json(folder.resolved))
    except FileNotFoundError:
        return _Resolved()
    except ValidationError as error:
        raise StoreError(f"{folder.resolved}: not as nnsweep writes it: {first_problem(error)}") from None


def first_problem(error: ValidationError) -> str:
    """Write the first problem, without the value, which may be long or contain control characters."""
    problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in problem["loc"] if isinstance(part, int) or part.isidentifier())
    return f"{problem['msg'].removeprefix('Value error, ')}{f' at `{where}`' if where else ''}"
