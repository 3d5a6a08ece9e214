"""The commands that a page names, as they would be typed where the run was."""

from __future__ import annotations

import shlex

from nnsweep.folder.paths import RESULTS, command, name_folder
from nnsweep.report.html.found import Found
from nnsweep.trainers import BUILT_IN


def replaying(found: Found) -> list[str]:
    """The words before and after the id of a trial: they train it again."""
    own = [] if found.sweep.trainer in BUILT_IN else ["--trainer", found.sweep.trainer]
    parent = str(found.folder.parent)
    results = [] if parent == RESULTS else ["--results", parent]
    return ["nnsweep replay", shlex.join([*own, *results])]


def comparing(found: Found, on: str) -> str:
    """Compare two values of an axis; `on` is such as `hidden=2,4`."""
    name, options = name_folder(found.folder)
    return shlex.join(["nnsweep", "compare", name, "--on", on, *options])


def diagnosing(found: Found) -> str:
    """Tell where each signature is frequent, and what its trials have in common."""
    return command("diagnose", found.folder)
