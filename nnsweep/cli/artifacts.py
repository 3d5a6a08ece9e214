"""The verb `artifacts`: list or copy the files that trials saved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import json_option, results_option, sweep_argument
from nnsweep.cli.output import echo
from nnsweep.cli.stored import open_stored, print_json


@cli.command(short_help="List or copy the files that trials saved.")
@sweep_argument
@click.argument("where", nargs=-1, metavar="[NAME=VALUE | ID]...")
@click.option("-o", "--output", metavar="DIR", type=click.Path(path_type=Path), help="Copy the files into this folder.")
@click.option("--file", "names", multiple=True, metavar="NAME", help="Only the file of this name. Repeatable.")
@results_option
@json_option
def artifacts(
    source: str, where: Sequence[str], output: Path | None, names: Sequence[str], results: str, as_json: bool
) -> None:
    """List the files that trials saved while they were trained, or copy them with --output: those of one trial into
    that folder, those of several into a folder for each trial, named by its id. Each file is checked when it is copied.

    \b
    Example:
      nnsweep artifacts mine alpha=0.1 seed=0
      nnsweep artifacts mine 3f2a -o files
    """
    from nnsweep.folder.artifacts import SavedArtifacts
    from nnsweep.questions.trial.files import find_files, format_files

    stored = open_stored(source, results)
    found = find_files(stored, where, names)
    if output is None:
        if as_json:
            print_json([trial.to_json() for trial in found])
        else:
            echo(format_files(found))
        return
    kept = SavedArtifacts(stored.folder)
    for trial in found:
        place = output if len(found) == 1 else output / trial.trial.id
        paths = kept.fetch(trial.trial.id, place, [file.name for file in trial.files])
        echo("\n".join(f"written: {path}" for path in paths))
