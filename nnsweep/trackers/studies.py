"""Storages of Optuna: files of SQLite, and journals."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from nnsweep.errors import NnsweepError

SQLITE, JOURNAL = "sqlite:///", "journal:"
FORMS = "allowed: optuna:sqlite:///FILE.db or optuna:journal:FILE.log, perhaps with #STUDY"
OWN = "nnsweep."
"""How the attributes begin that an export writes."""


class Place(NamedTuple):
    """A storage, and the study that is named."""

    kind: str
    path: Path
    study: str = ""


def place_of(text: str) -> Place:
    """Read `sqlite:///FILE.db#STUDY` or `journal:FILE.log#STUDY`.

    Raises:
        NnsweepError: it is another place.
    """
    for kind in (SQLITE, JOURNAL):
        path, _, study = text.removeprefix(kind).partition("#")
        if text.startswith(kind) and path:
            return Place(kind, Path(path), study)
    raise NnsweepError(f"`optuna:{text}`: {FORMS}")


def open_storage(place: Place) -> Any:
    """Open a storage, which is made if it is not there."""
    from optuna.storages import JournalStorage, RDBStorage  # pyright: ignore[reportMissingImports]
    from optuna.storages.journal import JournalFileBackend  # pyright: ignore[reportMissingImports]

    if place.kind == JOURNAL:
        return JournalStorage(JournalFileBackend(str(place.path)))
    return RDBStorage(f"{SQLITE}{place.path}")


@contextmanager
def silenced() -> Iterator[None]:
    """Keep Optuna and its upgrades from printing, and from warning that a function may change."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
