"""A trial's outcome as a row of the table `trial`, and back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import chain
from math import isfinite, nan
from typing import Any
from zlib import crc32

from nnsweep.errors import StoreError
from nnsweep.store import contents
from nnsweep.trainers.protocol import Outcome, Trainer, compact
from nnsweep.trials.grid import Trial

Row = tuple[Any, ...]

COLUMNS = "trial.id, trainer, version, params, status, metrics, history, failure, seconds, diagnosis, digest"
"""The columns of a trial. All are read together, because the digest covers all."""
ID, TRAINER, VERSION, PARAMS, STATUS, METRICS = 0, 1, 2, 3, 4, 5
HISTORY, FAILURE, SECONDS, DIAGNOSIS, DIGEST = 6, 7, 8, 9, 10

FOREIGN = "trials that nnsweep did not write; train again with --fresh"
PARSED_AT_ONCE = 2**20
"""Characters of histories that are parsed as one text: parsed numbers take more memory than the text until packed."""


def _plain(value: Any) -> Any:
    """Convert other mappings and sequences to those that JSON knows."""
    return dict(value) if isinstance(value, Mapping) else list(value)


# One encoder for all rows: `json.dumps` with these options would make one at each call, which costs twice as much.
encode = json.JSONEncoder(
    separators=(",", ":"), allow_nan=False, check_circular=False, ensure_ascii=False, default=_plain
).encode


def digest(columns: Sequence[Any]) -> str:
    """Digest columns in 16 hex digits; null and the text "None" differ."""
    text = "\0".join(["\1" if column is None else str(column) for column in columns])
    # A text that is no UTF-8 was read with surrogates in it. They were never written, so the digest differs.
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def digest_row(row: Sequence[Any]) -> str:
    """Digest a row of `COLUMNS` without its last, the digest.

    The params, by far the longest column, enter as their CRC-32, at a tenth of the time. The CRC detects flipped bits;
    the id already covers the content. A row without a diagnosis has the digest of rows before that column existed.
    """
    id, trainer, version, params, status, metrics, history, failure, seconds, diagnosis = row[:DIGEST]
    question = crc32(str(params).encode("utf-8", "surrogatepass"))
    failure = "\1" if failure is None else failure
    # The same text as in `digest`, made in half the time.
    text = f"{id}\0{trainer}\0{version}\0{question}\0{status}\0{metrics}\0{history}\0{failure}\0{seconds}"
    if diagnosis is not None:
        text += f"\0{diagnosis}"
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def relabel(row: Row, id: str, version: str, params: str) -> Row:
    """Return a row of `COLUMNS` with another id, version and params (JSON), and its new digest."""
    changed = (id, row[TRAINER], version, params, *row[STATUS:DIGEST])
    return (*changed, digest_row(changed))


def to_rows(pairs: Sequence[tuple[Trial, Outcome]], trainer: Trainer) -> list[Row]:
    """Make a row of `COLUMNS` for each trial."""
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
    """Write metrics, history and diagnosis as JSON. NaN and infinity, which JSON does not have, become null.

    All of them are encoded as one text, with `""` between them, and split there: a call for each would cost more than
    the encoding. No other text is followed by a comma, because texts are only keys in them.
    """
    parts = [part for each in outcomes for part in (each.metrics, "", each.history, "", each.diagnosis or None, "")]
    try:
        texts = encode(parts)[1:-4].split(',"",')
    except ValueError:  # NaN or infinity. They are rare: checking each of 50,000 numbers first would double the time.
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
    """Escape what an SQLite text cannot hold."""
    # SQLite's shell and C programs end a text at its first NUL. UTF-8 has no lone surrogates.
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()


def check(rows: Sequence[Row], where: str) -> None:
    """Compare rows of `COLUMNS` with their digests.

    Raises:
        StoreError: a row is not as it was written; the message names the first such row and counts all.
    """
    changed = [row[ID] for row in rows if digest_row(row) != row[DIGEST]]
    if changed:
        name = str(changed[0]).encode("unicode_escape").decode()
        raise StoreError(
            f"{where}: trial {name} is not as it was written (its digest does not match; "
            f"{len(changed)} of {len(rows)} rows read); restore the file from a copy, or train again with --fresh"
        )
    try:
        contents.check_trials(rows)
    except contents.Foreign:
        raise StoreError(f"{where}: {FOREIGN}") from None


def read_params(text: str, where: str) -> dict[str, Any]:
    """Parse the parameters of a row that was checked.

    Raises:
        StoreError: they were not written by nnsweep.
    """
    try:
        return contents.parse_params(text)
    except contents.Foreign:
        raise StoreError(f"{where}: {FOREIGN}") from None


def to_outcomes(rows: Sequence[Row], where: str, *, history: bool) -> dict[str, Outcome]:
    """Make outcomes of checked rows. Without `history` the histories are empty and not parsed.

    Raises:
        StoreError: a row's JSON was not written by nnsweep.
    """
    return {id: outcome for part in _parts(rows) for id, outcome in _to_outcomes(part, where, history).items()}


def _parts(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Split rows into parts whose histories are short enough to be parsed together."""
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
        contents.check_numbers(chain.from_iterable(table.values() for table in (*metrics, *diagnoses)))
        contents.check_histories(histories)
        return {
            row[ID]: Outcome(row[STATUS], _present(last), _numbered(each), row[SECONDS], row[FAILURE], _present(found))
            for row, last, each, found in zip(rows, metrics, histories, diagnoses, strict=True)
        }
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):  # The digests match: it is forged.
        raise StoreError(f"{where}: {FOREIGN}") from None


def _decode(texts: list[str]) -> list[dict[str, Any]]:
    # Parsed as one text: a call for each would cost more than the parsing.
    found = contents.parse(f"[{','.join(texts)}]")
    if len(found) != len(texts):
        raise contents.Foreign("several values in one text")
    return found


def _present(metrics: dict[str, Any]) -> dict[str, float]:
    if None not in metrics.values():
        return metrics
    return {name: value for name, value in metrics.items() if value is not None}


def _numbered(history: dict[str, list[Any]]) -> Mapping[str, Sequence[float]]:
    if any(None in values for values in history.values()):
        history = {name: [nan if value is None else value for value in values] for name, values in history.items()}
    return compact(history)
