"""Verbs that judge: activations, best, compare, diagnose and check-gradients."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from nnsweep.cli.group import (
    all_files_option,
    cli,
    formats_option,
    jobs_option,
    json_option,
    results_option,
    set_option,
    sweep_argument,
    trainer_option,
)
from nnsweep.cli.stored import asked, opened, print_json, told_of_written
from nnsweep.errors import NnsweepError


@cli.command(short_help="Draw activations of networks before they learn.")
@click.option("--activation", "chosen", multiple=True, metavar="NAME", help="Instead of sigmoid, relu and tanh.")
@click.option("--samples", type=click.IntRange(1, 100_000), default=1000, show_default=True, help="Inputs, N(0, 1).")
@click.option("--width", type=click.IntRange(1, 2000), default=100, show_default=True, help="Units of each layer.")
@click.option("--layers", type=click.IntRange(1, 20), default=5, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@results_option
@click.option("--no-figures", is_flag=True, help="Write the table only.")
@formats_option
@json_option
def activations(
    chosen: Sequence[str],
    samples: int,
    width: int,
    layers: int,
    seed: int,
    results: str,
    no_figures: bool,
    formats: Sequence[str],
    as_json: bool,
) -> None:
    """Send random inputs through layers that have not learnt, with weights of four scales: do activations keep their
    spread, or vanish, saturate and die?

    \b
    Example:
      nnsweep activations --activation relu --layers 10
    """
    from nnsweep import experiments
    from nnsweep.analysis.activations import told
    from nnsweep.nn import ACTIVATIONS

    for name in chosen:
        if name not in ACTIVATIONS:
            raise NnsweepError(f"--activation {name}: unknown; allowed: {', '.join(ACTIVATIONS)}")
    found = experiments.Activations(chosen or experiments.Activations.activations, samples, width, layers, seed)
    paths = found.write(Path(results), not no_figures, formats)
    if as_json:
        print_json(found.table)
    else:
        click.echo(told(found.table))
        click.echo(f"written: {' and '.join(map(str, paths))}")


@cli.command(short_help="Name the best configuration, and those that may be the best instead.")
@sweep_argument
@click.option("--metric", default="", metavar="NAME", help="Rank by the median of this metric, not by success.")
@click.option("--highest/--lowest", default=None, help="Which of the metric is best; default: the metric's own.")
@click.option("--confirm", type=click.IntRange(min=1), metavar="N", help="Train the best with N fresh seeds.")
@jobs_option
@set_option
@trainer_option
@results_option
@json_option
def best(
    source: str,
    metric: str,
    highest: bool | None,
    confirm: int | None,
    jobs: int | None,
    overrides: Sequence[str],
    trainer: str,
    results: str,
    as_json: bool,
) -> None:
    """Name the configuration that succeeds most often, or has the best median with --metric; and those that may be the
    best instead: the truly best is among them with 95 % confidence, by sign flips of the seeds over all configurations
    together. It says what the best gives on seeds that did not choose it, how many seeds would tell the others from it,
    and which axes matter. Of a file it answers for the file's grid, as far as it is stored; of a name or a results
    folder, for the sweep as it was last run.

    \b
    Example:
      nnsweep best forum --metric error
      nnsweep best forum --confirm 50
    """
    from nnsweep.ranking import ranking

    stored = opened(source, results, overrides)
    found = ranking(stored, metric, highest)
    confirmed = ""
    if confirm:
        from nnsweep.execution import Options
        from nnsweep.more_seeds import source_of

        more = source_of(source, Path(results), overrides, trainer, Options(jobs, quiet=True))
        confirmed = found.confirm(more, confirm)
    paths = [] if stored.differs else [found.write()]
    if as_json:
        print_json(found.table)
    else:
        click.echo(found)
        click.echo(told_of_written(stored, paths))
    if confirmed:
        click.echo(confirmed, err=as_json)


@cli.command(short_help="Compare two settings, or two sweeps, by seed.")
@click.argument("sweeps", nargs=-1, required=True, metavar="SWEEP [SWEEP]")
@click.option("--on", metavar="AXIS=VALUE,VALUE", help="Compare two values of an axis of one sweep.")
@click.option("--metric", default="", metavar="NAME", help="Compare this metric, not that of success.")
@results_option
@click.option("--no-figures", is_flag=True, help="Write the table only.")
@formats_option
@json_option
def compare(
    sweeps: Sequence[str],
    on: str | None,
    metric: str,
    results: str,
    no_figures: bool,
    formats: Sequence[str],
    as_json: bool,
) -> None:
    """Compare what is stored of two settings, cell by cell and paired by seed: McNemar's exact test of success,
    Wilcoxon's signed-rank test of the metric, both adjusted for all cells together by sign flips of the seeds. A SWEEP
    is a file, a name or a results folder.

    Of two sweeps, the cells and seeds that both have are compared, and it is said in which settings they differ.

    \b
    Examples:
      nnsweep compare forum --on hidden=2,4
      nnsweep compare forum_fixes --on "case=2 test loop fixed,only standardised"
      nnsweep compare forum forum_cases --metric error
    """
    from nnsweep import comparison

    if len(sweeps) != (1 if on else 2):
        raise NnsweepError("compare: allowed: one sweep and --on axis=value,value, or two sweeps")
    first, *second = [opened(sweep, results) for sweep in sweeps]
    found = comparison.within(first, on, metric) if on else comparison.between(first, second[0], metric)
    paths = [] if first.differs else found.write(not no_figures, formats)
    if as_json:
        print_json(found.table)
    else:
        click.echo(found)
        click.echo(told_of_written(first, paths))


@cli.command(short_help="Say why trials fail.")
@sweep_argument
@click.option("--where", multiple=True, metavar="NAME=VALUE", help="Only trials with this setting. Repeatable.")
@set_option
@results_option
@click.option("--no-figures", is_flag=True, help="Write the table only.")
@all_files_option
@formats_option
@json_option
def diagnose(
    source: str,
    where: Sequence[str],
    overrides: Sequence[str],
    results: str,
    no_figures: bool,
    all_files: bool,
    formats: Sequence[str],
    as_json: bool,
) -> None:
    """Say why trials fail: how many have a constant output, dead units or another signature, where these are most
    frequent, and what distinguishes them from the successes.

    Of a whole sweep, a table and a heatmap are written; of a part, some trials are named, to be replayed. Of
    trials that raised an error, `nnsweep show GRID.TOML --failed` says which.

    \b
    Examples:
      nnsweep diagnose forum
      nnsweep diagnose forum --where alpha=0.01 --where hidden=4
    """
    from nnsweep.diagnosis import Diagnosis
    from nnsweep.report.bounds import FIGURES, format_unwritten

    stored = opened(source, results, overrides)
    found = Diagnosis.stored(stored, where)
    many = 0 if no_figures or all_files or len(found.figures) <= FIGURES else len(found.figures)
    paths = [] if stored.differs else found.write(not no_figures and not many, formats)
    if as_json:
        print_json(found.to_json())
        return
    click.echo(found)
    if paths or stored.differs:
        click.echo(told_of_written(stored, paths))
    if paths and many:
        click.echo(format_unwritten({"diagnosis": many}, {}))


@cli.command("check-gradients", short_help="Hold gradients against differences of the loss.")
@sweep_argument
@set_option
@trainer_option
@results_option
@json_option
def check_gradients(source: str, overrides: Sequence[str], trainer: str, results: str, as_json: bool) -> None:
    """Hold the gradient of every distinct model of a sweep against central differences of its loss.

    A line for each: the largest relative error, where it is, and whether it passes. The exit code is 1 if one fails
    that no setting explains.

    \b
    Example:
      nnsweep check-gradients sweeps/forum.toml --set loss=squared_error --set output=sigmoid
    """
    from dataclasses import asdict

    from nnsweep import inspection
    from nnsweep.report.show import told_of_gradients

    checks = inspection.check_gradients(asked(source, results, overrides, trainer)[0])
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        click.echo(told_of_gradients(checks))
    if any(not check.passed and not check.reasons for check in checks):
        sys.exit(1)
