"""Further files of a trial, such as the trace of its weights."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from nnsweep.errors import NnsweepError, StoreError
from nnsweep.files import check_own_folder, write_file

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""The allowed names: every file system accepts them, and they cannot point outside the folder."""


class ArtifactStore(Protocol):
    """Keeps files of trials. A file is identified by the id of its trial and by its own name."""

    def put(self, id: str, name: str, write: Callable[[Path], object]) -> Path:
        """Let `write` make a file, and put it in place of an earlier one as a whole. Return its path.

        Raises:
            NnsweepError: the name is not allowed. StoreError: it cannot be written.
        """
        ...

    def get(self, id: str, name: str) -> Path:
        """Return the path of a file.

        Raises:
            NnsweepError: there is none of this name.
        """
        ...

    def list(self, id: str) -> list[str]:
        """List the names of a trial's files, in alphabetical order."""
        ...


@dataclass(frozen=True)
class FolderArtifacts:
    """Keeps files in one folder, under the names `<id>.<name>`."""

    folder: Path

    def put(self, id: str, name: str, write: Callable[[Path], object]) -> Path:
        """Let `write` make a file; see `ArtifactStore.put`."""
        path = self._path(id, name)
        check_own_folder(self.folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{self.folder}: {error.strerror}") from error
        write_file(path, write)
        return path

    def get(self, id: str, name: str) -> Path:
        """Return the path of a file; see `ArtifactStore.get`."""
        path = self._path(id, name)
        if not path.is_file():
            raise NnsweepError(f"trial {id} has no file `{name}`; allowed: {', '.join(self.list(id)) or 'none'}")
        return path

    def list(self, id: str) -> list[str]:
        """List the names of a trial's files; see `ArtifactStore.list`."""
        start = f"{id}."
        found = self.folder.iterdir() if self.folder.is_dir() else ()
        names = (path.name.removeprefix(start) for path in found if path.name.startswith(start) and path.is_file())
        return sorted(name for name in names if NAME.fullmatch(name))

    def _path(self, id: str, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise NnsweepError(f"file `{name}` of trial {id}: allowed: letters, digits, `.`, `_` and `-`, at most 100")
        return self.folder / f"{id}.{name}"
