"""Where the files and modules of a sweep are searched: beside its file, then in the working directory.

A table that describes a data set keeps this folder, so that it finds its file on a worker, and after another sweep was
loaded. Python holds one module of a name at a time; for modules the folder is that of the last sweep loaded.

Another machine may have sent its files. They then lie in a mirror: below one folder, each at its whole path.
"""

from __future__ import annotations

import os
from pathlib import Path

_beside = ""
_mirror = ""


def look_beside(folder: str, mirror: str = "") -> None:
    """Search this folder, an absolute path, first; with "", search the working directory alone.

    With a `mirror`, another absolute path, what lies in it goes before what lies at its own path.
    """
    global _beside, _mirror
    _mirror = mirror
    _beside = mirrored(mirror, folder) if mirror and folder else folder


def beside() -> str:
    """Return the folder that is searched first; "" if there is none."""
    return _beside


def mirrored(mirror: str, path: str) -> str:
    """Return where a mirror has an absolute path.

    >>> mirrored("/mirror", "/data/mine.csv").replace(os.sep, "/")
    '/mirror/data/mine.csv'
    """
    return os.path.join(mirror, *Path(path).parts[1:])


def candidates(name: str, folder: str) -> list[Path]:
    """List the absolute paths that a name may mean, in the order in which they are tried."""
    wanted = os.path.expanduser(name)
    paths = [os.path.abspath(os.path.join(where, wanted)) for where in (folder, "")]
    if _mirror:
        paths = [*(mirrored(_mirror, path) for path in paths), *paths]
    return [Path(path) for path in dict.fromkeys(paths)]
