"""Train the trials of a sweep under the lock of its folder, then write the files of the folder."""

from __future__ import annotations

from contextlib import nullcontext

from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError
from nnsweep.execution.options import Options
from nnsweep.execution.wanted import Wanted
from nnsweep.folder.paths import Folder
from nnsweep.folder.searched import NO_SHARDS
from nnsweep.grid_run import GridRun
from nnsweep.report.drawing_process import DrawingProcess
from nnsweep.results import Results
from nnsweep.store import Store, find_seal, lock, seal
from nnsweep.trials.shards import Shard


def run_sweep(
    sweep: Sweep,
    folder: Folder,
    wanted: Wanted,
    options: Options,
    figures: bool,
    all_files: bool,
    fresh: bool = False,
    shard: Shard | None = None,
    drawing: DrawingProcess | None = None,
) -> Results:
    """Train the wanted trials of a sweep, and write the tables and figures of all; of a shard, none.

    `drawing` draws the figures, or else a process that is started for them.

    Raises:
        StoreError: the results folder cannot be used, or another run is using it.
    """
    # Imported here, with what they import: a plan, or a mistake in a file, should not wait for them.
    from nnsweep.folder.save import write_question

    training, files = _run_of(sweep, folder, wanted, options.of_sweep(sweep.run), shard), [figures, all_files]
    with lock(folder.root), nullcontext(drawing) if drawing else DrawingProcess() as drawing:
        folder.make()
        if fresh:
            folder.set_store_aside()
        if figures and shard is None and not folder.has_store():
            drawing.start()  # it imports what it needs while trials are trained
        sealed = find_seal(folder.store)
        may_be_unchanged = sealed and not wanted.again
        if may_be_unchanged and (unchanged := training.find_unchanged(sealed, files)):
            return unchanged
        is_sound = bool(sealed) or not folder.store.exists()
        with Store.open(folder.store) as store:
            found = training.train(store)
            training.confirm(found, store)
        write_question(folder, training.sweep, training.trainer, training.whole)
        if shard is None:
            found.write(figures, all_files, options.quiet, drawing)
        with Store.read(folder.store) as store:
            store.confirm(training.count)
            is_sound = is_sound or store.is_sound()
        if is_sound:
            training.keep(found, seal(folder.store), files)
    return found


def _run_of(sweep: Sweep, folder: Folder, wanted: Wanted, options: Options, shard: Shard | None) -> GridRun:
    if sweep.search is None:
        return GridRun(sweep, folder, wanted, options, shard)
    if shard is not None:
        raise NnsweepError(f"{sweep.name}: {NO_SHARDS}")
    return _search_run(sweep, folder, wanted, options)


def _search_run(sweep: Sweep, folder: Folder, wanted: Wanted, options: Options) -> GridRun:
    from nnsweep.search_run import AgainRun, SearchRun

    return (AgainRun if wanted.again else SearchRun)(sweep, folder, wanted, options)
