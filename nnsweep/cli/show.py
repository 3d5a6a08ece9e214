"""The verb `show`: show one trial, several, or those that failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import json_option, sweep_argument, sweep_options
from nnsweep.cli.output import echo
from nnsweep.cli.stored import open_with_untrained, print_json
from nnsweep.errors import NnsweepError, StoreError

if TYPE_CHECKING:
    from nnsweep.folder.notes import Notes
    from nnsweep.folder.paths import Folder


@cli.command(short_help="Show one trial: its outcome, weights and outputs.")
@sweep_argument
@click.argument("where", nargs=-1, metavar="[NAME=VALUE | ID]...")
@click.option(
    "--input", "inputs", multiple=True, metavar="X,X,…", help="Also predict the output for this sample. Repeatable."
)
@click.option("--failed", is_flag=True, help="Instead, list the trials that failed, grouped by error.")
@sweep_options
@json_option
def show(
    source: str,
    where: Sequence[str],
    inputs: Sequence[str],
    failed: bool,
    overrides: Sequence[str],
    trainer: str,
    results: str,
    as_json: bool,
) -> None:
    """Show one trial of a sweep, named by its settings or by the first digits of its id, with its notes and tags. If
    several trials match, list them, and summarise them if only their seeds differ.

    The trial is trained again to show its weights before and after; the result must equal the stored one.

    \b
    Example:
      nnsweep show sweeps/forum.toml alpha=0.01 hidden=4 epochs=6 seed=7
      nnsweep show forum --failed
    """
    from dataclasses import replace

    from nnsweep.questions.trial import inspection
    from nnsweep.questions.trial.failures import format_failures
    from nnsweep.questions.trial.text import LISTED, format_cell, format_kept, format_trial, listed

    whole = open_with_untrained(source, results, overrides, trainer)
    notes = _read_notes(whole.folder)
    stored = replace(whole, grid=inspection.matching(whole.grid, whole.sweep, where))
    if failed:
        groups = inspection.failures(stored)
        text, content = format_failures(groups, stored.folder.root), [group.to_json() for group in groups]
    elif len(stored.grid) > 1:
        summary = inspection.cell(stored)
        trials = [inspection.labelled(stored.sweep, trial) for trial in stored.grid]
        found = stored.outcomes.chosen([trial.id for trial in (trials if as_json else trials[:LISTED])])
        text = listed(trials, found, notes) + (f"\n{format_cell(summary)}" if summary else "")
        shown = (inspection.Shown(trial, found.get(trial.id), remarks=notes.of(trial.id)) for trial in trials)
        content = [each.to_json() for each in shown] if as_json else []
    else:
        shown = inspection.show(stored, stored.grid[0], [_numbers(numbers) for numbers in inputs], trainer)
        shown = replace(shown, remarks=notes.of(shown.trial.id))
        kept = format_kept(shown.files, shown.logged)
        text = format_trial(
            shown.trial, shown.outcome, shown.details, shown.printed, shown.without, shown.remarks, kept
        )
        content = shown.to_json()
    if as_json:
        print_json(content)
    else:
        echo(text)


def _read_notes(folder: Folder) -> Notes:
    """Read the notes, and warn if they are damaged: the trials can be shown without them."""
    from nnsweep.folder.notes import Notes, read_notes

    try:
        return read_notes(folder)
    except StoreError as error:
        echo(f"warning: {error}", err=True)
        return Notes()


def _numbers(text: str) -> list[float]:
    try:
        return [float(number) for number in text.split(",")]
    except ValueError:
        raise NnsweepError(f"--input {text}: not all of these are numbers; allowed: numbers, such as 1,0,0") from None
