"""The files of a trial that is being trained: those that it saves, and its own folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path

from nnsweep.errors import NnsweepError
from nnsweep.trainers.saved import FULL, SavedFile, Source, check_name, keep_file, path_in
from nnsweep.trainers.surroundings import Surroundings

SAVED = "saved: "
"""How an explanation begins of what was saved and is not stored."""
LARGEST_SENT = 2**26
"""Bytes of a file that a worker sends, if it cannot reach the results folder."""
WORK = ".work-"
"""How the names of trials' own folders begin."""


class Files:
    """Keeps files in `artifacts`, or in a folder of this machine from which they are sent.

    `left_out` gets what is not kept, by name.
    """

    def __init__(self, surroundings: Surroundings, left_out: MutableMapping[str, str]) -> None:
        self._surroundings, self._left_out = surroundings, left_out
        self._own: Path | None = None
        self._first, self._process = True, os.getpid()
        self._names = set[str]()

    @property
    def folder(self) -> Path:
        """A folder of the trial's own, made when it is first asked for."""
        if self._own is None:
            above = self._surroundings.artifacts
            if above is not None:
                above.mkdir(parents=True, exist_ok=True)
            self._own = Path(tempfile.mkdtemp(prefix=WORK, dir=above)).absolute()
        return self._own

    def save(self, name: str, source: Source, move: bool = False) -> None:
        """Keep a file. On a full disk it is left out."""
        if self._surroundings.send is None or os.getpid() != self._process:
            return
        self._check_place(name)
        try:
            if self._surroundings.artifacts is None:
                saved = _packed(name, source)
            else:
                saved = SavedFile(name, *keep_file(self._surroundings.artifacts, source, move))
        except OSError as error:
            if error.errno not in FULL:
                raise
            where = self._surroundings.artifacts or tempfile.gettempdir()
            why = f"{where}: {os.strerror(error.errno)}: not stored; make room and train again"
            self._left_out[name] = SAVED + why
            return
        self._surroundings.send(saved._replace(first=self._first))
        self._first = False
        self._names.add(name)

    def _check_place(self, name: str) -> None:
        """Make sure that all files can be copied into one folder.

        Raises:
            NnsweepError: one would be in the place of a folder.
        """
        for other in self._names:
            if other.startswith(f"{name}/") or name.startswith(f"{other}/"):
                raise NnsweepError(
                    f"a file is saved under the name `{name}`, and another under `{other}`: one of them "
                    "would be a folder; allowed: another name"
                )

    def close(self) -> None:
        """Save the files that are in the trial's own folder, and remove it."""
        own, self._own = self._own, None
        if own is None:
            return
        if os.getpid() == self._process:
            for path in sorted(own.rglob("*")):
                if path.is_file() and not path.is_symlink():
                    self._save_own(path, path.relative_to(own).as_posix())
            shutil.rmtree(own, ignore_errors=True)

    def _save_own(self, path: Path, name: str) -> None:
        try:
            self.save(check_name(name), path, move=True)
        except NnsweepError as error:
            self._left_out[name] = f"{SAVED}{error}: not stored"
        except OSError as error:
            self._left_out[name] = f"{SAVED}{error.strerror}: not stored"


def _packed(name: str, source: Source) -> SavedFile:
    """Make a file whose content is sent.

    Raises:
        NnsweepError: it is too large.
    """
    with tempfile.TemporaryDirectory() as folder:
        size, content = keep_file(Path(folder), source)
        if size > LARGEST_SENT:
            raise NnsweepError(
                f"file `{name}` has {size:,} bytes, and this worker cannot reach the results folder; allowed: up to "
                f"{LARGEST_SENT:,} bytes, or a disk that all machines share"
            )
        return SavedFile(name, size, content, data=path_in(Path(folder), content).read_bytes())


def remove_unfinished(artifacts: Path) -> None:
    """Remove what trials that were killed left of their own folders and of files that they had not finished."""
    for path in artifacts.glob(".*") if artifacts.is_dir() and not artifacts.is_symlink() else ():
        if path.name.startswith(WORK) and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name.endswith(".draft"):
            with suppress(OSError):
                path.unlink()
