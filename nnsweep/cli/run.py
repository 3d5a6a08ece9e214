"""The verb `run`: train the missing trials."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import (
    all_files_option,
    fail_fast_option,
    jobs_option,
    no_figures_option,
    quiet_option,
    results_option,
    scheduler_option,
    set_option,
    shard_option,
    sweep_argument,
    timeout_option,
    trainer_option,
    trust_option,
)
from nnsweep.cli.output import echo
from nnsweep.cli.stored import print_next_commands, read_sweep

if TYPE_CHECKING:
    from nnsweep.design.sweep import Sweep
    from nnsweep.trials.shards import Shard


@cli.command(short_help="Train the missing trials, then write tables and figures.")
@sweep_argument
@jobs_option
@scheduler_option
@timeout_option
@set_option
@trainer_option
@results_option
@trust_option
@shard_option
@click.option("--dry-run", is_flag=True, help="Only print the plan, like `nnsweep plan`.")
@click.option("--fresh", is_flag=True, help="Move the stored trials to a backup file, and train all trials again.")
@fail_fast_option
@no_figures_option
@all_files_option
@click.option(
    "--verify",
    type=click.IntRange(min=1),
    metavar="N",
    help="Train N stored trials again, and compare them bit for bit.",
)
@quiet_option
def run(
    source: str,
    jobs: int | None,
    scheduler: str | None,
    timeout: float | None,
    overrides: Sequence[str],
    trainer: str,
    results: str,
    shard: Shard | None,
    dry_run: bool,
    fresh: bool,
    fail_fast: bool,
    no_figures: bool,
    all_files: bool,
    verify: int | None,
    quiet: bool,
) -> None:
    """Train the trials of a sweep that are not stored yet, then write its tables and figures.

    \b
    Example:
      nnsweep run sweeps/forum.toml --set seed={count=10} --results elsewhere
      nnsweep run sweeps/forum.toml --shard 3/16
    """
    from nnsweep import api, report

    if shard is not None and verify:
        raise click.UsageError("--verify looks at a whole sweep; leave it out, or --shard")
    sweep, results = read_sweep(source, results, overrides, trainer)
    if dry_run:
        echo(report.format_plan(sweep, api.plan(sweep, results, jobs, shard=shard)))
        return
    options: Any = {
        "jobs": jobs,
        "scheduler": scheduler,
        "timeout": timeout,
        "fail_fast": fail_fast,
        "quiet": quiet,
        "all_files": all_files,
    }
    run_results = api.run(sweep, results, figures=not no_figures, fresh=fresh, shard=shard, **options)
    if not quiet:
        echo(run_results)
    if run_results.failed and not quiet:
        stored = (source, results, overrides) if shard is None else (run_results.folder.name, results, ())
        print_next_commands(*stored, trainer, retry=shard is None)
    same = _verified(sweep, Path(results), verify, quiet) if verify else True
    if run_results.failed or not same:
        sys.exit(1)


def _verified(sweep: Sweep, results: Path, count: int, quiet: bool) -> bool:
    from nnsweep.questions.trial import replay
    from nnsweep.questions.trial.text import format_verification

    checked = replay.verify(sweep, results, count)
    same = all(differs is None for _, differs in checked)
    if not (quiet and same):
        echo(format_verification(checked), err=not same)
    return same
