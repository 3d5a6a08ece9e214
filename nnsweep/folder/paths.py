"""The names of all files in a results folder."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nnsweep.defaults import ARTIFACTS, STORE
from nnsweep.errors import StoreError
from nnsweep.files import DRAFTS, check_own_folder
from nnsweep.store import RECORD, Store, read_record, record_of
from nnsweep.trainers.live_files import remove_unfinished

ASIDE = re.compile(r"trials-\d{8}-\d{6}-\d{6}\.db(-wal|-shm|-journal|-count|-last)?")
"""The names of stores that were set aside, and of the files beside them."""
TRIALS, SUMMARY, HISTORY = "trials.csv", "summary.csv", "history.csv"
TRIALS_PARQUET = "trials.parquet"
"""Tables of all cells or trials. Figures and the page are made from them."""
NOTES_LOCK, EXPORT_LOCK = ".notes.lock", ".export.lock"
LOCKS = ".lock", NOTES_LOCK, EXPORT_LOCK
"""Files that are there while a run, a change of notes or an export goes on, or after it was killed."""


@dataclass(frozen=True)
class Folder:
    """A results folder, `results/<name>/`, and the paths of its files."""

    root: Path

    @property
    def grid(self) -> Path:
        """A copy of the sweep file."""
        return self.root / "grid.toml"

    @property
    def resolved(self) -> Path:
        """The resolved sweep, with all defaults."""
        return self.root / "resolved.json"

    @property
    def environment(self) -> Path:
        """The environment of the last run that trained anything."""
        return self.root / "env.json"

    @property
    def store(self) -> Path:
        """The store with all trials."""
        return self.root / STORE

    @property
    def last_run(self) -> Path:
        """What the last run said, for the next one that finds nothing changed."""
        return self.root / "trials.db-last"

    def has_store(self) -> bool:
        """Whether trials are or were stored here. Reading a lost store raises an error that says so."""
        return os.path.exists(self.store) or read_record(self.store) is not None

    @property
    def tables(self) -> Path:
        """The folder of CSV files."""
        return self.root / "tables"

    @property
    def figures(self) -> Path:
        """The folder of figures."""
        return self.root / "figures"

    @property
    def manifest(self) -> Path:
        """The list of tables and figures that nnsweep wrote, with their sources."""
        return self.root / "manifest.json"

    @property
    def page(self) -> Path:
        """The report as one HTML file."""
        return self.root / "report.html"

    @property
    def notes(self) -> Path:
        """Notes and tags of the sweep and of its trials."""
        return self.root / "notes.json"

    @property
    def slurm(self) -> Path:
        """The folder of the scripts that were submitted to Slurm, and of what they print."""
        return self.root / "slurm"

    @property
    def traces(self) -> Path:
        """The folder of traces: weights of single trials over their steps."""
        return self.root / "traces"

    @property
    def artifacts(self) -> Path:
        """The folder of files that trials saved, each under the digest of its content."""
        return self.root / ARTIFACTS

    def make(self) -> None:
        """Make the folder and its parts, and remove unfinished files of a killed run.

        Raises:
            StoreError: it cannot be made or written to, or a part of it is a link.
        """
        for folder in (self.root, self.tables, self.figures):
            self.make_part(folder)
            for draft in folder.glob(DRAFTS):
                with suppress(OSError):
                    draft.unlink()
        remove_unfinished(self.artifacts)
        if not os.access(self.root, os.W_OK):
            raise StoreError(f"{self.root}: not writable; choose another folder with --results")

    def make_part(self, part: Path) -> None:
        """Make a part of the folder, such as `tables`.

        Raises:
            StoreError: it cannot be made, or is a link to elsewhere.
        """
        if part != self.root:
            check_own_folder(part)
        try:
            part.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{error.filename}: {error.strerror}; choose a folder with --results") from error

    def copies(self) -> list[Path]:
        """List the files of stores that were set aside, by `--fresh` or because a file was taken away."""
        return sorted(path for path in self.root.iterdir() if ASIDE.fullmatch(path.name))

    def drafts(self) -> list[Path]:
        """List the half-written files that killed processes have left."""
        parts = self.root, self.tables, self.figures, self.traces, self.artifacts, self.slurm
        return sorted(path for part in parts if not part.is_symlink() for path in part.glob(DRAFTS))

    def set_store_aside(self) -> Path | None:
        """Rename the store, so that the next run starts without it. Return the new path; None if there was no store."""
        if not self.store.exists():
            record_of(self.store).unlink(missing_ok=True)
            return None
        with suppress(StoreError):  # the user may set it aside because it is damaged
            Store.open(self.store).close()  # merges the log that a killed run leaves
        aside = self.store.with_name(f"trials-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.db")
        for beside in ("", "-wal", "-shm", RECORD):
            file = self.store.with_name(self.store.name + beside)
            if file.exists():
                file.rename(aside.with_name(aside.name + beside))
        return aside
