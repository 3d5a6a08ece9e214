"""Commands that texts and pages recommend, as they would be typed where the run was."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from nnsweep.folder.paths import RESULTS
from nnsweep.trainers import BUILT_IN


def command(
    verb: str, *words: str, results: str | Path = RESULTS, trainer: str = "", overrides: Sequence[str] = ()
) -> str:
    """Write a command with the options that it needs.

    >>> command("show", "forum", "--failed", results="elsewhere", overrides=["alpha=0.01"])
    'nnsweep show forum --failed --set alpha=0.01 --results elsewhere'
    """
    sets = [word for text in overrides for word in ("--set", text)]
    return shlex.join(["nnsweep", verb, *words, *sets, *_options(results, trainer)])


def replaying(trainer: str, results: str | Path) -> tuple[str, str]:
    """Write what stands before and after a trial's id in the command that trains it again."""
    return "nnsweep replay", shlex.join(_options(results, "" if trainer in BUILT_IN else trainer))


def replay_command(id: str, trainer: str, results: str | Path) -> str:
    """Write the command that trains a trial again."""
    before, after = replaying(trainer, results)
    return " ".join(filter(None, (before, id, after)))


def _options(results: str | Path, trainer: str) -> list[str]:
    elsewhere = [] if Path(results) == Path(RESULTS) else ["--results", str(results)]
    return [*(["--trainer", trainer] if trainer else []), *elsewhere]
