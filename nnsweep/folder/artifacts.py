"""Further files of a trial: the trace of its weights, and what it saved while it was trained."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Protocol

from nnsweep.data.words import escaped
from nnsweep.errors import NnsweepError, StoreError
from nnsweep.files import check_own_folder, check_regular, write_file
from nnsweep.folder.paths import Folder
from nnsweep.store import Store
from nnsweep.trainers.saved import CONTENT, SavedFile, check_name, digest, keep_file, path_in

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
            raise NnsweepError(
                f"trial {id} has no file `{escaped(name)}`; allowed: {', '.join(self.list(id)) or 'none'}"
            )
        return path

    def list(self, id: str) -> list[str]:
        """List the names of a trial's files; see `ArtifactStore.list`."""
        start = f"{id}."
        found = self.folder.iterdir() if self.folder.is_dir() else ()
        names = (path.name.removeprefix(start) for path in found if path.name.startswith(start) and path.is_file())
        return sorted(name for name in names if NAME.fullmatch(name))

    def _path(self, id: str, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise NnsweepError(
                f"file `{escaped(name)}` of trial {id}: allowed: letters, digits, `.`, `_` and `-`, at most 100"
            )
        return self.folder / f"{id}.{name}"


@dataclass(frozen=True)
class SavedArtifacts:
    """Keeps files that trials saved by their content. The store of the results folder knows their names."""

    folder: Folder

    def put(self, id: str, name: str, write: Callable[[Path], object]) -> Path:
        """Let `write` make a file; see `ArtifactStore.put`. No run may be using the folder."""
        check_name(name)
        try:
            size, content = keep_file(self.folder.artifacts, write)
        except OSError as error:
            raise StoreError(f"{self.folder.artifacts}: {error.strerror}") from error
        with Store.open(self.folder.store) as store:
            store.save(id, SavedFile(name, size, content))
        return path_in(self.folder.artifacts, content)

    def get(self, id: str, name: str) -> Path:
        """Return the path of a file, which has been read and is as it was saved; see `ArtifactStore.get`."""
        check_name(name)
        saved = {each.name: each for each in self.files(id)}
        if name not in saved:
            raise NnsweepError(f"trial {id} has no file `{escaped(name)}`; allowed: {', '.join(saved) or 'none'}")
        self.check(id, saved[name])
        return path_in(self.folder.artifacts, saved[name].content)

    def list(self, id: str) -> list[str]:
        """List the names of a trial's files; see `ArtifactStore.list`."""
        return [each.name for each in self.files(id)]

    def files(self, id: str) -> Sequence[SavedFile]:
        """Give the names, the bytes and the digests of a trial's files."""
        with Store.read(self.folder.store) as store:
            return store.saved([id]).get(id, [])

    def check(self, id: str, file: SavedFile) -> None:
        """Make sure that a file is as it was saved.

        Raises:
            StoreError: it is not, or is lost.
        """
        path = path_in(self.folder.artifacts, file.content)
        again = "restore it from a copy, or train the trial again"
        try:
            check_regular(path, path.stat())
            found = digest(path)
        except OSError as error:
            raise StoreError(f"{path}: `{file.name}` of trial {id}: {error.strerror}; {again}") from None
        if found != (file.size, file.content):
            raise StoreError(f"{path}: `{file.name}` of trial {id} is not as it was saved; {again}")

    def copy(self, id: str, file: SavedFile, folder: Folder) -> None:
        """Give another results folder a file; in the same one it is there.

        Raises:
            StoreError: it is damaged, is lost, or cannot be written.
        """
        if folder.root.resolve() != self.folder.root.resolve():
            self.check(id, file)
            _link(path_in(self.folder.artifacts, file.content), path_in(folder.artifacts, file.content), folder)

    def verify(self) -> int:
        """Check all files, each once, and count them.

        Raises:
            StoreError: one is not as it was saved, or is lost.
        """
        with Store.read(self.folder.store) as store:
            saved = store.saved()
        known = {file.content: (id, file) for id, files in saved.items() for file in files}
        for id, file in known.values():
            self.check(id, file)
        return len(known)

    def unused(self) -> Sequence[Path]:
        """List the files that no trial has any more, such as those of trainings that were repeated."""
        with Store.read(self.folder.store) as store:
            used = {file.content for files in store.saved().values() for file in files}
        there = self.folder.artifacts.glob("??/*") if not self.folder.artifacts.is_symlink() else ()
        return sorted(path for path in there if CONTENT.fullmatch(path.name) and path.name not in used)

    def fetch(self, id: str, target: Path, names: Sequence[str] = ()) -> Sequence[Path]:
        """Copy files of a trial into a folder: all of them, or those with some names. Return their paths.

        Raises:
            NnsweepError: there is none of a name. StoreError: a file is damaged, or cannot be written.
        """
        paths = []
        for name in names or self.list(id):
            source, path = self.get(id, name), target / name
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(f"{path}: {error.strerror}") from error
            write_file(path, lambda draft, source=source: copyfile(source, draft))
            paths.append(path)
        return paths


@dataclass(frozen=True)
class FilesOf(Mapping[str, Path]):
    """The files that a trial saved: their paths, by name."""

    artifacts: SavedArtifacts
    id: str

    def __getitem__(self, name: str) -> Path:
        """Return the path of a file that is as it was saved.

        Raises:
            KeyError: there is none. StoreError: it is damaged.
        """
        if name not in self.artifacts.list(self.id):
            raise KeyError(name)
        return self.artifacts.get(self.id, name)

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(self.artifacts.list(self.id))

    def __len__(self) -> int:
        """Count the files."""
        return len(self.artifacts.list(self.id))


def copy_saved(source: Store, target: Store, ids: Mapping[str, str]) -> dict[str, str]:
    """Give the target what trials saved, by links where the file system has them.

    `ids` are those of the trials in the target, by those in the source, which may be the same store. Return what is
    wrong with a file, by the trial's id in the source: one that is damaged, is lost, or cannot be written is left out.

    Raises:
        StoreError: a store cannot be read or written.
    """
    problems: dict[str, str] = {}
    theirs, ours = SavedArtifacts(Folder(source.path.parent)), Folder(target.path.parent)
    for id, files in source.saved(ids).items():
        kept = list[SavedFile]()
        for file in files:
            try:
                theirs.copy(id, file, ours)
            except StoreError as error:
                problems.setdefault(id, str(error))
            else:
                kept.append(file)
        target.save(ids[id], *(file._replace(first=place == 0) for place, file in enumerate(kept)))
    return problems


def _link(source: Path, target: Path, folder: Folder) -> None:
    if target.is_file():
        return
    check_own_folder(folder.artifacts)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except OSError:
            keep_file(folder.artifacts, source)
    except OSError as error:
        raise StoreError(f"{folder.artifacts}: {error.strerror}") from error
