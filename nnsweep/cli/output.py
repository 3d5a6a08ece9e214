"""Everything that verbs print goes through `echo`, because texts may come from other people's stores and files."""

from __future__ import annotations

import click

from nnsweep.format import printable


def echo(message: object, *, err: bool = False, nl: bool = True) -> None:
    """Print to standard output or standard error, with control characters escaped."""
    click.echo(printable(str(message)), err=err, nl=nl)
