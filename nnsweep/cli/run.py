"""The verb `run`: train the missing trials."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import (
    all_files_option,
    fail_fast_option,
    no_browser_option,
    no_figures_option,
    port_option,
    quiet_option,
    serve_option,
    shard_option,
    sweep_argument,
    sweep_options,
    training_options,
)
from nnsweep.cli.output import echo
from nnsweep.cli.stored import print_next_commands, read_sweep
from nnsweep.defaults import STORE

if TYPE_CHECKING:
    from nnsweep.design.sweep import Sweep
    from nnsweep.results import Results
    from nnsweep.serve.beside import LivePage
    from nnsweep.trials.shards import Shard


@cli.command(short_help="Train the missing trials, then write tables and figures.")
@sweep_argument
@training_options
@sweep_options
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
@serve_option
@port_option
@no_browser_option
@quiet_option
def run(
    source: str,
    jobs: int | None,
    scheduler: str | None,
    timeout: float | None,
    engine: str,
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
    serve: bool,
    port: int | None,
    no_browser: bool,
    quiet: bool,
) -> None:
    """Train the trials of a sweep that are not stored yet, then write its tables and figures.

    \b
    Example:
      nnsweep run sweeps/forum.toml --set seed={count=10} --results elsewhere
      nnsweep run sweeps/forum.toml --shard 3/16
      nnsweep run grid.toml --serve
    """
    from nnsweep.report.drawing_process import DrawingProcess

    if shard is not None and verify:
        raise click.UsageError("--verify looks at a whole sweep; leave it out, or --shard")
    if (port is not None or no_browser) and not serve:
        raise click.UsageError("--port and --no-browser are for the live page; add --serve")
    options: Any = {
        "jobs": jobs,
        "scheduler": scheduler,
        "timeout": timeout,
        "engine": engine,
        "fail_fast": fail_fast,
        "quiet": quiet,
        "all_files": all_files,
    }
    with DrawingProcess() as drawing:
        if not (dry_run or no_figures or shard) and (fresh or not _is_stored(source, results)):
            drawing.start()  # first, because it imports as much as this process still has to
        sweep, results = read_sweep(source, results, overrides, trainer)
        if dry_run:
            _print_plan(sweep, results, jobs, shard)
            return
        options |= {"figures": not no_figures, "fresh": fresh, "shard": shard, "drawing": drawing}
        with _page(sweep, results, shard, port, not no_browser) if serve else nullcontext():
            run_results = _train(sweep, results, options)
    if not quiet:
        echo(run_results)
    if run_results.failed and not quiet:
        stored = (source, results, overrides) if shard is None else (run_results.folder.name, results, ())
        print_next_commands(*stored, trainer, retry=shard is None)
    same = _verified(sweep, Path(results), verify, quiet) if verify else True
    if run_results.failed or not same:
        sys.exit(1)


def _is_stored(source: str, results: str) -> bool:
    """Whether the sweep is stored, if it is named as its file, which is not read yet; else this costs only time."""
    return os.path.exists(Path(results) / Path(source).stem / STORE)  # False also of a name that is too long


def _print_plan(sweep: Sweep, results: str, jobs: int | None, shard: Shard | None) -> None:
    from nnsweep import api
    from nnsweep.report.plan_text import format_plan

    echo(format_plan(sweep, api.plan(sweep, results, jobs, shard=shard)))


def _train(sweep: Sweep, results: str, options: Mapping[str, Any]) -> Results:
    from nnsweep import api

    return api.run(sweep, results, **options)


def _page(sweep: Sweep, results: str, shard: Shard | None, port: int | None, browser: bool) -> LivePage:
    """Make the live page, and print its address."""
    from nnsweep.serve.beside import LivePage

    page = LivePage(Path(results), sweep.name if shard is None else shard.folder(sweep.name), port, browser)
    echo(f"live page: {page.address}", err=True)
    return page


def _verified(sweep: Sweep, results: Path, count: int, quiet: bool) -> bool:
    from nnsweep.questions.trial import replay
    from nnsweep.questions.trial.text import format_verification

    checked = replay.verify(sweep, results, count)
    same = all(differs is None for _, differs in checked)
    if not (quiet and same):
        echo(format_verification(checked), err=not same)
    return same
