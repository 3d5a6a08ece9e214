"""The verb `submit`: train a sweep on a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import engine_option, sweep_argument, sweep_options, timeout_option
from nnsweep.cli.output import echo
from nnsweep.cli.stored import read_sweep
from nnsweep.defaults import AUTO
from nnsweep.errors import NnsweepError


@cli.command(short_help="Train a sweep on a Slurm cluster.")
@sweep_argument
@click.argument("sbatch", nargs=-1, type=click.UNPROCESSED, metavar="[-- SBATCH-OPTION...]")
@click.option("--slurm", is_flag=True, help="Submit to Slurm, the only scheduler of this verb.")
@click.option(
    "-j", "--jobs", type=click.IntRange(min=1), default=16, show_default=True, metavar="N", help="Train N shards."
)
@click.option("--partition", metavar="NAME", help="The partition of the jobs.")
@click.option("--time", metavar="TIME", help="The time limit of each job, such as 2:00:00.")
@click.option("--account", metavar="NAME", help="The account that is charged.")
@click.option("--cpus-per-task", type=click.IntRange(min=1), metavar="N", help="Worker processes of each shard.")
@timeout_option
@engine_option
@sweep_options
@click.option("--dry-run", is_flag=True, help="Only print the scripts.")
def submit(
    source: str,
    sbatch: Sequence[str],
    slurm: bool,
    jobs: int,
    partition: str | None,
    time: str | None,
    account: str | None,
    cpus_per_task: int | None,
    timeout: float | None,
    engine: str,
    overrides: Sequence[str],
    trainer: str,
    results: str,
    dry_run: bool,
) -> None:
    """Submit an array of jobs, each of which trains a shard of the sweep, and a job that merges the shards when all
    have ended, and writes tables and figures. Other options of sbatch follow after `--`.

    A job that meets its time limit stores what it has trained. The same command again submits what is missing.

    \b
    Example:
      nnsweep submit sweeps/forum.toml --slurm --jobs 16 --time 2:00:00 --cpus-per-task 8
      nnsweep submit sweeps/forum.toml --slurm --jobs 4 --dry-run -- --mem=4G --constraint=avx512
    """
    from nnsweep import api
    from nnsweep.data import trust
    from nnsweep.folder.paths import Folder
    from nnsweep.folder.searched import NO_SHARDS
    from nnsweep.folder.slurm import Jobs
    from nnsweep.format import count, count_trials
    from nnsweep.report.plan_text import format_plan
    from nnsweep.trainers import load
    from nnsweep.trials.blocks import number_trainings
    from nnsweep.trials.expand import expand

    if not slurm:
        raise click.UsageError("to which scheduler? allowed: --slurm")
    sweep, results = read_sweep(source, results, overrides, trainer)
    if sweep.search is not None:
        raise NnsweepError(f"{sweep.name}: {NO_SHARDS}")
    plan = api.plan(sweep, results)
    if not plan.new:
        echo(format_plan(sweep, plan))
        return
    trained_by = load(sweep.trainer)
    trainings = int(number_trainings(expand(sweep, trained_by), trained_by).max()) + 1
    named = {"partition": partition, "time": time, "account": account}
    found = Jobs(
        Folder(Path(results) / sweep.name),
        min(jobs, trainings),
        source,
        overrides,
        trainer,
        not trust.is_limited(),
        [
            *(() if timeout is None else ("--timeout", f"{timeout:g}")),
            *(() if engine == AUTO else ("--engine", engine)),
        ],
        [*(f"--{name}={value}" for name, value in named.items() if value is not None), *sbatch],
        () if cpus_per_task is None else (f"--cpus-per-task={cpus_per_task}",),
    )
    if dry_run:
        echo(f"{found.train}\n{found.merge}".removesuffix("\n"))
        return
    array, merge = found.submit()
    echo(
        f"{sweep.name}: {count_trials(plan.new)} to train: array {array} trains {count(found.count, 'shard')}, "
        f"then job {merge} merges into {found.folder.root}\n"
        f"to watch: squeue --job={array},{merge}; what they print is in {found.folder.slurm}"
    )
