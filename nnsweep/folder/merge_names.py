"""Which folders a merge reads, and which one it writes, from what the user names."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from nnsweep.errors import NnsweepError, StoreError
from nnsweep.folder.paths import Folder
from nnsweep.store import Store
from nnsweep.sweepfile.model import FOLDER


def find_folders(names: Sequence[str], results: Path, target: str) -> tuple[list[Folder], Folder]:
    """Find the folders to be merged, each once, and the target: a name below `results`, or a path.

    The default target has the name of the sweep that all folders are of. A target among the folders is left out of
    them.

    Raises:
        NnsweepError: nothing is named but the target, or the folders are of several sweeps, and no target is named.
    """
    sources = list({os.path.realpath(each.root): each for each in (_source(name, results) for name in names)}.values())
    into = _target(target or _name_of_sweep(sources), results)
    others = [each for each in sources if os.path.realpath(each.root) != os.path.realpath(into.root)]
    if not others:
        raise NnsweepError(f"{into.root}: it cannot be merged into itself; name other results folders")
    return others, into


def _source(name: str, results: Path) -> Folder:
    below = results / name
    return Folder(below if re.fullmatch(FOLDER, name) and Folder(below).has_store() else Path(name))


def _target(name: str, results: Path) -> Folder:
    return Folder(results / name if re.fullmatch(FOLDER, name) else Path(name))


def _name_of_sweep(sources: Sequence[Folder]) -> str:
    found: dict[str, Folder] = {}
    for source in sources:
        with suppress(StoreError), Store.read(source.store) as store:  # the merge says what is wrong with it
            sweep = store.sweep()
            if sweep is not None:
                found.setdefault(sweep.name, source)
    if len(found) == 1:
        return next(iter(found))
    if not found:
        raise NnsweepError(f"{', '.join(str(each.root) for each in sources)}: no sweep is stored there")
    shown = ", ".join(f"`{name}` ({source.root})" for name, source in found.items())
    raise NnsweepError(f"found several sweeps: {shown}; allowed: folders of one sweep, or a target: -o NAME")
