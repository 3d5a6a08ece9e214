"""A trial's outcome as a row of the table `trial`, and back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from math import isfinite, nan
from typing import Any
from zlib import crc32

from nnsweep.errors import StoreError
from nnsweep.trainers.protocol import Outcome, Trainer, compact
from nnsweep.trials.grid import Trial

Row = tuple[Any, ...]

COLUMNS = "trial.id, trainer, version, params, status, metrics, history, failure, seconds, diagnosis, digest"
"""What is read of a trial, always whole, because the digest is of the whole."""
ID, TRAINER, VERSION, PARAMS, STATUS, METRICS = 0, 1, 2, 3, 4, 5
HISTORY, FAILURE, SECONDS, DIAGNOSIS, DIGEST = 6, 7, 8, 9, 10

PARSED_AT_ONCE = 2**20
"""Characters of histories that are parsed as one text: numbers take more room than it, until they are packed."""


def _plain(value: Any) -> Any:
    """What JSON knows, of a mapping or a sequence of another type."""
    return dict(value) if isinstance(value, Mapping) else list(value)


# One encoder for all rows: `json.dumps` with these options makes a new one at each call, at twice the cost.
encode = json.JSONEncoder(
    separators=(",", ":"), allow_nan=False, check_circular=False, ensure_ascii=False, default=_plain
).encode


def digest(columns: Sequence[Any]) -> str:
    """Sum up columns in 16 hex digits; null and the text "None" differ."""
    text = "\0".join(["\1" if column is None else str(column) for column in columns])
    # A text that is no UTF-8 is read with surrogates in it, which were never written.
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def digest_row(row: Sequence[Any]) -> str:
    """Sum up a row of `COLUMNS` without its digest.

    The params, by far the longest column, are in it as their CRC-32, at a tenth of the time: that no bit of them has
    flipped is to be seen; what they were the id digests. A row without a diagnosis has the digest that it had before
    rows had one.
    """
    id, trainer, version, params, status, metrics, history, failure, seconds, diagnosis = row[:DIGEST]
    question = crc32(str(params).encode("utf-8", "surrogatepass"))
    failure = "\1" if failure is None else failure
    # As `digest` would join them, in half the time.
    text = f"{id}\0{trainer}\0{version}\0{question}\0{status}\0{metrics}\0{history}\0{failure}\0{seconds}"
    if diagnosis is not None:
        text += f"\0{diagnosis}"
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def relabel(row: Row, id: str, version: str, params: str) -> Row:
    """Give a row of `COLUMNS` another id, version and params (JSON), and the digest of what it then is."""
    changed = (id, row[TRAINER], version, params, *row[STATUS:DIGEST])
    return (*changed, digest_row(changed))


def to_rows(pairs: Sequence[tuple[Trial, Outcome]], trainer: Trainer) -> list[Row]:
    """Give the columns of `COLUMNS` for each trial."""
    name, version = trainer.name, trainer.version
    rows: list[Row] = []
    numbers = _numbers([each for _, each in pairs])
    for (trial, outcome), (metrics, history, diagnosis) in zip(pairs, numbers, strict=True):
        failure = None if outcome.failure is None else storable(outcome.failure)
        question = (trial.id, name, version, trial.params_json)
        row = (*question, outcome.status, metrics, history, failure, float(outcome.seconds), diagnosis)
        rows.append((*row, digest_row(row)))
    return rows


def _numbers(outcomes: Sequence[Outcome]) -> list[tuple[str, str, str | None]]:
    """Write metrics, history and diagnosis as JSON, which knows no NaN and no infinity: such numbers become null.

    All of them are one text at first, taken apart at a text that stands between them: a call for each costs more than
    the encoding. In them a text is only ever a key, before a colon.
    """
    parts = [part for each in outcomes for part in (each.metrics, "", each.history, "", each.diagnosis or None, "")]
    try:
        texts = encode(parts)[1:-4].split(',"",')
    except ValueError:  # Rare: to look at each of 50,000 numbers beforehand would double the time.
        parts = [_null(part) for part in parts]
        texts = encode(parts)[1:-4].split(',"",')
    diagnoses = [None if text == "null" else text for text in texts[2::3]]
    return list(zip(texts[::3], texts[1::3], diagnoses, strict=True)) if parts else []


def _null(part: Any) -> Any:
    if part is None or isinstance(part, str):
        return part
    if isinstance(part, Mapping):
        return {name: _null(value) for name, value in part.items()}
    if isinstance(part, float | int):
        return part if isfinite(part) else None
    return [_null(value) for value in part]


def storable(text: str) -> str:
    """Write a text as SQLite, and C, can hold it."""
    # SQLite's shell, and C, end a text at its first NUL; UTF-8 has no lone surrogates.
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()


def check(rows: Sequence[Row], where: str) -> None:
    """Hold rows of `COLUMNS` against their digests.

    Raises:
        StoreError: a row is not what was written; names the first such row and counts them.
    """
    changed = [row[ID] for row in rows if digest_row(row) != row[DIGEST]]
    if changed:
        name = str(changed[0]).encode("unicode_escape").decode()
        raise StoreError(
            f"{where}: trial {name} is not as it was written (its digest does not match; "
            f"{len(changed)} of {len(rows)} rows read); restore the file from a copy, or train again with --fresh"
        )


def to_outcomes(rows: Sequence[Row], where: str, *, history: bool) -> dict[str, Outcome]:
    """Make outcomes of rows that were checked; without `history` that part is left empty, and not parsed.

    Raises:
        StoreError: a row's JSON is none that was written here.
    """
    return {id: outcome for part in _parts(rows) for id, outcome in _to_outcomes(part, where, history).items()}


def _parts(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Part rows so that the histories of each part are short enough to be parsed together."""
    part: list[Row] = []
    size = 0
    for row in rows:
        part.append(row)
        size += len(row[HISTORY])
        if size >= PARSED_AT_ONCE:
            yield part
            part, size = [], 0
    if part:
        yield part


def _to_outcomes(rows: Sequence[Row], where: str, history: bool) -> dict[str, Outcome]:
    try:
        metrics = _decode([row[METRICS] for row in rows])
        histories = _decode([row[HISTORY] for row in rows]) if history else [{} for _ in rows]
        diagnoses = _decode([row[DIAGNOSIS] or "{}" for row in rows])
        return {
            row[ID]: Outcome(row[STATUS], _present(last), _numbered(each), row[SECONDS], row[FAILURE], _present(found))
            for row, last, each, found in zip(rows, metrics, histories, diagnoses, strict=True)
        }
    except (ValueError, TypeError, AttributeError, RecursionError):  # The digests match: another program wrote it.
        raise StoreError(f"{where}: trials that nnsweep did not write; train again with --fresh") from None


def _decode(texts: list[str]) -> list[dict[str, Any]]:
    # Parsed as one text: a call for each costs more than the parsing.
    return json.loads(f"[{','.join(texts)}]")


def _present(metrics: dict[str, Any]) -> dict[str, float]:
    if None not in metrics.values():
        return metrics
    return {name: value for name, value in metrics.items() if value is not None}


def _numbered(history: dict[str, list[Any]]) -> Mapping[str, Sequence[float]]:
    if any(None in values for values in history.values()):
        history = {name: [nan if value is None else value for value in values] for name, values in history.items()}
    return compact(history)
