"""Verbs that train: run, retry, and plan, which says what would be."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nnsweep.cli.group import (
    FAILED,
    RESULTS,
    all_files_option,
    cli,
    jobs_option,
    json_option,
    results_option,
    set_option,
    sweep_argument,
    timeout_option,
    trainer_option,
)
from nnsweep.cli.stored import asked, print_json
from nnsweep.errors import NnsweepError

if TYPE_CHECKING:
    from nnsweep.power import Power
    from nnsweep.spec.sweep import Sweep


@cli.command(short_help="Run what is missing, then write tables and figures.")
@sweep_argument
@jobs_option
@timeout_option
@set_option
@trainer_option
@results_option
@click.option("--dry-run", is_flag=True, help="Only say what would run, as `nnsweep plan` does.")
@click.option("--fresh", is_flag=True, help="Set the stored trials aside, and train everything anew.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first trial that fails.")
@click.option("--no-figures", is_flag=True, help="Write the tables only: no figures, no report.")
@all_files_option
@click.option("--verify", type=click.IntRange(min=1), metavar="N", help="Train N trials again, and compare the bits.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
def run(
    source: str,
    jobs: int | None,
    timeout: float | None,
    overrides: Sequence[str],
    trainer: str,
    results: str,
    dry_run: bool,
    fresh: bool,
    fail_fast: bool,
    no_figures: bool,
    all_files: bool,
    verify: int | None,
    quiet: bool,
) -> None:
    """Run the trials of a sweep that are not stored yet, then write its tables and figures.

    \b
    Example:
      nnsweep run sweeps/forum.toml --set seed={count=10} --results elsewhere
    """
    from nnsweep import api, report

    sweep, results = asked(source, results, overrides, trainer)
    if dry_run:
        click.echo(report.planned(sweep, api.plan(sweep, results, jobs)))
        return
    options: Any = {"jobs": jobs, "timeout": timeout, "fail_fast": fail_fast, "quiet": quiet, "all_files": all_files}
    found = api.run(sweep, results, figures=not no_figures, fresh=fresh, **options)
    if not quiet:
        click.echo(found)
    if found.failed and not quiet:
        words = (source, overrides, trainer, results)
        click.echo(f"to see what failed: {_command('show', *words)} --failed")
        click.echo(f"to train again what failed: {_command('retry', *words)}")
    same = _verified(sweep, Path(results), verify, quiet) if verify else True
    if found.failed or not same:
        sys.exit(1)


def _command(verb: str, source: str, overrides: Sequence[str], trainer: str, results: str) -> str:
    options = [word for text in overrides for word in ("--set", text)]
    options += ["--trainer", trainer] if trainer else []
    options += [] if results == RESULTS else ["--results", results]
    return shlex.join(["nnsweep", verb, source, *options])


def _verified(sweep: Sweep, results: Path, count: int, quiet: bool) -> bool:
    from nnsweep import replay
    from nnsweep.report.show import told_of_verification

    checked = replay.verify(sweep, results, count)
    same = all(differs is None for _, differs in checked)
    if not (quiet and same):
        click.echo(told_of_verification(checked), err=not same)
    return same


@cli.command(short_help="Train again what failed, crashed or timed out.")
@sweep_argument
@click.option("--where", multiple=True, metavar="NAME=VALUE", help="Only trials with this setting. Repeatable.")
@click.option("--status", "statuses", default=FAILED, show_default=True, help="Only trials that ended so.")
@jobs_option
@timeout_option
@set_option
@trainer_option
@results_option
@click.option("--fail-fast", is_flag=True, help="Stop at the first trial that fails.")
@click.option("--no-figures", is_flag=True, help="Write the tables only: no figures, no report.")
@all_files_option
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
def retry(
    source: str,
    where: Sequence[str],
    statuses: str,
    jobs: int | None,
    timeout: float | None,
    overrides: Sequence[str],
    trainer: str,
    results: str,
    fail_fast: bool,
    no_figures: bool,
    all_files: bool,
    quiet: bool,
) -> None:
    """Train stored trials again, by default those that came to no end; then write tables and figures.

    A failure is a result: `nnsweep run` does not train it again. What is stored of a trial is replaced when its new
    outcome is there.

    \b
    Example:
      nnsweep retry sweeps/forum.toml --where hidden=4 --status timeout --timeout 60
    """
    from nnsweep import api, inspection

    wanted = _statuses(statuses)
    sweep, results = asked(source, results, overrides, trainer)
    ids = {trial.id for trial in inspection.find(sweep, where)} if where else None
    options: Any = {"jobs": jobs, "timeout": timeout, "fail_fast": fail_fast, "quiet": quiet, "all_files": all_files}
    found = api.retry(sweep, results, ids=ids, statuses=wanted, figures=not no_figures, **options)
    if not quiet:
        click.echo(found)
    if found.failed and not quiet:
        click.echo(f"to see what failed: {_command('show', source, overrides, trainer, results)} --failed")
    if found.failed:
        sys.exit(1)


def _statuses(text: str) -> list[str]:
    from typing import get_args

    from nnsweep.trainers import Status

    statuses, allowed = [each.strip() for each in text.split(",")], get_args(Status)
    for status in statuses:
        if status not in allowed:
            raise NnsweepError(f"--status {text}: no status `{status}`; allowed: {', '.join(allowed)}")
    return statuses


@cli.command(short_help="Say what would run.")
@sweep_argument
@jobs_option
@set_option
@trainer_option
@results_option
@click.option("--on", metavar="AXIS=VALUE,VALUE", help="Two values of an axis: how many seeds would tell them apart?")
@click.option("--difference", type=click.FloatRange(0, 1, min_open=True), default=0.1, show_default=True, metavar="D")
@click.option("--rate", type=click.FloatRange(0, 1), metavar="R", help="Assume this success rate, not those stored.")
@json_option
def plan(
    source: str,
    jobs: int | None,
    overrides: Sequence[str],
    trainer: str,
    results: str,
    on: str | None,
    difference: float,
    rate: float | None,
    as_json: bool,
) -> None:
    """Say which trials are new, stored and stale, and about how long the new ones take. With --on, say how many seeds
    it takes to find a --difference of two settings' success rates with 80 % power: from the rates that are stored, or
    from an assumed --rate of the first setting.

    A stale trial has the parameters of one of the grid, but its trainer was of another version, or its data were
    others: it is kept, and trained anew.

    \b
    Example:
      nnsweep plan sweeps/forum.toml --set seed={count=60}
      nnsweep plan sweeps/forum.toml --on hidden=2,4 --difference 0.1
    """
    from nnsweep import api, report

    sweep, results = asked(source, results, overrides, trainer)
    found = api.plan(sweep, results, jobs)
    power = _power(sweep, Path(results), on, difference, rate) if on else None
    if as_json:
        print_json({"name": sweep.name, **found.to_json(), **({"power": power.to_json()} if power else {})})
    else:
        click.echo(report.planned(sweep, found))
        if power:
            click.echo(power)


def _power(sweep: Sweep, results: Path, on: str, difference: float, rate: float | None) -> Power:
    from nnsweep.power import power

    return power(sweep, results, on, difference, rate)


@cli.command(short_help="Say that a trainer's changed source means the same.")
@sweep_argument
@set_option
@trainer_option
@results_option
@json_option
def accept(source: str, overrides: Sequence[str], trainer: str, results: str, as_json: bool) -> None:
    """Say that the source of a trainer of yours has changed without changing what it gives: its stored trials are taken
    as those of the present source, and none is trained anew.

    They get the ids that they would have now. What was stored before the change stays as it is, and the store's table
    of runs tells which trials were accepted.

    \b
    Example:
      nnsweep accept grid.toml
    """
    from nnsweep import api, report

    sweep, results = asked(source, results, overrides, trainer)
    counts = api.accept(sweep, results)
    plan = api.plan(sweep, results)
    if as_json:
        print_json({"name": sweep.name, "accepted": counts, "new": plan.new, "cached": plan.cached})
    else:
        click.echo(report.accepted(sweep, counts, plan))
