"""Where the files and modules that a sweep names are looked for: beside its file, then in the working directory.

A data set in a table keeps the folder that it was read in, so that it finds its file on a worker and after another
sweep was loaded. Modules are found by Python, one of a name at a time: for them the folder is that of the last sweep.
"""

from __future__ import annotations

import os
from pathlib import Path

_beside = ""


def look_beside(folder: str) -> None:
    """Look in this folder first, an absolute path; with "", in the working directory alone."""
    global _beside
    _beside = folder


def beside() -> str:
    """Give the folder that is looked in first; "" if there is none."""
    return _beside


def candidates(name: str, folder: str) -> list[Path]:
    """Give the absolute paths that a name may stand for, the first to be tried first."""
    wanted = os.path.expanduser(name)
    paths = (os.path.abspath(os.path.join(where, wanted)) for where in (folder, ""))
    return [Path(path) for path in dict.fromkeys(paths)]
