"""The trials of a results folder as a table, made from its store alone: neither trainer nor data are needed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnsweep.defaults import EXPORT_FORMATS
from nnsweep.errors import NnsweepError
from nnsweep.files import write_file
from nnsweep.folder.open import StoredSweep
from nnsweep.format import did_you_mean
from nnsweep.store import Store
from nnsweep.tables import frame, to_csv, trials_table
from nnsweep.tables.columns import published
from nnsweep.tables.settings import shown as as_column
from nnsweep.tables.strict_json import to_json
from nnsweep.trials.grid import Trial
from nnsweep.trials.where import matching

if TYPE_CHECKING:
    import pandas as pd

    from nnsweep.trainers import Outcome

LIBRARIES = {"parquet": ("pyarrow", "parquet"), "xlsx": ("openpyxl", "excel")}
"""What must be installed for a format, and the extra that installs it."""
OF_OUTCOMES = ("seconds", "failure")
"""Columns of a trial's outcome that the table has only when asked."""


def table(stored: StoredSweep, where: Sequence[str] = (), columns: Sequence[str] = ()) -> pd.DataFrame:
    """Make the table of a sweep's trials: id, axes, status, metrics and success; or the columns named.

    Trials that are not stored have the status `missing`, and neither metrics nor a success.
    A column may also be a parameter, `seconds`, `failure`, or a number of the trials' diagnosis, such as `dead`.

    Raises:
        NnsweepError: a condition meets no trial, or there is no such column. StoreError: the store is damaged.
    """
    trials, outcomes = matching(stored.grid, stored.sweep, where), stored.outcomes
    found = frame(trials_table(stored.sweep, trials, outcomes, stored.metrics))
    untrained = (found["status"] == "missing").to_numpy(dtype=bool)
    if "success" in found and untrained.any():
        found["success"] = found["success"].astype("boolean").mask(untrained)
    found = published(found)
    further = [name for name in columns if name not in found]
    params = {}
    if {*further} - {*OF_OUTCOMES, *_diagnosed(outcomes)}:
        with Store.read(stored.folder.store) as store:
            params = _params(store, [trial.id for trial in trials])
    for name in further:
        found[name] = _column(name, trials, outcomes, params, list(found))
    return found.loc[:, list(columns)] if columns else found


def count_missing(stored: StoredSweep, where: Sequence[str] = ()) -> int:
    """Count the trials of the table that are not stored."""
    return sum(trial.id not in stored.outcomes for trial in matching(stored.grid, stored.sweep, where))


def _diagnosed(outcomes: Mapping[str, Outcome]) -> list[str]:
    return list(dict.fromkeys(name for outcome in outcomes.values() for name in outcome.diagnosis))


def _params(store: Store, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    return store.params(ids)


def _column(
    name: str,
    trials: Sequence[Trial],
    outcomes: Mapping[str, Outcome],
    params: Mapping[str, Mapping[str, Any]],
    taken: Sequence[str],
) -> list[Any]:
    if name in OF_OUTCOMES:
        return [getattr(outcomes.get(trial.id), name, None) for trial in trials]
    diagnosed = _diagnosed(outcomes)
    if name in diagnosed:
        return [outcomes[trial.id].diagnosis.get(name) if trial.id in outcomes else None for trial in trials]
    known = list(dict.fromkeys(parameter for each in params.values() for parameter in each))
    if name not in known:
        allowed = [*taken, *OF_OUTCOMES, *diagnosed, *known]
        listed = ", ".join(dict.fromkeys(allowed))
        raise NnsweepError(f"no column `{name}`; allowed: {listed}{did_you_mean(name, allowed)}")
    present = [trial.id for trial in trials if name in params.get(trial.id, ())]
    values = dict(zip(present, as_column(_value(params[id][name]) for id in present), strict=True))
    return [values.get(trial.id) for trial in trials]


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return tuple(value) if isinstance(value, list) else value


def to_text(frame: pd.DataFrame, format: str) -> str:
    """Write a table as CSV, or as a JSON list with a line for each trial; what is missing is empty, or null.

    Raises:
        NnsweepError: the format is no text.
    """
    if format == "csv":
        return to_csv(frame)
    if format == "json":
        return "[\n" + ",\n".join(to_json(row, indent=None) for row in frame.to_dict("records")) + "\n]\n"
    raise NnsweepError(f"{format} is no text; name a file with --output")


def write(frame: pd.DataFrame, path: Path, format: str) -> None:
    """Write a table to a file, whole or not at all.

    Raises:
        NnsweepError: pyarrow or openpyxl is missing. StoreError: the file cannot be written.
    """
    needed, extra = LIBRARIES.get(format, ("", ""))
    if needed and find_spec(needed) is None:
        raise NnsweepError(f'{format} needs {needed}: pip install "nnsweep[{extra}]"; or choose csv or json')
    if format == "parquet":
        write_file(path, lambda draft: frame.to_parquet(draft, engine="pyarrow", index=False))
    elif format == "xlsx":
        write_file(path, lambda draft: _to_excel(frame, draft))
    else:
        text = to_text(frame, format)
        write_file(path, lambda draft: draft.write_text(text, encoding="utf-8", newline=""))


def format_of(path: Path) -> str:
    """Tell the format of a file from its ending.

    Raises:
        NnsweepError: it is that of none.
    """
    suffix = path.suffix.removeprefix(".").lower()
    if suffix not in EXPORT_FORMATS:
        allowed = ", ".join(f".{each}" for each in EXPORT_FORMATS)
        found = f"the ending {path.suffix}" if suffix else "no ending"
        raise NnsweepError(f"{path}: found {found}; allowed: {allowed}, or --format for another name")
    return suffix


def _to_excel(frame: pd.DataFrame, path: Path) -> None:
    """Write one sheet; texts stay texts: none is a formula."""
    import pandas as pd

    with pd.ExcelWriter(path, engine="openpyxl") as book:
        frame.to_excel(book, sheet_name="trials", index=False)
        for row in book.sheets["trials"].iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    cell.data_type = "s"
