"""The verb `replay`: train a stored trial again."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import json_option, sweep_options, trial_argument
from nnsweep.cli.output import echo
from nnsweep.cli.stored import print_json


@cli.command("replay", short_help="Train a stored trial again, and compare.")
@trial_argument
@click.option(
    "--check", is_flag=True, help="Compare the result with the stored one, bit for bit; exit code 1 if it differs."
)
@click.option("--trace", is_flag=True, help="Write the weights of every step as a CSV file and a figure.")
@click.option(
    "--every",
    type=click.IntRange(min=1),
    metavar="N",
    default=1,
    show_default=True,
    help="Trace only every so many steps.",
)
@sweep_options
@json_option
def replay_(
    what: Sequence[str],
    check: bool,
    trace: bool,
    every: int,
    overrides: Sequence[str],
    trainer: str,
    results: str,
    as_json: bool,
) -> None:
    """Train a stored trial again, alone. Name it by the first digits of its id, or by a sweep and its settings. A SWEEP
    is a file, a name or a results folder.

    \b
    Examples:
      nnsweep replay 0a1b2c --check
      nnsweep replay sweeps/forum.toml alpha=0.01 hidden=4 epochs=6 seed=7 --trace
    """
    from dataclasses import asdict

    from nnsweep.questions.trial import replay
    from nnsweep.questions.trial.text import format_replay
    from nnsweep.questions.trial.trace import write_trace

    stored = replay.locate(what, Path(results), overrides, trainer)
    outcome = replay.retrain(stored.trainer, stored.complete, stored.outcome, stored.folder.store)
    differs = replay.compare(stored.trial.id, stored.outcome, outcome, stored.folder.store) if check else None
    paths = write_trace(stored.folder, stored.trial, stored.outcome, stored.trace(every)) if trace else []
    if as_json:
        compared = {"differs": differs} if check else {}
        written = [str(path) for path in paths]
        print_json({"id": stored.trial.id, **asdict(outcome), **compared, "written": written})
    else:
        echo(format_replay(stored.trial, outcome, check, differs))
        echo(f"trace: {' and '.join(map(str, paths))}" if trace else "", nl=trace)
    if differs:
        sys.exit(1)
