"""Where the files and modules of a sweep are searched: beside its file, then in the working directory.

A table that describes a data set keeps this folder, so that it finds its file on a worker, and after another sweep was
loaded. Python holds one module of a name at a time; for modules the folder is that of the last sweep loaded.
"""

from __future__ import annotations

import os
from pathlib import Path

_beside = ""


def look_beside(folder: str) -> None:
    """Search this folder, an absolute path, first; with "", search the working directory alone."""
    global _beside
    _beside = folder


def beside() -> str:
    """Return the folder that is searched first; "" if there is none."""
    return _beside


def candidates(name: str, folder: str) -> list[Path]:
    """List the absolute paths that a name may mean, in the order in which they are tried."""
    wanted = os.path.expanduser(name)
    paths = (os.path.abspath(os.path.join(where, wanted)) for where in (folder, ""))
    return [Path(path) for path in dict.fromkeys(paths)]
