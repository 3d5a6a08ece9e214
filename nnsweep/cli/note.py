"""The verb `note`: write notes on a sweep and on its trials."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import json_option, results_option, sweep_argument
from nnsweep.cli.output import echo
from nnsweep.cli.stored import print_json
from nnsweep.errors import NnsweepError


@cli.command(short_help="Write a note on a sweep or on trials, or list the notes.")
@sweep_argument
@click.argument("words", nargs=-1, metavar="[NAME=VALUE | ID]... [TEXT]")
@click.option("--text", metavar="TEXT", help="The text, if it could be taken for a setting or an id.")
@click.option("--edit", type=click.IntRange(min=1), metavar="NUMBER", help="Replace the text of this note.")
@click.option("--remove", type=click.IntRange(min=1), metavar="NUMBER", help="Remove this note.")
@results_option
@json_option
def note(
    source: str,
    words: Sequence[str],
    text: str | None,
    edit: int | None,
    remove: int | None,
    results: str,
    as_json: bool,
) -> None:
    """Write a note on a sweep or, with settings or the first digits of an id as `show` takes them, on its trials.
    Without a text, list the notes and tags of the sweep and of its trials.

    Notes are kept in notes.json of the results folder. They change no id and no table, and may be written while the
    sweep runs.

    \b
    Example:
      nnsweep note forum "the baseline of the paper"
      nnsweep note forum alpha=0.01 hidden=4 epochs=6 seed=7 "its loss jumps at epoch 3"
      nnsweep note forum
      nnsweep note forum --edit 2 "its loss jumps at epochs 3 and 5"
      nnsweep note forum --remove 2
    """
    from nnsweep.folder.notes import change_notes
    from nnsweep.folder.select import find_folder
    from nnsweep.questions.noted.subjects import find_trials, noted_in, split_text
    from nnsweep.questions.noted.text import format_noted, format_written_notes

    folder = find_folder(source, Path(results))
    name = folder.root.name
    if edit is not None or remove is not None:
        _check_alone(words, text, edit, remove)
        if remove is not None:
            removed = change_notes(folder, lambda notes: notes.remove_note(remove))
            echo(f"{name}: removed note {remove}: {removed.text}")
        elif edit is not None:
            new = "".join(words) if text is None else text
            change_notes(folder, lambda notes: notes.edit_note(edit, new))
            echo(f"{name}: changed note {edit}")
        return
    where, text = (words, text) if text is not None else split_text(words, folder)
    ids = find_trials(folder, where)
    if text is not None:
        written = change_notes(folder, lambda notes: notes.add_note(text, ids))
        echo(format_written_notes(name, written, ids))
        return
    found = [each for each in noted_in(folder) if not ids or each.id in ids]
    if as_json:
        print_json([each.to_json() for each in found])
    else:
        echo(format_noted(name, found))


def _check_alone(words: Sequence[str], text: str | None, edit: int | None, remove: int | None) -> None:
    """Make sure that a number comes with a text to replace one, and with nothing to remove it.

    Raises:
        NnsweepError: it does not.
    """
    given = len(words) + (text is not None)
    if edit is not None and (remove is not None or given != 1):
        raise NnsweepError('--edit NUMBER: allowed: one text with it, as in nnsweep note NAME --edit 2 "new text"')
    if remove is not None and given:
        raise NnsweepError("--remove NUMBER: allowed: nothing else with it, as in nnsweep note NAME --remove 2")
