"""The program's group of verbs, and the options that several verbs have."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

import click

RESULTS = "results"
"""Where results folders are."""

FAILED = "failed,crashed,timeout"
"""How trials end that `retry` trains again: written out, as `--help` should not wait for the trainers."""


class Verbs(click.Group):
    """Verbs, and `run` where the first word is a file instead."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `run` in front of a sweep file, or of an option of `run`."""
        if args and args[0] not in (*self.commands, "--help", "-h", "--version"):
            verbs = [] if Path(args[0]).exists() else get_close_matches(args[0], self.commands, n=1)
            if verbs:
                raise click.UsageError(f"no verb and no file `{args[0]}`; did you mean `{verbs[0]}`?", ctx)
            args = ["run", *args]
        return super().parse_args(ctx, args)


CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

SWEEP = "GRID.TOML|NAME|FOLDER"
"""How a verb asks for a sweep: by its file, by its name below `--results`, or by its results folder."""

sweep_argument = click.argument("source", metavar=SWEEP)
trainer_option = click.option(
    "--trainer",
    default="",
    metavar="NAME",
    help="Import this trainer of yours, though only what is stored names it: mine:train.",
)
set_option = click.option(
    "--set", "overrides", multiple=True, metavar="NAME=VALUES", help="Beat the file: alpha=0.01,0.02. Repeatable."
)
results_option = click.option(
    "--results", default=RESULTS, show_default=True, metavar="DIR", help="Where results folders are."
)
jobs_option = click.option(
    "-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="Worker processes; chosen by the expected time."
)

timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="How long one training may take; beats [run].",
)

formats_option = click.option(
    "--format",
    "formats",
    multiple=True,
    default=("png",),
    show_default=False,
    type=click.Choice(["png", "svg", "pdf"]),
    help="Of figures, png if not told. Repeatable.",
)

all_files_option = click.option(
    "--all-files", is_flag=True, help="Write every table and figure, however many there are."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


@click.group(cls=Verbs, context_settings=CONTEXT)
@click.version_option(package_name="nnsweep")
def cli() -> None:
    """Sweep hyperparameters of small neural networks over many seeds.

    \b
    nnsweep grid.toml          run what is missing, then write tables and figures
    nnsweep run grid.toml      the same
    nnsweep VERB --help        more about a verb
    """
