"""Find the results folder for a name, a folder or a sweep file."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from nnsweep import sweepfile
from nnsweep.errors import NnsweepError
from nnsweep.folder.paths import Folder
from nnsweep.format import did_you_mean
from nnsweep.sweepfile.model import FOLDER


def is_file(source: str) -> bool:
    """Whether a source is a sweep file: it has the suffix, or such a file exists."""
    return source.endswith(".toml") or os.path.isfile(source)


def is_stored(source: str, results: Path) -> bool:
    """Whether a source is the name or the path of a results folder with a store."""
    return _root(source, results) is not None


def select(source: str, results: Path) -> Folder:
    """Find the results folder with this name or path.

    Raises:
        NnsweepError: nothing is stored there.
    """
    root = _root(source, results)
    if root is not None:
        return Folder(root if root.name not in ("", "..") else root.resolve())
    known = names(results) if os.path.isdir(results) else []
    allowed = ", ".join(["a sweep file", "a results folder", *known])
    raise NnsweepError(
        f"`{source}`: nothing of that name is stored in {results}; allowed: {allowed}{did_you_mean(source, known)}"
    )


def find_folder(source: str, results: Path) -> Folder:
    """Find the results folder of a sweep by its file, its name, or its path.

    Raises:
        NnsweepError: nothing is stored there.
    """
    if not is_file(source):
        return select(source, results)
    folder = Folder(results / sweepfile.load(Path(source)).name)
    if not folder.has_store():
        raise NnsweepError(f"{source}: nothing is stored in {folder.root}; run the sweep first")
    return folder


def all_folders(sources: Sequence[str], results: Path) -> tuple[list[Folder], list[Path]]:
    """Find results folders by file, name or path, or all of a folder of them; without any, all of `results`.

    Returns them, and the folders of which all are taken.

    Raises:
        NnsweepError: nothing is stored under a name.
    """
    folders: list[Folder] = []
    roots: list[Path] = [] if sources else [results]
    for source in sources:
        if not is_stored(source, results) and os.path.isdir(source):
            roots.append(Path(source))
        else:
            folders.append(find_folder(source, results))
    folders += [Folder(root / name) for root in roots for name in names(root)]
    return list({os.path.abspath(folder.root): folder for folder in folders}.values()), roots


def _root(source: str, results: Path) -> Path | None:
    roots = [*([results / source] if re.fullmatch(FOLDER, source) else []), Path(source)]
    return next((root for root in roots if Folder(root).has_store()), None)


def names(results: Path) -> list[str]:
    """List the names of results folders that have a store.

    Raises:
        NnsweepError: there is no such folder, or it cannot be read.
    """
    try:
        found = sorted(path.name for path in results.iterdir() if re.fullmatch(FOLDER, path.name))
    except OSError as error:
        raise NnsweepError(
            f"{results}: {error.strerror}; name another, by --results DIR or nnsweep serve DIR"
        ) from None
    return [name for name in found if Folder(results / name).has_store()]
