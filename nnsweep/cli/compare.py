"""The verb `compare`: two settings, or two sweeps."""

from __future__ import annotations

from collections.abc import Sequence

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import (
    formats_option,
    json_option,
    results_option,
    set_option,
    trust_option,
)
from nnsweep.cli.output import echo
from nnsweep.cli.stored import format_written, open_stored, print_json
from nnsweep.errors import NnsweepError


@cli.command(short_help="Compare two settings, or two sweeps, by seed.")
@click.argument("sweeps", nargs=-1, required=True, metavar="SWEEP [SWEEP]")
@click.option("--on", metavar="AXIS=VALUE,VALUE", help="Compare two values of an axis of one sweep.")
@click.option("--metric", default="", metavar="NAME", help="Compare this metric instead of the metric of success.")
@set_option
@results_option
@trust_option
@click.option("--no-figures", is_flag=True, help="Write only the table.")
@formats_option
@json_option
def compare(
    sweeps: Sequence[str],
    on: str | None,
    metric: str,
    overrides: Sequence[str],
    results: str,
    no_figures: bool,
    formats: Sequence[str],
    as_json: bool,
) -> None:
    """Compare the stored trials of two settings, cell by cell and paired by seed: McNemar's exact test of success and
    Wilcoxon's signed-rank test of the metric. Both are adjusted for all cells together by sign flips of the seeds. A
    SWEEP is a file, a name or a results folder.

    With two sweeps, the cells and seeds that both have are compared, and the settings in which they differ are listed.
    --set applies to both.

    \b
    Examples:
      nnsweep compare forum --on hidden=2,4
      nnsweep compare forum_fixes --on "case=2 test loop fixed,only standardised"
      nnsweep compare forum forum_cases --metric error
    """
    from nnsweep.report.drawing_process import DrawingProcess

    if len(sweeps) != (1 if on else 2):
        raise NnsweepError("compare: allowed: one sweep and --on axis=value,value, or two sweeps")
    with DrawingProcess() as drawing:
        if not no_figures:
            drawing.start()  # it imports what it needs while trials are read
        from nnsweep.questions.compare import comparison

        first, *second = [open_stored(sweep, results, overrides) for sweep in sweeps]
        compared = comparison.within(first, on, metric) if on else comparison.between(first, second[0], metric)
        paths = [] if first.differs else compared.write(not no_figures, formats, drawing.save_as)
    if as_json:
        print_json(compared.table)
    else:
        echo(compared)
        echo(format_written(first, paths))
