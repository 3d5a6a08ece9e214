"""Commands that texts and pages recommend, as a user types them in the folder of the run."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from nnsweep.defaults import RESULTS
from nnsweep.format import no_option
from nnsweep.trainers import BUILT_IN


def command(
    verb: str,
    source: str,
    *more: str,
    results: str | Path = RESULTS,
    trainer: str = "",
    overrides: Sequence[str] = (),
    trust: bool = False,
) -> str:
    """Write a command for a sweep, with the options that it needs.

    A name or a file that looks like an option is written as a path.

    >>> command("show", "forum", "--failed", results="elsewhere", overrides=["alpha=0.01"])
    'nnsweep show forum --failed --set alpha=0.01 --results elsewhere'
    >>> command("best", "-rf", results="elsewhere")
    'nnsweep best elsewhere/-rf'
    """
    if source.startswith("-") and not Path(source).is_file():
        source, results = str(Path(results, source)), RESULTS
    sets = [word for text in overrides for word in ("--set", text)]
    trusting = ["--trust"] if trust else []
    return shlex.join(["nnsweep", verb, no_option(source), *more, *sets, *trusting, *_options(results, trainer)])


def replaying(trainer: str, results: str | Path) -> tuple[str, str]:
    """Return the parts before and after a trial's id in the command that trains it again."""
    return "nnsweep replay", shlex.join(_options(results, "" if trainer in BUILT_IN else trainer))


def replay_command(id: str, trainer: str, results: str | Path) -> str:
    """Write the command that trains a trial again."""
    before, after = replaying(trainer, results)
    return " ".join(filter(None, (before, id, after)))


def _options(results: str | Path, trainer: str) -> list[str]:
    elsewhere = [] if Path(results) == Path(RESULTS) else ["--results", str(results)]
    return [*(["--trainer", trainer] if trainer else []), *elsewhere]
