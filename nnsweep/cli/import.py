"""The verb `import`: make a sweep of runs that were trained elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import all_files_option, no_figures_option, quiet_option, results_option
from nnsweep.cli.output import echo


@cli.command("import", short_help="Make a sweep of runs from MLflow, W&B, Optuna or a CSV file.")
@click.argument("source", metavar="mlflow:URI|wandb:DIR|optuna:STORAGE[#STUDY]|csv:FILE")
@click.option("--name", default="", metavar="NAME", help="The results folder; default: as the experiment or file.")
@click.option("--seed", default="", metavar="COLUMN", help="The parameter that tells replicates apart; default: seed.")
@click.option("--metric", "metrics", multiple=True, metavar="NAME", help="Read only this metric. Repeatable.")
@click.option("--ignore", "ignored", multiple=True, metavar="COLUMN", help="Leave out this parameter. Repeatable.")
@click.option(
    "--experiment",
    default="",
    metavar="NAME",
    help="The experiment, project or study, where there are several.",
)
@click.option("--step", default="", metavar="COLUMN", help="The steps of a CSV file with a row for each of a run's.")
@click.option("--below", type=float, metavar="X", help="A run succeeds if the first --metric is below this.")
@click.option("--above", type=float, metavar="X", help="A run succeeds if the first --metric is above this.")
@results_option
@no_figures_option
@all_files_option
@quiet_option
def import_(
    source: str,
    name: str,
    seed: str,
    metrics: Sequence[str],
    ignored: Sequence[str],
    experiment: str,
    step: str,
    below: float | None,
    above: float | None,
    results: str,
    no_figures: bool,
    all_files: bool,
    quiet: bool,
) -> None:
    """Store runs that were trained elsewhere in a results folder, and write its tables and figures. Parameters that
    differ between runs become axes. Runs that are there already are not stored again.

    All verbs that only read work on such a sweep: show, best, compare, diagnose, export. It cannot be trained.

    \b
    Example:
      nnsweep import mlflow:sqlite:///mlflow.db --experiment digits --metric accuracy --above 0.9
      nnsweep import csv:runs.csv --seed random_state --metric accuracy
      nnsweep import optuna:sqlite:///study.db#digits
    """
    from nnsweep import api

    imported = api.import_runs(
        source,
        results,
        name=name,
        seed=seed,
        metrics=metrics,
        ignore=ignored,
        experiment=experiment,
        step=step,
        below=below,
        above=above,
        figures=not no_figures,
        all_files=all_files,
        quiet=quiet,
    )
    if not quiet:
        echo(imported)
