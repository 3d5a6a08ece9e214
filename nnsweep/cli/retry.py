"""The verb `retry`: train failed trials again."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import (
    all_files_option,
    fail_fast_option,
    no_figures_option,
    quiet_option,
    sweep_argument,
    sweep_options,
    training_options,
    where_option,
)
from nnsweep.cli.output import echo
from nnsweep.cli.stored import print_next_commands, read_sweep
from nnsweep.errors import NnsweepError
from nnsweep.status import FAILURES, Status


@cli.command(short_help="Train failed, crashed and timed-out trials again.")
@sweep_argument
@where_option
@click.option(
    "--status",
    "statuses",
    metavar="A,B,…",
    default=",".join(FAILURES),
    show_default=True,
    help="Only trials with these statuses.",
)
@training_options
@sweep_options
@fail_fast_option
@no_figures_option
@all_files_option
@quiet_option
def retry(
    source: str,
    where: Sequence[str],
    statuses: str,
    jobs: int | None,
    scheduler: str | None,
    timeout: float | None,
    engine: str,
    overrides: Sequence[str],
    trainer: str,
    results: str,
    fail_fast: bool,
    no_figures: bool,
    all_files: bool,
    quiet: bool,
) -> None:
    """Train stored trials again, by default those that failed, crashed or timed out. Then write tables and figures.

    A failure is a result, so `nnsweep run` does not train it again. The stored outcome of a trial is replaced only when
    the new one is complete.

    \b
    Example:
      nnsweep retry sweeps/forum.toml --where hidden=4 --status timeout --timeout 60
    """
    from nnsweep import api
    from nnsweep.questions.trial import inspection

    wanted = _statuses(statuses)
    sweep, results = read_sweep(source, results, overrides, trainer)
    ids = {trial.id for trial in inspection.find(sweep, where, Path(results))} if where else None
    options: Any = {
        "jobs": jobs,
        "scheduler": scheduler,
        "timeout": timeout,
        "engine": engine,
        "fail_fast": fail_fast,
        "quiet": quiet,
        "all_files": all_files,
    }
    run_results = api.retry(sweep, results, ids=ids, statuses=wanted, figures=not no_figures, **options)
    if not quiet:
        echo(run_results)
    if run_results.failed and not quiet:
        print_next_commands(source, results, overrides, trainer)
    if run_results.failed:
        sys.exit(1)


def _statuses(text: str) -> list[str]:
    statuses, allowed = [each.strip() for each in text.split(",")], get_args(Status)
    for status in statuses:
        if status not in allowed:
            raise NnsweepError(f"--status {text}: no status `{status}`; allowed: {', '.join(allowed)}")
    return statuses
