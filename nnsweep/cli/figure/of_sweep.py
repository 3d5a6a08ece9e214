"""Figures of a whole sweep: rates, medians, distribution and marginal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from nnsweep.cli.figure.group import figure, format_files_written, output_option, takes
from nnsweep.cli.options import (
    results_option,
    set_option,
    sweep_argument,
    trust_option,
    where_option,
)
from nnsweep.cli.output import echo
from nnsweep.cli.stored import open_stored
from nnsweep.defaults import FIGURE_FORMATS
from nnsweep.errors import NnsweepError

against_option = click.option(
    "--against", metavar="AXIS", help="Draw against this axis, for each combination of the others."
)

metric_option = click.option("--metric", metavar="NAME", help="Use this metric instead of the metric of success.")


_of_sweep = takes(
    sweep_argument,
    where_option,
    click.option(
        "--format",
        "formats",
        multiple=True,
        type=click.Choice(FIGURE_FORMATS),
        help="Use this format instead of those in [report]. Repeatable.",
    ),
    output_option,
    set_option,
    results_option,
    trust_option,
)


@figure.command(short_help="Success rate against the axes of a sweep.")
@_of_sweep
@against_option
def rates(**given: Any) -> None:
    """Draw the success rate against each numeric axis, with a line for each value of the panel axis. The rates are
    averaged over the other numeric axes; axes of names get panels. With --against, all other axes get panels instead.

    \b
    Examples:
      nnsweep figure rates forum
      nnsweep figure rates forum --against alpha --format svg
    """
    _draw("rates", **given)


@figure.command(short_help="The median of a metric against the axes of a sweep.")
@_of_sweep
@metric_option
@against_option
def medians(**given: Any) -> None:
    """Draw the median of a metric in the same way as `rates` draws the success rate.

    \b
    Example:
      nnsweep figure medians forum --against epochs --where alpha=0.01
    """
    _draw("medians", **given)


@figure.command(short_help="A metric of every trial, in strips.")
@_of_sweep
@metric_option
def distribution(**given: Any) -> None:
    """Draw a metric of every trial: a strip of dots and a box for each cell, with rows and columns as in heatmaps and a
    colour for each value of the panel axis. A note counts the trials without a value.

    \b
    Example:
      nnsweep figure distribution forum --where epochs=6
    """
    _draw("distribution", **given)


@figure.command(short_help="Each axis of a sweep, averaged over all others.")
@_of_sweep
@metric_option
def marginal(**given: Any) -> None:
    """Draw the success rate and the median of a metric for each value of each axis, averaged over all other axes. The
    axis that matters most comes first.

    \b
    Example:
      nnsweep figure marginal forum_fixes
    """
    _draw("marginal", **given)


def _draw(
    kind: str,
    source: str,
    where: Sequence[str],
    formats: Sequence[str],
    output: Path | None,
    overrides: Sequence[str],
    results: str,
    **options: str | None,
) -> None:
    from nnsweep.figures.style import check_format
    from nnsweep.report import drawing
    from nnsweep.report.missing_figures import lacking_characters

    if output is not None:
        check_format(output)
        if formats:
            raise NnsweepError("--format and --output: allowed: one of them")
    stored = open_stored(source, results, overrides)
    if stored.differs and output is None:
        raise NnsweepError(f"{stored.folder.root}: its figures are of the sweep that was last run; name a file with -o")
    overview = drawing.overview(stored).narrowed(where)
    given = {name: value for name, value in options.items() if value is not None}
    paths = drawing.write(overview, stored.folder, kind, given, formats, output)
    echo(format_files_written(paths, lacking_characters(overview.sweep, overview.metrics)))
