"""The group `figure`, and what its figures share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from nnsweep.cli.group import Verb, cli
from nnsweep.format import did_you_mean


class Kinds(click.Group):
    """Kinds of figures. The error for an unknown kind suggests the nearest one."""

    command_class = Verb

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the kind that the first word names."""
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            allowed = f"{', '.join(self.list_commands(ctx))}{did_you_mean(args[0], self.commands)}"
            raise click.UsageError(f"no figure `{args[0]}`; allowed: {allowed}", ctx)
        return super().resolve_command(ctx, args)


output_option = click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write this .png, .svg or .pdf file instead of a PNG file in the results folder.",
)


@cli.group("figure", cls=Kinds, short_help="Draw a figure of a trial, or of a sweep.")
def figure() -> None:
    """Draw a figure of one trial, which is trained again, or of a sweep, from its stored trials.

    \b
    Example:
      nnsweep figure boundary sweeps/forum.toml alpha=0.01 hidden=4 epochs=6 seed=7
    """


def format_files_written(paths: Sequence[Path], lacking: Sequence[str] = ()) -> str:
    """Name the written files, and the characters that no installed font has."""
    from nnsweep.figures.fonts import format_note

    return "\n".join([f"written: {' and '.join(map(str, paths))}", *([format_note(lacking)] if lacking else [])])
