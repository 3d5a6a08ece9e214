"""The verb `ls`: list the results folders."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import json_option, results_option
from nnsweep.cli.output import echo
from nnsweep.cli.stored import print_json


@cli.command(short_help="List the results folders.")
@results_option
@click.option("--verify", is_flag=True, help="Check every stored row; exit code 1 if one has changed.")
@click.option(
    "--tag",
    "tags",
    multiple=True,
    metavar="TAG",
    help="Only sweeps with this tag, or with a trial that has it. Repeatable.",
)
@json_option
def ls(results: str, verify: bool, tags: Sequence[str], as_json: bool) -> None:
    """List the results folders, one per line: name, trials by status, time of the last training, tags, number of notes,
    description.

    \b
    Example:
      nnsweep ls --verify
      nnsweep ls --tag baseline
    """
    from nnsweep.folder import catalog

    entries = catalog.entries(Path(results), verify, tags)
    if as_json:
        print_json([entry.to_json() for entry in entries])
    else:
        echo(catalog.format_entries(entries, Path(results), tags))
    if any(entry.problem for entry in entries):
        sys.exit(1)
