"""The verb `settle`: add seeds until a question is answered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import json_option, sweep_argument, sweep_options, training_options
from nnsweep.cli.output import echo
from nnsweep.cli.stored import print_json


@cli.command(short_help="Add seeds until two settings are clearly different.")
@sweep_argument
@click.option("--on", required=True, metavar="AXIS=VALUE,VALUE", help="The two values of an axis to compare.")
@click.option("--where", multiple=True, metavar="NAME=VALUE", help="Only cells with this setting. Repeatable.")
@click.option("--each", is_flag=True, help="Settle every cell separately, not all together.")
@click.option(
    "--max-seeds",
    type=click.IntRange(1, 100_000),
    metavar="N",
    default=2_000,
    show_default=True,
    help="Stop at this number.",
)
@training_options
@sweep_options
@json_option
@click.option("-q", "--quiet", is_flag=True, help="Print only the answer.")
def settle(
    source: str,
    on: str,
    where: Sequence[str],
    each: bool,
    max_seeds: int,
    jobs: int | None,
    scheduler: str | None,
    timeout: float | None,
    engine: str,
    overrides: Sequence[str],
    trainer: str,
    results: str,
    as_json: bool,
    quiet: bool,
) -> None:
    """Train more seeds until it is settled, with 95 % confidence, whether the second setting succeeds more often than
    the first.

    The evidence is checked after every round, and the chance of a wrong answer stays below 5 % however many seeds it
    takes. Seeds are added only to cells that are not settled, and are stored like the seeds of the grid. If the command
    is interrupted, run it again and it goes on. If there is no answer, it prints the largest possible difference.

    \b
    Examples:
      nnsweep settle forum --on hidden=2,4 --where alpha=0.007
      nnsweep settle sweeps/forum.toml --on hidden=2,4 --each --max-seeds 500
    """
    from nnsweep.execution.options import Options
    from nnsweep.questions.compare.comparison import two_values
    from nnsweep.questions.settle.more_seeds import source_of
    from nnsweep.questions.settle.seed_sampler import settle
    from nnsweep.questions.settle.settlement import Question
    from nnsweep.trials.where import matching

    options = Options(jobs, timeout, quiet=True, scheduler=scheduler, engine=engine)
    more = source_of(source, Path(results), overrides, trainer, options)
    question = Question(*two_values(more.sweep, on), each=each, most=max_seeds)

    def say(line: str) -> None:
        if not quiet:
            echo(line, err=True)

    settlement = settle(more, question, lambda trials: matching(trials, more.sweep, where), say)
    path = settlement.write()
    if as_json:
        print_json(settlement.table)
    else:
        echo(f"{settlement}\nwritten: {path}")
