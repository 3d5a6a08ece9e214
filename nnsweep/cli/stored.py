"""What verbs share that are asked of a stored sweep."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from nnsweep.folder import StoredSweep


def opened(source: str, results: str, overrides: Sequence[str] = ()) -> StoredSweep:
    """Open a stored sweep by its file, name or folder, and warn of what a reader of its numbers must know."""
    from nnsweep.folder import StoredSweep

    found = StoredSweep.open(source, Path(results), overrides)
    for notice in found.notices:
        click.echo(f"warning: {notice}", err=True)
    return found
