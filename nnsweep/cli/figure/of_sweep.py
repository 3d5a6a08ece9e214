"""Figures of a whole sweep."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from nnsweep.cli.figure.group import figure, format_files_written, output_option
from nnsweep.cli.options import results_option, set_option, sweep_argument, takes, trust_option, where_option
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


@figure.command("best_so_far", short_help="The best value that a search had found after each training.")
@_of_sweep
@metric_option
@click.option(
    "--with",
    "others",
    metavar="SWEEP",
    multiple=True,
    help="A repetition: a stored search that differs in its seed alone. Repeatable.",
)
def best_so_far(**given: Any) -> None:
    """Draw the best value that a search had found after each of its trainings or, of a halving, epochs. Beside
    repetitions, the line is their median, and a band shows how much they differ. Alone, a search that learns nothing
    has a band over the orders in which it might have tried its configurations.

    \b
    Examples:
      nnsweep figure best_so_far xor_search
      nnsweep figure best_so_far xor_search --with xor_search_1 --with xor_search_2
    """
    _draw("best_so_far", **given)


@figure.command(short_help="Every configuration of a search over each axis.")
@_of_sweep
@metric_option
def axes(**given: Any) -> None:
    """Draw every configuration over each axis: its success rate, or the median of a metric with its spread over the
    seeds. The best and those that may be the best are marked, and so are those that diverged or failed.

    \b
    Example:
      nnsweep figure axes xor_search --metric loss
    """
    _draw("axes", **given)


@figure.command(short_help="Every configuration of a search as a line through its values.")
@_of_sweep
@metric_option
def parallel(**given: Any) -> None:
    """Draw parallel coordinates: a line through the values of each configuration on all axes, dark if it is good. It
    has a gap where an axis does not count.

    \b
    Example:
      nnsweep figure parallel xor_search
    """
    _draw("parallel", **given)


@figure.command(short_help="How much each axis explains, by a surrogate.")
@_of_sweep
@metric_option
def importances(**given: Any) -> None:
    """Draw what share of the variance over the space each axis and each pair of axes explains: functional ANOVA of a
    surrogate that is fitted to the configurations. If the surrogate predicts too little, there is no figure.

    \b
    Example:
      nnsweep figure importances xor_search
    """
    _draw("importances", **given)


@figure.command(short_help="The value over two axes of a search, by a surrogate.")
@_of_sweep
@metric_option
@click.option("--against", metavar="AXIS,AXIS", help="Draw over these axes instead of those that explain most.")
def contour(**given: Any) -> None:
    """Draw the value over two axes, averaged over all others by a surrogate, and the configurations on it. It is grey
    where none is near.

    \b
    Example:
      nnsweep figure contour xor_search --against alpha,hidden
    """
    _draw("contour", **given)


@figure.command(short_help="The configurations of a search by two metrics, and those in front.")
@_of_sweep
def pareto(**given: Any) -> None:
    """Draw the configurations of a search by two metrics, and mark those of which no other is better by both.

    \b
    Example:
      nnsweep figure pareto small_and_good
    """
    _draw("pareto", **given)


@figure.command(short_help="How far each configuration of a race or a halving came.")
@_of_sweep
@metric_option
def stages(**given: Any) -> None:
    """Draw the value of each configuration of a race or a halving after each number of seeds or epochs, to where it was
    stopped, in a colour that says why.

    \b
    Example:
      nnsweep figure stages raced
    """
    _draw("stages", **given)


def _draw(
    kind: str,
    source: str,
    where: Sequence[str],
    formats: Sequence[str],
    output: Path | None,
    overrides: Sequence[str],
    results: str,
    others: Sequence[str] = (),
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
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    if others:
        beside = (drawing.overview(open_stored(other, results, ())) for other in others)
        given["others"] = [each.narrowed(where) for each in beside]
    paths = drawing.write(overview, stored.folder, kind, given, formats, output)
    echo(format_files_written(paths, lacking_characters(overview.sweep, overview.metrics)))
