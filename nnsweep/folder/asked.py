"""Find the sweep that is to be run, in its file or as it was last run. No tables are imported: a plan needs none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nnsweep import sweepfile
from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError
from nnsweep.folder.paths import Folder
from nnsweep.folder.select import is_file, select
from nnsweep.store import Store
from nnsweep.store.sweep_record import SweepRecord
from nnsweep.trials.shards import Shard


def asked(source: str, results: Path, overrides: Sequence[str] = (), trainer: str = "") -> tuple[Sweep, Path]:
    """Read a sweep to be run from its file or, by a name or a results folder, as it was last run there.

    Returns the sweep, and the parent of its results folder. `trainer` may be imported even if only a store names it.

    Raises:
        NnsweepError: there is no such sweep, or as of `sweep_of`. StoreError: the store is damaged.
    """
    if is_file(source):
        return sweepfile.load(Path(source), overrides), results
    return _asked_again(select(source, results), overrides, trainer)


def _asked_again(folder: Folder, overrides: Sequence[str], trainer: str) -> tuple[Sweep, Path]:
    from nnsweep.folder.restore import sweep_of

    with Store.read(folder.store) as store:
        shard = shard_of(store, folder)
        if shard is not None:
            number, of = shard
            raise NnsweepError(f"{folder.root}: {shard} of a sweep; to go on, name its file and --shard {number}/{of}")
        kept = kept_sweep(store, folder).sweep
    return sweep_of(kept, folder, overrides, trainer), folder.root.parent


def shard_of(store: Store, folder: Folder) -> Shard | None:
    """Tell which part of its sweep a folder has, if it is not the whole."""
    sweep = store.sweep()
    return None if sweep is None else Shard.of_folder(folder.root.name, sweep.name)


def kept_sweep(store: Store, folder: Folder) -> SweepRecord:
    """Read the sweep that was last run in a folder, with the name of the folder.

    Raises:
        NnsweepError: none was. StoreError: the store is damaged.
    """
    kept = store.sweep_record()
    if kept is None:
        raise NnsweepError(f"{folder.root}: its only run was interrupted as it began; run the sweep again")
    return replace(kept, sweep=replace(kept.sweep, name=folder.root.name))
