"""The verb `best`: the best configuration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import engine_option, jobs_option, json_option, sweep_argument, sweep_options
from nnsweep.cli.output import echo
from nnsweep.cli.stored import format_written, open_stored, print_json

if TYPE_CHECKING:
    from nnsweep.questions.settle.more_seeds import MoreSeeds


@cli.command(short_help="Name the best configuration, and others that may be the best.")
@sweep_argument
@click.option("--metric", default="", metavar="NAME", help="Rank by the median of this metric, not by success.")
@click.option(
    "--highest/--lowest",
    default=None,
    help="Rank high or low values first; default: the better direction of the metric.",
)
@click.option(
    "--confirm", type=click.IntRange(1, 100_000), metavar="N", help="Train the best configuration with N new seeds."
)
@jobs_option
@engine_option
@sweep_options
@json_option
def best(
    source: str,
    metric: str,
    highest: bool | None,
    confirm: int | None,
    jobs: int | None,
    engine: str,
    overrides: Sequence[str],
    trainer: str,
    results: str,
    as_json: bool,
) -> None:
    """Name the configuration that succeeds most often or, with --metric, has the best median. Then list the other
    configurations that may be the best. The list contains the truly best one with 95 % confidence; this is tested by
    sign flips of the seeds, for all configurations together.

    Also estimate the result of the best on seeds that did not choose it, the number of seeds that would separate the
    others from it, and how much each axis matters. With a file, the stored trials of the file's grid are used. With a
    name or a results folder, the sweep as it was last run is used.

    \b
    Example:
      nnsweep best forum --metric error
      nnsweep best forum --confirm 50
    """
    from nnsweep.questions.rank.ranking import ranking

    stored = open_stored(source, results, overrides)
    ranked = ranking(stored, metric, highest)
    confirmed = ""
    if confirm:
        confirmed = ranked.confirm(_more_seeds(source, results, overrides, trainer, jobs, engine), confirm)
    paths = [] if stored.differs else [ranked.write()]
    if as_json:
        print_json(ranked.table)
    else:
        echo(ranked)
        echo(format_written(stored, paths))
    if confirmed:
        echo(confirmed, err=as_json)


def _more_seeds(
    source: str, results: str, overrides: Sequence[str], trainer: str, jobs: int | None, engine: str
) -> MoreSeeds:
    from nnsweep.execution.options import Options
    from nnsweep.questions.settle.more_seeds import source_of

    return source_of(source, Path(results), overrides, trainer, Options(jobs, quiet=True, engine=engine))
