"""Remove what was listed of results folders: nothing else, and no half of a store, also if it is killed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from nnsweep import format
from nnsweep.errors import StoreError
from nnsweep.folder.paths import LOCKS, Folder
from nnsweep.folder.removable import RENAMED, Listed, Removal, check_folder, existing, file_size, list_unused, walk
from nnsweep.format import count_trials, disk_size
from nnsweep.store import Store, lock
from nnsweep.trials.ids import Ids, are_among


@dataclass
class Removed:
    """What was removed."""

    files: int = 0
    trials: int = 0
    bytes: int = 0
    notices: list[str] = field(default_factory=list)
    """What was left, and why."""

    def add(self, other: Removed) -> None:
        """Add what was removed elsewhere."""
        self.files, self.trials = self.files + other.files, self.trials + other.trials
        self.bytes, self.notices = self.bytes + other.bytes, [*self.notices, *other.notices]

    def __bool__(self) -> bool:
        """Whether anything was removed, or there is something to say."""
        return bool(self.files or self.trials or self.notices)

    def __str__(self) -> str:
        return "\n".join([*self.notices, f"removed {format_amount(self.files, self.trials, self.bytes)}"])


def format_amount(files: int, trials: int, size: float) -> str:
    """Write how much is removed: `3 files and 48 trials, 1.2 MB`."""
    parts = [format.count(files, "file")] if files else []
    parts += [count_trials(trials)] if trials else []
    return f"{' and '.join(parts) or 'nothing'}, {disk_size(size)}"


def remove(removal: Removal) -> Removed:
    """Remove what was listed, if no run uses the folder.

    Trials go first, in one transaction, then files one by one: a kill leaves files that nothing needs.

    Raises:
        StoreError: a run is using the folder, or it cannot be written.
    """
    done = Removed()
    if removal.whole:
        _remove_whole(removal, done)
        return done
    folder = Folder(removal.root)
    with lock(folder.root):
        check_folder(folder)
        ids, files = _still_listed(removal)
        if len(ids):
            before = file_size(folder.store)
            with Store.open(folder.store) as store:
                done.trials = store.remove(ids)
                if not store.shrink():
                    done.notices.append(
                        f"{folder.store}: no room for a smaller copy, so the file stays as large; its room is used by "
                        "the next trials, and gc gives it back once there is room"
                    )
            done.bytes += max(0, before - file_size(folder.store))
        _remove_files(files, done)
    return done


def _still_listed(removal: Removal) -> tuple[Ids, Sequence[Listed]]:
    """Give what may still be removed: what a run has stored or asked for since the list was made stays."""
    folder = Folder(removal.root)
    now = list_unused(folder) if removal.unused else removal
    files = [each for each in removal.files if each in now.files]
    return removal.ids[are_among(removal.ids, now.ids)], files


def _remove_whole(removal: Removal, done: Removed) -> None:
    """Give the folder another name, so that it is gone at once, and then remove the files."""
    root, renamed = removal.root, removal.root
    if not RENAMED.fullmatch(root.name):
        renamed = root.with_name(f".{root.name}.removed-{secrets.token_hex(4)}")
        try:
            with lock(root):
                check_folder(Folder(root))
                if existing(walk(root)) != list(removal.files):
                    raise StoreError(f"{root}: left alone: its files have changed since they were listed; look again")
                root.rename(renamed)
        except OSError as error:
            raise StoreError(f"{root}: cannot be removed: {error.strerror}") from None
    moved = [replace(each, path=renamed / each.path.relative_to(root)) for each in removal.files]
    own = [each for each in map(Listed.of, (renamed / name for name in LOCKS)) if each]
    _remove_files([*moved, *(each for each in own if each not in moved)], done)
    done.files -= len([each for each in own if each not in moved])
    for path, _, _ in os.walk(renamed, topdown=False):
        with suppress(OSError):
            os.rmdir(path)
    if renamed.exists():
        done.notices.append(f"{renamed}: left with what is in it, which was not listed")
    done.trials = removal.trials


def _remove_files(files: Iterable[Listed], done: Removed) -> None:
    for each in files:
        if not each.is_there():
            continue
        try:
            each.path.unlink()
        except OSError as error:
            done.notices.append(f"{each.path}: left: {error.strerror}")
        else:
            done.files, done.bytes = done.files + 1, done.bytes + each.size
            with suppress(OSError):  # of artifacts/ab/, if it is empty now
                if each.path.parent.parent.name == "artifacts":
                    each.path.parent.rmdir()
