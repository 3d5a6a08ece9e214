"""Folders of single trials, for trackers whose runs are files: each is there as a whole or not at all."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from nnsweep.errors import StoreError
from nnsweep.files import read_json
from nnsweep.trackers.record import TrialRecord

MARK = "nnsweep.json"
"""The file in a trial's folder that says which trial it has."""
DRAFT = ".nnsweep-draft-"


class WholeFolders:
    """The folders of a sweep's trials in one folder. Other folders there are left alone."""

    def __init__(self, root: Path, sweep: str) -> None:
        """Make the folder, and remove what a killed export has left.

        Raises:
            OSError: it cannot be written.
        """
        self._root, self._sweep = root, sweep
        root.mkdir(parents=True, exist_ok=True)
        for draft in root.glob(f"{DRAFT}*"):
            shutil.rmtree(draft)
        self._found = {id: (digest, path) for id, digest, path in self._read()}

    @property
    def digests(self) -> dict[str, str]:
        """The digest of each trial, by id."""
        return {id: digest for id, (digest, _) in self._found.items()}

    def remove(self, id: str) -> None:
        """Remove a trial's folder: first its name, so that it is never there in part."""
        _, path = self._found.pop(id)
        draft = self._draft()
        path.rename(draft)
        shutil.rmtree(draft)

    def write(self, record: TrialRecord, name: str, fill: Callable[[Path], object]) -> None:
        """Let `fill` write the files of a trial's folder."""
        draft = self._draft()
        draft.mkdir()
        fill(draft)
        mark = {"sweep": record.sweep, "trial": record.id, "digest": record.digest}
        (draft / MARK).write_text(json.dumps(mark) + "\n", encoding="utf-8")
        draft.rename(self._root / name)

    def _draft(self) -> Path:
        return self._root / f"{DRAFT}{secrets.token_hex(8)}"

    def _read(self) -> Iterator[tuple[str, str, Path]]:
        for path in self._root.glob(f"*/{MARK}"):
            with suppress(StoreError, ValueError, KeyError, TypeError):  # none of ours
                mark = json.loads(read_json(path))
                if mark["sweep"] == self._sweep:
                    yield str(mark["trial"]), str(mark["digest"]), path.parent
