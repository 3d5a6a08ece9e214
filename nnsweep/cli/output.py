"""Everything that verbs print goes through here: texts may come from stores and files of others."""

from __future__ import annotations

import click

from nnsweep.format import printable


def echo(message: object, *, err: bool = False, nl: bool = True) -> None:
    """Print to standard output, or to standard error, without characters that a terminal obeys."""
    click.echo(printable(str(message)), err=err, nl=nl)
