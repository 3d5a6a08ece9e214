"""`trials.db-last`: what the last run said, and what it found, so that a run that changes nothing reads no trials."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticSerializationError

from nnsweep.design.sweep import Sweep
from nnsweep.errors import StoreError
from nnsweep.files import digest_bytes, digest_file, read_json, write_file
from nnsweep.folder.manifest import Manifest
from nnsweep.folder.paths import Folder
from nnsweep.folder.save import page_source, state_of
from nnsweep.trainers.protocol import Trainer
from nnsweep.trials.grid import Grid


class LastRun(BaseModel):
    """What a run that trains nothing says and returns. `source` digests all that this was made from."""

    model_config = ConfigDict(strict=True, frozen=True)

    source: str
    text: str
    metrics: list[str]
    failed: int
    confirmed: str = ""
    """What a search says of the best with fresh seeds."""
    asked: list[list[Any]] = []
    """The rows of `Sweep.asked` of a search; none of one that stops configurations early, which is followed again."""
    searched: str = ""
    """Digests all that these rows follow from."""

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """The rows that were asked for, with tuples where JSON has lists."""
        return [tuple(map(_tupled, row)) for row in self.asked]

    @classmethod
    def read(cls, folder: Folder) -> LastRun | None:
        """Read what the last run said; None if its file has changed."""
        with suppress(FileNotFoundError, StoreError, ValidationError, ValueError):
            content = read_json(folder.last_run)
            digest, _, text = content.partition(b"\n")
            found = cls.model_validate_json(text)
            return found if digest.decode() == digest_bytes(text) else None
        return None

    def write(self, folder: Folder) -> None:
        """Keep it for the next run, unless it names a file in bytes that are no text, which JSON cannot hold.

        Raises:
            StoreError: it cannot be written.
        """
        try:
            text = self.model_dump_json().encode()
        except PydanticSerializationError:
            return
        write_file(folder.last_run, lambda path: path.write_bytes(digest_bytes(text).encode() + b"\n" + text))


def _tupled(value: Any) -> Any:
    return tuple(map(_tupled, value)) if isinstance(value, list) else value


def source_of(seal: str, folder: Folder, sweep: Sweep, trials: Grid, trainer: Trainer, files: Sequence[bool]) -> str:
    """Digest all that the files of a folder, and what a run says of them, are made from; empty if one has changed.

    `seal` is the digest of the store. `files` are the choices of which files are written.
    """
    manifest = Manifest.read(folder)
    if not seal or not manifest.state or not manifest.is_whole():
        return ""
    parts = [
        *(_version(), seal, digest_file(folder.manifest), _digest_page(folder.page)),
        *(state_of(sweep, (), manifest), page_source(sweep, manifest.state, folder)),
        *(sweep.source, sweep.overrides, sweep.folder, trainer.version, list(files)),
        digest_bytes(np.ascontiguousarray(trials.ids).data),
    ]
    return digest_bytes(json.dumps(parts).encode("utf-8", "surrogatepass"))


def search_source(seal: str, sweep: Sweep, trainer: Trainer) -> str:
    """Digest all that the trials of a search follow from; empty without the digest of a store, or a file's text."""
    if not seal or not sweep.source:
        return ""
    parts = [_version(), seal, sweep.source, sweep.overrides, trainer.version]
    return digest_bytes(json.dumps(parts).encode("utf-8", "surrogatepass"))


def _digest_page(page: Path) -> str:
    return digest_file(page) if page.is_file() else ""


def _version() -> str:
    with suppress(PackageNotFoundError):
        return version("nnsweep")
    return ""
