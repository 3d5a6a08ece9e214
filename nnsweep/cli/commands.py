"""Commands that a verb recommends."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from nnsweep.cli.options import RESULTS
from nnsweep.format import no_option


def format_command(verb: str, source: str, overrides: Sequence[str], trainer: str, results: str) -> str:
    """Format the command that asks for the same sweep with another verb."""
    from nnsweep.data import trust  # needs NumPy, which `--help` must not wait for

    if source.startswith("-"):  # a name or a file that this command would take for an option
        file = Path(source).is_file()
        source, results = (no_option(source), results) if file else (no_option(str(Path(results, source))), RESULTS)
    options = [word for text in overrides for word in ("--set", text)]
    options += ["--trainer", trainer] if trainer else []
    options += [] if trust.is_limited() else ["--trust"]
    options += [] if results == RESULTS else ["--results", results]
    return shlex.join(["nnsweep", verb, source, *options])
