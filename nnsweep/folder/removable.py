"""What can be removed of results folders: the whole, some trials, or what nothing needs."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from nnsweep import format
from nnsweep.errors import NnsweepError, StoreError
from nnsweep.folder.artifacts import SavedArtifacts
from nnsweep.folder.paths import LOCKS, Folder
from nnsweep.format import count_trials, disk_size
from nnsweep.store import Store
from nnsweep.trainers.saved import path_in
from nnsweep.trials.ids import Ids, are_among, distinct, to_numbers, to_texts
from nnsweep.trials.shards import Shard

RENAMED = re.compile(r"\.[\w.-]+\.removed-[0-9a-f]{8}")
"""The name of a folder that is being removed, or whose removal was killed."""
HALF = 3600.0
"""Seconds after which a half-written file is one that nobody is writing."""
NONE = to_numbers(())


@dataclass(frozen=True)
class Listed:
    """A file that is to be removed, with what tells it from another one that has its name later."""

    path: Path
    size: int
    number: int
    changed: int
    """When its content last changed, in nanoseconds: a number of a file is given again."""

    @classmethod
    def of(cls, path: Path) -> Listed | None:
        """Look at a file or a link; None if it is gone."""
        with suppress(OSError):
            found = path.lstat()
            return cls(path, found.st_size, found.st_ino, found.st_mtime_ns)
        return None

    def is_there(self) -> bool:
        """Whether it is still the file that was listed."""
        return Listed.of(self.path) == self


@dataclass(frozen=True)
class Removal:
    """What is to be removed of a results folder: the whole, trials, or files."""

    root: Path
    whole: bool = False
    """Whether the folder itself goes, if no other file comes into it."""
    ids: Ids = field(default_factory=lambda: NONE)
    trials: int = 0
    """How many stored trials the ids name."""
    room: int = 0
    """About how many bytes of the store these trials take."""
    files: Sequence[Listed] = ()
    lines: Sequence[str] = ()
    """What it is, one line for each kind."""
    unused: bool = False
    """Whether it is removed because nothing needs it: what a run needs by then stays."""

    @property
    def bytes(self) -> int:
        """How many bytes this frees, about."""
        return self.room + sum(each.size for each in self.files)

    def __bool__(self) -> bool:
        """Whether there is anything to remove."""
        return bool(self.whole or len(self.ids) or self.files)

    def __str__(self) -> str:
        return "\n".join([str(self.root), *(f"  {line}" for line in self.lines)])


def check_folder(folder: Folder) -> None:
    """Make sure that a results folder is no link.

    Raises:
        NnsweepError: it is one.
    """
    if folder.root.is_symlink():
        raise NnsweepError(
            f"{folder.root}: found a link; allowed: a results folder itself, so name {folder.root.resolve()}"
        )


def list_whole(folder: Folder) -> Removal:
    """List everything in a results folder. Links are listed themselves, not what they point to.

    Raises:
        NnsweepError: it is a link.
    """
    check_folder(folder)
    files = existing(walk(folder.root))
    with suppress(StoreError), Store.read(folder.store) as store:
        trials = len(store.known())
        size = disk_size(sum(each.size for each in files))
        line = f"the whole folder: {format.count(len(files), 'file')}, {size}, with {count_trials(trials)}"
        return Removal(folder.root, True, trials=trials, files=files, lines=[line])
    size = disk_size(sum(each.size for each in files))
    line = f"the whole folder: {format.count(len(files), 'file')}, {size}; its store cannot be read"
    return Removal(folder.root, True, files=files, lines=[line])


def list_trials(folder: Folder, ids: Ids) -> Removal:
    """List trials that are stored in a results folder, with the files that only they have.

    Raises:
        NnsweepError: the folder is a link, or none of the trials is stored. StoreError: the store is damaged.
    """
    check_folder(folder)
    with Store.read(folder.store) as store:
        known = store.known()
        ids = distinct(ids)
        ids = ids[are_among(ids, known)]
        if not len(ids):
            raise NnsweepError(f"{folder.root}: none of these trials is stored")
        files = existing(_files_of(folder, store, ids))
        room = store.room_of(ids)
    lines = [f"{count_trials(len(ids))}, about {disk_size(room)} of trials.db"]
    lines += [f"{format.count(len(files), 'file')} of theirs"] if files else []
    return Removal(folder.root, False, ids, len(ids), room, files, lines)


def list_unused(folder: Folder) -> Removal:
    """List what a results folder does not need: see `nnsweep gc`.

    Raises:
        NnsweepError: it is a link. StoreError: its store is damaged.
    """
    check_folder(folder)
    lines: list[str] = []
    with Store.read(folder.store) as store:
        record, known = store.sweep_record(), store.known()
        is_shard = record is not None and Shard.of_folder(folder.root.name, record.sweep.name) is not None
        stale = NONE
        if record is not None and record.sweep.search is None and not is_shard:
            stale = store.unneeded(distinct(record.trials.ids))
        theirs = list(_files_of(folder, store, stale))
        room = store.room_of(stale)
    if len(stale):
        lines.append(
            f"{count_trials(len(stale))} that the sweep, as it was last run, does not have (other settings, or an "
            f"earlier version of the trainer or of the data): about {disk_size(room)}"
        )
    kinds = {
        "of these trials": theirs,
        "of stores that were set aside": folder.copies(),
        "half-written": [path for path in folder.drafts() if _age(path) > HALF],
        "saved by trials that are gone or were trained again": [
            *SavedArtifacts(folder).unused(),
            *_traces(folder, known),
        ],
    }
    files: list[Listed] = []
    for what, paths in kinds.items():
        found = [each for each in existing(sorted(paths)) if each not in files]
        files += found
        if found:
            size = disk_size(sum(each.size for each in found))
            lines.append(f"{format.count(len(found), 'file')} {what}: {size}")
    return Removal(folder.root, False, stale, len(stale), room, files, lines, unused=True)


def list_killed(results: Path) -> list[Removal]:
    """List the folders in `results` whose removal was killed."""
    found = [path for path in sorted(results.iterdir()) if RENAMED.fullmatch(path.name) and not path.is_symlink()]
    removals: list[Removal] = []
    for root in found:
        files = existing(walk(root))
        size = disk_size(sum(each.size for each in files))
        line = f"left by a removal that was killed: {format.count(len(files), 'file')}, {size}"
        removals.append(Removal(root, True, files=files, lines=[line]))
    return removals


def _files_of(folder: Folder, store: Store, ids: Ids) -> Iterator[Path]:
    """Find the files that trials saved, if no other trial has them, and their traces."""
    if not len(ids):
        return
    gone = set(to_texts(ids).tolist())
    saved = store.saved()
    others = {file.content for id, files in saved.items() if id not in gone for file in files}
    contents = {file.content for id in gone & saved.keys() for file in saved[id]}
    if not folder.artifacts.is_symlink():
        yield from (path_in(folder.artifacts, content) for content in sorted(contents - others))
    if folder.traces.is_dir() and not folder.traces.is_symlink():
        yield from (path for path in folder.traces.iterdir() if path.name[:16] in gone)


def _traces(folder: Folder, known: Ids) -> list[Path]:
    """List the traces of trials that are not stored."""
    if not folder.traces.is_dir() or folder.traces.is_symlink():
        return []
    paths = [path for path in folder.traces.iterdir() if re.match(r"[0-9a-f]{16}\.", path.name)]
    there = are_among(to_numbers(path.name[:16] for path in paths), known)
    return [path for path, is_known in zip(paths, there.tolist(), strict=True) if not is_known]


def walk(root: Path) -> Iterator[Path]:
    """List all files and links below a folder; its own locks are none."""
    for place, folders, names in os.walk(root):
        here = Path(place)
        yield from (here / name for name in sorted(names) if here != root or name not in LOCKS)
        yield from (here / name for name in folders if (here / name).is_symlink())


def existing(paths: Iterable[Path]) -> list[Listed]:
    """List those of some files that are there."""
    return [each for each in map(Listed.of, paths) if each is not None]


def file_size(path: Path) -> int:
    """Give the bytes of a file; 0 if there is none."""
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _age(path: Path) -> float:
    with suppress(OSError):
        return time.time() - path.lstat().st_mtime
    return 0.0
