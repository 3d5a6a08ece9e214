"""Write trials as runs of Trackio, to its SQLite file of the project, and their files to its folder of artifacts."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nnsweep.errors import NnsweepError
from nnsweep.trackers.exporter import Exporter
from nnsweep.trackers.record import TrialRecord


class TrackioExporter(Exporter):
    """Writes each trial as a run of the project that has the name of the sweep, in one transaction.

    `where` is the folder, or "" for Trackio's own. The settings that replicates share are the group.
    """

    def __init__(self, where: str, sweep: str) -> None:
        self._storage, self._sweep = storage(where), sweep
        self.errors = (OSError, sqlite3.Error, ValueError)
        self._storage.validate_project_name(sweep)
        # Trackio opens and closes the file for each run. SQLite merges its log when the last one closes it, which takes
        # as long as the rest: this connection is never the last one.
        self._open = sqlite3.connect(self._storage.init_db(sweep))
        self._open.execute("select count(*) from sqlite_master").fetchone()
        configs = [config.get("nnsweep") for config in self._storage.get_all_run_configs(sweep).values()]
        ours = [each for each in configs if isinstance(each, dict) and each.get("sweep") == sweep]
        self._digests = {each["trial"]: each["digest"] for each in ours}

    def known(self) -> Mapping[str, str]:
        return self._digests

    def remove(self, id: str) -> None:
        run = self._run_id(id)
        names = {record["id"]: record["name"] for record in self._storage.get_run_records(self._sweep)}
        self._storage.delete_run(self._sweep, names[run], run)

    def write(self, record: TrialRecord) -> None:
        own = {"sweep": record.sweep, "trial": record.id, "digest": record.digest, "trainer": record.trainer}
        own |= {"status": record.status, "failure": record.failure, "seconds": record.seconds}
        own |= {"tags": list(record.tags), "notes": list(record.notes)}
        started = datetime.fromtimestamp(record.started, UTC).isoformat()
        points = record.points or [(0, {})]  # a run without a row is none
        self._write_files(record)  # first: the configuration below says that the run is whole
        self._storage.bulk_log(
            record.sweep,
            record.name,
            [dict(metrics) for _, metrics in points],
            steps=[epoch for epoch, _ in points],
            timestamps=[started] * len(points),
            config={**record.config, "_Group": record.cell, "_Created": started, "nnsweep": own},
            run_id=self._run_id(record.id),
        )

    def _write_files(self, record: TrialRecord) -> None:
        """Keep the files of a trial as an artifact of its run, in place of the one that it had."""
        from trackio.cas import stage_blob_into_project  # pyright: ignore[reportMissingImports]

        manifest = []
        for file in record.files:
            content, size = stage_blob_into_project(record.artifacts.get(record.id, file.name), self._sweep)
            manifest.append({"path": file.name, "digest": content, "size": size})
        if manifest:
            self._storage.commit_artifact_version(
                self._sweep,
                name=f"trial-{record.id}",
                type="files",
                description=record.name,
                manifest=manifest,
                metadata=None,
                aliases=None,
                run_name=record.name,
                run_id=self._run_id(record.id),
                overwrite=True,
            )

    def close(self) -> None:
        with closing(self._open):
            pass

    def _run_id(self, id: str) -> str:
        return f"{self._sweep}-{id}"


def storage(where: str) -> Any:
    """Import Trackio with its folder set, which it reads when it is imported.

    Raises:
        NnsweepError: it was imported with another folder.
    """
    if where and "trackio" not in sys.modules:
        os.environ["TRACKIO_DIR"] = str(Path(where).absolute())
    from trackio.sqlite_storage import SQLiteStorage  # pyright: ignore[reportMissingImports]
    from trackio.utils import TRACKIO_DIR  # pyright: ignore[reportMissingImports]

    if where and Path(TRACKIO_DIR).resolve() != Path(where).resolve():
        raise NnsweepError(f"trackio:{where}: trackio is imported with the folder {TRACKIO_DIR} in this process")
    return SQLiteStorage
