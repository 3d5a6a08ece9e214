"""Every file name in a results folder."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nnsweep.errors import StoreError
from nnsweep.files import DRAFTS, check_own_folder
from nnsweep.store import RECORD, Store, read_record, record_of

TRIALS, SUMMARY, HISTORY = "trials.csv", "summary.csv", "history.csv"
"""Tables of every cell or trial; figures and the page are made from them."""


@dataclass(frozen=True)
class Folder:
    """`results/<name>/`, and what stands where in it."""

    root: Path

    @property
    def grid(self) -> Path:
        """What was asked: a copy of the sweep file."""
        return self.root / "grid.toml"

    @property
    def resolved(self) -> Path:
        """What it resolved to, with every default."""
        return self.root / "resolved.json"

    @property
    def environment(self) -> Path:
        """Where the last run that trained anything ran."""
        return self.root / "env.json"

    @property
    def store(self) -> Path:
        """Every trial."""
        return self.root / "trials.db"

    def has_store(self) -> bool:
        """Tell whether trials are stored here, or were: reading a store that is lost says so."""
        return os.path.exists(self.store) or read_record(self.store) is not None

    @property
    def tables(self) -> Path:
        """CSV files."""
        return self.root / "tables"

    @property
    def figures(self) -> Path:
        """PNG files."""
        return self.root / "figures"

    @property
    def manifest(self) -> Path:
        """Which of the tables and figures nnsweep wrote, and from what."""
        return self.root / "manifest.json"

    @property
    def page(self) -> Path:
        """What was asked and answered, in one file."""
        return self.root / "report.html"

    @property
    def traces(self) -> Path:
        """Weights of single trials over their steps."""
        return self.root / "traces"

    def make(self) -> None:
        """Make the folder and those in it, without what a run that was killed had begun to write.

        Raises:
            StoreError: it cannot be made, or not be written to, or one of those in it is a link.
        """
        for folder in (self.root, self.tables, self.figures):
            self.make_part(folder)
            for draft in folder.glob(DRAFTS):
                with suppress(OSError):
                    draft.unlink()
        if not os.access(self.root, os.W_OK):
            raise StoreError(f"{self.root}: not writable; choose another folder with --results")

    def make_part(self, part: Path) -> None:
        """Make one of its folders, such as `tables`.

        Raises:
            StoreError: it cannot be made, or is a link to elsewhere.
        """
        if part != self.root:
            check_own_folder(part)
        try:
            part.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{error.filename}: {error.strerror}; choose a folder with --results") from error

    def set_store_aside(self) -> Path | None:
        """Rename the store, so that the next run starts anew; returns its new place, None if there was none."""
        if not self.store.exists():
            record_of(self.store).unlink(missing_ok=True)
            return None
        with suppress(StoreError):  # It is set aside because it is damaged, perhaps.
            Store.open(self.store).close()  # A run that was killed leaves a log beside it, which is folded in.
        aside = self.store.with_name(f"trials-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.db")
        for beside in ("", "-wal", "-shm", RECORD):
            file = self.store.with_name(self.store.name + beside)
            if file.exists():
                file.rename(aside.with_name(aside.name + beside))
        return aside
