"""What a results folder says beside its store, checked as it is read: the folder may come from anywhere."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nnsweep.design.sweep import Report, Sweep
from nnsweep.errors import StoreError
from nnsweep.files import read_json
from nnsweep.folder.paths import Folder
from nnsweep.sweepfile.model import ReportTable

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Part(BaseModel):
    """A part of a file: later versions of nnsweep may write more into it."""

    model_config = ConfigDict(strict=True, defer_build=True)


class _Resolved(_Part):
    """What is read of `resolved.json`."""

    report: ReportTable = Field(default_factory=lambda: ReportTable.model_validate({}))


class _Library(_Part):
    library: str = ""
    version: str | None = None
    architecture: str | None = None
    threads: int | None = None


class _Git(_Part):
    commit: str = ""
    uncommitted_changes: str = "none"
    untracked: list[str] = []


class Environment(_Part):
    """What is read of `env.json`: where, when and with what the last run trained, and for how long."""

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


def read_environment(folder: Folder) -> dict[str, Any]:
    """Read where the last run trained; empty where no run has said so.

    Raises:
        StoreError: the file is not as nnsweep writes it.
    """
    try:
        found = Environment.model_validate_json(read_json(folder.environment))
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        raise StoreError(f"{folder.environment}: not as nnsweep writes it: {_first(error)}") from None
    return found.model_dump(exclude_none=True)


def read_report(folder: Folder, sweep: Sweep) -> Report:
    """Read which axes the last run put where, and how it saved figures; as by default where no run has said so.

    Raises:
        StoreError: the file is not as nnsweep writes it, or names no axes of the sweep.
    """
    try:
        found = _Resolved.model_validate_json(read_json(folder.resolved)).report
    except FileNotFoundError:
        return Report()
    except ValidationError as error:
        raise StoreError(f"{folder.resolved}: not as nnsweep writes it: {_first(error)}") from None
    places = [name for name in (found.rows, found.columns, found.panels) if name is not None]
    known = {name: axis.column for axis in sweep.cell_axes for name in (axis.parameter, axis.name)}
    if not known.keys() >= {*places} or len({known[name] for name in places}) < len(places):
        raise StoreError(
            f"{folder.resolved}: not as nnsweep writes it: `report` names no axes of the sweep, or one twice"
        )
    return Report(found.rows, found.columns, found.panels, tuple(found.formats))


def _first(error: ValidationError) -> str:
    """Say what is wrong first, without the value, which may be long or obeyed by a terminal."""
    problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in problem["loc"] if isinstance(part, int) or part.isidentifier())
    return f"{problem['msg']}{f' at `{where}`' if where else ''}"
