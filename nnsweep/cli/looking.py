"""Verbs that look at what is stored: ls, export, show and replay."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from nnsweep.cli.group import cli, json_option, results_option, set_option, sweep_argument, trainer_option
from nnsweep.cli.stored import grown, opened, print_json
from nnsweep.errors import NnsweepError

FORMATS = ["csv", "json", "parquet", "xlsx"]
"""What `export` writes: those of `nnsweep.export`, written out, as `--help` should not wait for it."""


@cli.command(short_help="List the results folders.")
@results_option
@click.option("--verify", is_flag=True, help="Check every stored row; exit code 1 if one is not as it was written.")
@json_option
def ls(results: str, verify: bool, as_json: bool) -> None:
    """List the results folders, a line each: name, trials by status, when they were trained, description.

    \b
    Example:
      nnsweep ls --verify
    """
    from nnsweep import catalog

    found = catalog.entries(Path(results), verify)
    if as_json:
        print_json([entry.to_json() for entry in found])
    else:
        click.echo(catalog.told(found, Path(results)))
    if any(entry.problem for entry in found):
        sys.exit(1)


@cli.command(short_help="Write a sweep's trials as CSV, JSON, Parquet or Excel.")
@sweep_argument
@click.option("--where", multiple=True, metavar="NAME=VALUE", help="Only trials with this setting. Repeatable.")
@click.option("--columns", metavar="A,B,…", help="These columns: those of the table, parameters, seconds, failure.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="csv, or by the output's name.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Instead of standard output.")
@set_option
@results_option
def export(
    source: str,
    where: Sequence[str],
    columns: str | None,
    form: str | None,
    output: Path | None,
    overrides: Sequence[str],
    results: str,
) -> None:
    """Write the stored trials of a sweep: id, axes, status, metrics, success. Of a file those of its grid, of a name or
    a results folder those of the sweep as it was last run.

    \b
    Example:
      nnsweep export forum --where hidden=4 --columns id,alpha,seed,error,seconds -o four.csv
    """
    from nnsweep import export

    if form is None:
        form = export.format_of(output) if output and str(output) != "-" else "csv"
    wanted = [name.strip() for name in columns.split(",")] if columns else []
    stored = opened(source, results, overrides)
    frame = export.table(stored, where, wanted)
    if output is None or str(output) == "-":
        click.echo(export.to_text(frame, form).encode(), nl=False)  # as a file has it, whatever the terminal
    else:
        export.write(frame, output, form)
        missing = export.count_missing(stored, where)
        lacking = f"; not stored: {missing:,} of them" if missing else ""
        click.echo(f"written: {output}, {len(frame):,} of {len(stored.grid):,} trials of {stored.folder.root}{lacking}")


@cli.command(short_help="Show one trial: its outcome, weights and outputs.")
@sweep_argument
@click.argument("where", nargs=-1, metavar="[NAME=VALUE | ID]...")
@click.option("--input", "inputs", multiple=True, metavar="X,X,…", help="Also predict this sample. Repeatable.")
@click.option("--failed", is_flag=True, help="Instead, group the trials that failed by their error.")
@set_option
@trainer_option
@results_option
@json_option
def show(
    source: str,
    where: Sequence[str],
    inputs: Sequence[str],
    failed: bool,
    overrides: Sequence[str],
    trainer: str,
    results: str,
    as_json: bool,
) -> None:
    """Show one trial of a sweep, named by its settings or by the first digits of its id; a list if several match, and
    if only their seeds differ what they give together.

    The trial is trained again, which must give what is stored, for its weights before and after.

    \b
    Example:
      nnsweep show sweeps/forum.toml alpha=0.01 hidden=4 epochs=6 seed=7
      nnsweep show forum --failed
    """
    from dataclasses import replace

    from nnsweep import inspection
    from nnsweep.report.failures import told_of_failures
    from nnsweep.report.show import listed, told_of_cell, told_of_trial

    whole = grown(source, results, overrides, trainer)
    stored = replace(whole, grid=inspection.matching(list(whole.grid), whole.sweep, where))
    if failed:
        groups = inspection.failures(stored)
        told, content = told_of_failures(groups, stored.sweep.name), [group.to_json() for group in groups]
    elif len(stored.grid) > 1:
        together = inspection.cell(stored)
        trials = [inspection.labelled(stored.sweep, trial) for trial in stored.grid]
        told = listed(trials, stored.outcomes) + (f"\n{told_of_cell(together)}" if together else "")
        content = [inspection.Shown(trial, stored.outcomes.get(trial.id)).to_json() for trial in trials]
    else:
        found = inspection.show(stored, stored.grid[0], [_numbers(text) for text in inputs], trainer)
        told, content = told_of_trial(found.trial, found.outcome, found.details, found.printed), found.to_json()
    if as_json:
        print_json(content)
    else:
        click.echo(told)


def _numbers(text: str) -> list[float]:
    try:
        return [float(number) for number in text.split(",")]
    except ValueError:
        raise NnsweepError(f"--input {text}: not all of it is numbers; allowed: numbers, such as 1,0,0") from None


@cli.command("replay", short_help="Train a stored trial again: is it the same?")
@click.argument("what", nargs=-1, required=True, metavar="ID | SWEEP [NAME=VALUE | ID]...")
@click.option("--check", is_flag=True, help="Compare it with the store, bit for bit; exit code 1 if it differs.")
@click.option("--trace", is_flag=True, help="Write its weights at every step: a CSV file and a figure.")
@click.option("--every", type=click.IntRange(min=1), default=1, show_default=True, help="Trace each so many steps.")
@set_option
@trainer_option
@results_option
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
    """Train a stored trial again, alone. It is named by the first digits of its id, or by a sweep and its settings;
    a SWEEP is a file, a name or a results folder.

    \b
    Examples:
      nnsweep replay 0a1b2c --check
      nnsweep replay sweeps/forum.toml alpha=0.01 hidden=4 epochs=6 seed=7 --trace
    """
    from dataclasses import asdict

    from nnsweep import replay
    from nnsweep.report.show import told_of_replay
    from nnsweep.report.trace import write_trace

    found = replay.locate(what, Path(results), overrides, trainer)
    again = replay.again(found.trainer, found.trial, found.outcome)
    differs = replay.difference(found.outcome, again) if check else None
    paths = write_trace(found.folder, found.trial, found.outcome, found.trace(every)) if trace else []
    if as_json:
        compared = {"differs": differs} if check else {}
        written = [str(path) for path in paths]
        print_json({"id": found.trial.id, **asdict(again), **compared, "written": written})
    else:
        click.echo(told_of_replay(found.trial, again, check, differs))
        click.echo(f"trace: {' and '.join(map(str, paths))}" if trace else "", nl=trace)
    if differs:
        sys.exit(1)
