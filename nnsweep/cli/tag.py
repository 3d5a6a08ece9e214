"""The verb `tag`: tag sweeps and trials."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from nnsweep.cli.group import Verb, cli
from nnsweep.cli.options import SWEEP, json_option, results_option
from nnsweep.cli.output import echo
from nnsweep.cli.stored import print_json
from nnsweep.errors import NnsweepError

OPTIONS_WITH_VALUE = ("--results",)


class TagVerb(Verb):
    """A verb that takes `-old` as an argument: the parser gets all such words after a `--`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Move words that begin with one minus sign, other than `-h`, behind the others."""
        end = args.index("--") if "--" in args else len(args)
        words, tags = list[str](), list[str]()
        for before, word in zip(["", *args], args[:end], strict=False):
            is_tag = word[:1] == "-" and word not in ("-", "-h") and word[:2] != "--"
            (tags if is_tag and before not in OPTIONS_WITH_VALUE else words).append(word)
        return super().parse_args(ctx, [*words, "--", *tags, *args[end + 1 :]])


@cli.command(cls=TagVerb, short_help="Add, remove and list tags of sweeps and trials.")
@click.argument("source", required=False, metavar=f"[{SWEEP}]")
@click.argument("words", nargs=-1, metavar="[NAME=VALUE | ID]... [+TAG | -TAG]...")
@results_option
@json_option
def tag(source: str | None, words: Sequence[str], results: str, as_json: bool) -> None:
    """Add tags to a sweep, +TAG, or remove them, -TAG; with settings or the first digits of an id, as `show` takes
    them, of its trials. Without tags, list those of the sweep and of its trials; without a sweep, those of all.

    Tags are kept in notes.json of the results folder. They change no id and no table, and may be set while the sweep
    runs. `nnsweep ls --tag TAG` lists the sweeps that have a tag.

    \b
    Example:
      nnsweep tag forum +baseline -old
      nnsweep tag forum alpha=0.01 hidden=4 epochs=6 seed=7 +odd
      nnsweep tag forum
      nnsweep tag
    """
    from nnsweep.folder.catalog import read_all_notes
    from nnsweep.folder.notes import change_notes
    from nnsweep.folder.select import find_folder
    from nnsweep.format import did_you_mean
    from nnsweep.questions.noted.subjects import find_trials, noted_in
    from nnsweep.questions.noted.text import by_tag, format_all_tags, format_tags

    if source is None:
        notes, problems = read_all_notes(Path(results))
        tags = by_tag(notes)
        echo(format_all_tags(tags, results)) if not as_json else print_json(tags)
        for problem in problems:
            echo(f"warning: {problem}", err=True)
        sys.exit(1 if problems else 0)
    folder = find_folder(source, Path(results))
    add, remove, where = (_starting(words, sign) for sign in ("+", "-", ""))
    ids = find_trials(folder, where)
    missing = change_notes(folder, lambda notes: notes.change_tags(add, remove, ids)) if add or remove else []
    found = [each for each in noted_in(folder) if each.remarks.tags and (not ids or each.id in ids)]
    known = [tag for each in found for tag in each.remarks.tags]
    for tag in missing:
        echo(f"warning: {folder.root.name}: no tag `{tag}` to remove{did_you_mean(tag, known)}", err=True)
    if as_json:
        print_json([{"id": each.id, "settings": each.settings, "tags": each.remarks.tags} for each in found])
    else:
        echo(format_tags(folder.root.name, found))


def _starting(words: Sequence[str], sign: str) -> list[str]:
    """List the words with a sign, without it; for no sign, those that name trials.

    Raises:
        NnsweepError: a word has no sign and names no trials.
    """
    if sign:
        return [word[1:] for word in words if word.startswith(sign)]
    found = [word for word in words if word[:1] not in ("+", "-")]
    for word in found:
        if "=" not in word and not {*word} <= {*"0123456789abcdef"}:
            raise NnsweepError(
                f"`{word}`: allowed: +{word or 'TAG'} adds a tag, -{word or 'TAG'} removes it, hidden=4 "
                "or the first digits of an id name trials"
            )
    return found
