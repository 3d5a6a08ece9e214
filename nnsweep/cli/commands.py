"""Commands that a verb recommends."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from nnsweep.cli.options import RESULTS


def format_command(verb: str, source: str, overrides: Sequence[str], trainer: str, results: str) -> str:
    """Format the command that asks for the same sweep with another verb."""
    options = [word for text in overrides for word in ("--set", text)]
    options += ["--trainer", trainer] if trainer else []
    options += [] if results == RESULTS else ["--results", results]
    return shlex.join(["nnsweep", verb, source, *options])
