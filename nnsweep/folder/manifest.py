"""`manifest.json`: which tables and figures of a results folder nnsweep wrote, and what they were made from.

A run removes files that an earlier run wrote and the sweep no longer has, and redraws figures that are not up to date.
Files that are not in the manifest, or were changed since they were written, belong to the user.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ValidationError

from nnsweep.errors import StoreError
from nnsweep.files import check_own_folder, digest_file, read_json, write_file
from nnsweep.folder.paths import Folder

FORMAT = 1
"""Increase it when older versions cannot read the file any more. A file of another format counts as absent."""
NAME = re.compile(r"(?:tables|figures)/(?!\.{1,2}$)[^/\\\0]+")
"""The allowed names: only files in these two folders."""


def _inside(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError("a file in tables or figures")
    return name


class _Made(BaseModel):
    """A file of the manifest."""

    digest: str | None
    source: str = ""


class _Listing(BaseModel):
    """The manifest as it is stored."""

    format: int
    state: str
    files: dict[Annotated[str, AfterValidator(_inside)], _Made]


@dataclass(frozen=True)
class Entry:
    """The digest of a file, None while it is being written, and the digest of its source."""

    digest: str | None
    source: str = ""


@dataclass
class Manifest:
    """Lists what nnsweep wrote into a results folder. Use `opened`, which saves it.

    `state` is a digest of the source of the last run's tables. A file with this source is up to date, whichever verb
    wrote it.
    """

    folder: Folder
    entries: dict[str, Entry] = field(default_factory=dict)
    state: str = ""
    _due: set[str] = field(default_factory=set)
    _noted: bool = False

    @classmethod
    def read(cls, folder: Folder) -> Manifest:
        """Read the manifest of a folder; empty if there is none, or it cannot be read."""
        with suppress(FileNotFoundError, StoreError, ValidationError):
            found = _Listing.model_validate_json(read_json(folder.manifest))
            entries = {name: Entry(each.digest, each.source) for name, each in found.files.items()}
            if found.format == FORMAT:
                return cls(folder, entries, found.state)
        return cls(folder)

    def expect(self, paths: Iterable[Path]) -> None:
        """Announce files that will be written, so that files of a killed run are known as nnsweep's."""
        self._due |= {self._name(path) for path in paths}
        self._noted = False

    def put(self, path: Path, write: Callable[[Path], object], source: str = "") -> None:
        """Let `write` make a file, and put it in place as a whole. A file that does not change is not touched.

        Raises:
            StoreError: it cannot be written.
        """
        name = self._name(path)
        write_file(path, write, before=self._note)
        self._due.discard(name)
        self.entries[name] = Entry(digest_file(path), source)

    def set_state(self, state: str, tables: Iterable[Path]) -> None:
        """Record the source of the tables, which is also the source of the figures."""
        self.state = state
        for name in map(self._name, tables):
            self.entries[name] = Entry(self.entries[name].digest, state)

    def is_current(self, path: Path, source: str) -> bool:
        """Whether a file is unchanged since it was written, and was made from `source`."""
        entry = self.entries.get(self._name(path))
        return entry is not None and entry.source == source and self._is_as_written(path, entry)

    def is_whole(self) -> bool:
        """Whether every file is there, and unchanged since it was written."""
        return all(self._is_as_written(self.folder.root / name, entry) for name, entry in self.entries.items())

    def remove_others(self, wanted: Iterable[Path], kind: str) -> tuple[list[Path], list[Path]]:
        """Remove the `tables` or `figures` that are neither wanted nor made from the present state.

        Returns the removed files, and files that are left because they were changed since they were written.
        """
        names = {self._name(path) for path in wanted}
        stale = [name for name in self.entries if name.startswith(f"{kind}/") and name not in names]
        removed: list[Path] = []
        left: list[Path] = []
        for name in stale:
            entry, path = self.entries[name], self.folder.root / name
            if self.state and entry.source == self.state:
                continue
            del self.entries[name]
            if not path.is_file():
                continue
            if entry.digest is None or self._is_as_written(path, entry):
                path.unlink()
                removed.append(path)
            else:
                left.append(path)
        return removed, left

    def others(self, kind: str) -> list[Path]:
        """List the existing files of a kind that were not made from the present state."""
        names = (name for name, entry in self.entries.items() if name.startswith(f"{kind}/"))
        return [
            path
            for name in names
            if self.entries[name].source != self.state and (path := self.folder.root / name).is_file()
        ]

    def unknown(self) -> list[Path]:
        """List the tables and figures that are not in the manifest."""
        known = {self.folder.root / name for name in self.entries}
        folders = self.folder.tables, self.folder.figures
        return sorted(path for each in folders for path in each.iterdir() if path.is_file() and path not in known)

    def save(self) -> None:
        """Write the manifest. Announced files that are not written yet count as being written."""
        entries = self.entries | {name: Entry(None) for name in self._due}
        files = {name: _compact(entries[name]) for name in sorted(entries)}
        text = json.dumps({"format": FORMAT, "state": self.state, "files": files}, indent=1, ensure_ascii=False) + "\n"
        write_file(self.folder.manifest, lambda path: path.write_text(text, encoding="utf-8", newline=""))

    def _note(self) -> None:
        """Save the announced files once, before the first file changes."""
        if not self._noted:
            self._noted = True
            self.save()

    def _name(self, path: Path) -> str:
        return path.relative_to(self.folder.root).as_posix()

    def _is_as_written(self, path: Path, entry: Entry) -> bool:
        with suppress(OSError):
            return path.is_file() and digest_file(path) == entry.digest
        return False


@contextmanager
def opened(folder: Folder) -> Iterator[Manifest]:
    """Read the manifest of a folder, and save it at the end, also after an error.

    Raises:
        StoreError: it cannot be written.
    """
    manifest = Manifest.read(folder)
    try:
        yield manifest
    finally:
        manifest.save()


def put_beside(folder: Folder, path: Path, write: Callable[[Path], object]) -> None:
    """Write a file that a verb makes from stored results. The next run with other results removes it.

    Raises:
        StoreError: it cannot be written.
    """
    inside = path.parent in (folder.tables, folder.figures)
    if inside:
        check_own_folder(path.parent)
    if not (inside and folder.manifest.is_file()):
        write_file(path, write)
        return
    with opened(folder) as manifest:
        manifest.expect([path])
        manifest.put(path, write, manifest.state)


def _compact(entry: Entry) -> dict[str, str | None]:
    return {key: value for key, value in asdict(entry).items() if value != ""}
