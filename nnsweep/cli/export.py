"""The verb `export`: write stored trials to a file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import quiet_option, sweep_argument, sweep_options, where_option
from nnsweep.cli.output import echo
from nnsweep.cli.stored import open_stored
from nnsweep.defaults import EXPORT_FORMATS


@cli.command(short_help="Write a sweep's trials as CSV, JSON, Parquet or Excel.")
@sweep_argument
@click.argument("which", nargs=-1, metavar="[NAME=VALUE | ID]...")
@where_option
@click.option("--columns", metavar="A,B,…", help="Only these: columns of the table, parameters, seconds, failure.")
@click.option("--format", "form", type=click.Choice(EXPORT_FORMATS), help="Default: by the output's ending, or csv.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write this file instead of standard output.",
)
@click.option(
    "--to",
    metavar="TRACKER",
    help="Write to another tracker: mlflow:sqlite:///mlflow.db, tensorboard:DIR, wandb:DIR (offline), trackio[:DIR], "
    "optuna:sqlite:///FILE.db, optuna:journal:FILE.log.",
)
@click.option(
    "--weights",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the weights of one trial, named after the sweep: net.npz, net.safetensors or net.onnx.",
)
@quiet_option
@sweep_options
def export(
    source: str,
    which: Sequence[str],
    where: Sequence[str],
    columns: str | None,
    form: str | None,
    output: Path | None,
    to: str | None,
    weights: Path | None,
    quiet: bool,
    overrides: Sequence[str],
    trainer: str,
    results: str,
) -> None:
    """Write the stored trials of a sweep: id, axes, status, metrics, success. With a file, the trials of its grid are
    written. With a name or a results folder, those of the sweep as it was last run are written.

    With --to they become runs of another tracker, with settings, curves, tags and files. What is there already is not
    written again. In an Optuna study each configuration is a trial, with the seeds' values as attributes.

    With --weights the network of one trial becomes a file that Python, PyTorch or ONNX Runtime can read. The trial is
    named by its settings or the first digits of its id. Weights that were not kept are those of training it again.

    \b
    Example:
      nnsweep export forum --where hidden=4 --columns id,alpha,seed,error,seconds -o four.csv
      nnsweep export forum --to mlflow:sqlite:///mlflow.db
      nnsweep export forum alpha=0.01 hidden=4 epochs=6 seed=7 --weights net.onnx
    """
    if weights is not None:
        if columns or form or output or where or to is not None:
            raise click.UsageError("--weights writes a network; leave out --where, --columns, --format, --output, --to")
        _export_weights(source, results, overrides, which, weights, trainer)
        return
    if which:
        raise click.UsageError(f"found `{which[0]}`; trials of a table are chosen by --where {which[0]}")
    if to is not None:
        if columns or form or output:
            raise click.UsageError("--to writes runs, not a table; leave out --columns, --format and --output")
        _export_to(source, results, overrides, where, to, quiet)
        return
    from nnsweep.folder import export
    from nnsweep.tables.columns import length

    if form is None:
        form = export.format_of(output) if output and str(output) != "-" else "csv"
    wanted = [name.strip() for name in columns.split(",")] if columns else []
    stored = open_stored(source, results, overrides)
    table = export.table(stored, where, wanted)
    if output is None or str(output) == "-":
        for part in export.to_text(table, form):
            click.echo(part.encode(), nl=False)  # the same bytes as in a file
    else:
        export.write(table, output, form)
        missing = export.count_missing(stored, where)
        lacking = f"; not stored: {missing:,} of them" if missing else ""
        echo(f"written: {output}, {length(table):,} of {len(stored.grid):,} trials of {stored.folder.root}{lacking}")


def _export_weights(
    source: str, results: str, overrides: Sequence[str], which: Sequence[str], path: Path, trainer: str
) -> None:
    from nnsweep.folder.weights_files import check_weights_path, write_weights
    from nnsweep.questions.trial.replay import in_stored

    check_weights_path(path)  # before anything is trained
    trial = in_stored(open_stored(source, results, overrides), which, trainer)
    write_weights(trial.weights, path)
    echo(f"written: {path}, trial {trial.trial.id}")


def _export_to(source: str, results: str, overrides: Sequence[str], where: Sequence[str], to: str, quiet: bool) -> None:
    from nnsweep.trackers.export import check_target, export_to

    check_target(to)  # before the store is read
    exported = export_to(open_stored(source, results, overrides), to, where, quiet)
    if exported.left_out or not quiet:
        echo(exported, err=bool(exported.left_out))
    if exported.left_out:
        sys.exit(1)
