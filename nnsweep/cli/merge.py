"""The verb `merge`: join results folders."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import all_files_option, no_figures_option, quiet_option, results_option
from nnsweep.cli.output import echo


@cli.command(short_help="Join results folders, such as the shards of a sweep.")
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER...")
@click.option(
    "-o",
    "--output",
    default="",
    metavar="NAME",
    help="The results folder to merge into, a name below --results or a path; default: the name of the sweep.",
)
@results_option
@no_figures_option
@all_files_option
@quiet_option
def merge(folders: Sequence[str], output: str, results: str, no_figures: bool, all_files: bool, quiet: bool) -> None:
    """Copy the trials of results folders, from this machine or others, into one folder. Then write its tables and
    figures. The other folders stay as they are, and may be merged again when they have more trials.

    Equal trials must have equal results. If a trial has another result in the target, the target keeps its own, the
    other one is stored in the table `rejected`, and the exit code is 1. So it is if a file that a trial saved is
    damaged: it is left out, and a line says so.

    \b
    Example:
      nnsweep merge results/forum-shard-*
      nnsweep merge elsewhere/forum results/forum-old -o forum
    """
    from nnsweep import api

    merged = api.merge(folders, results, name=output, figures=not no_figures, all_files=all_files, quiet=quiet)
    if not (quiet and merged.is_whole):
        echo(merged, err=not merged.is_whole)
    if not merged.is_whole:
        sys.exit(1)
