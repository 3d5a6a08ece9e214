"""Figures of one trial: boundary, trace, surface and preactivation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from nnsweep.cli.figure.group import figure, format_files_written, output_option
from nnsweep.cli.options import sweep_options, takes, trial_argument
from nnsweep.cli.output import echo
from nnsweep.errors import NnsweepError

inputs_option = click.option(
    "--inputs", default="", metavar="A,B", help="The inputs to vary, by name or number; the others stay constant."
)

range_option = click.option(
    "--range",
    "ranges",
    multiple=True,
    metavar="LOW,HIGH",
    help="The range of both inputs. Give it twice for a range of each.",
)

unit_option = click.option(
    "--unit", type=click.IntRange(min=1), metavar="N", help="Which output to draw, if there are several."
)


points_option = click.option(
    "--points",
    type=click.IntRange(2, 1000),
    metavar="N",
    help="Points along each side of the grid; default: 20, or 120 if the output has steps.",
)


@figure.command(short_help="A trial's decision regions, and the samples.")
@trial_argument
@inputs_option
@range_option
@output_option
@sweep_options
def boundary(inputs: str, ranges: Sequence[str], **given: Any) -> None:
    """Draw the class that a trial's network predicts at each point of two inputs, the lines where its hidden units
    switch, and the samples, with crosses on the wrong ones. Data with one input give a curve.

    \b
    Examples:
      nnsweep figure boundary sweeps/forum.toml alpha=0.01 hidden=4 epochs=6 seed=7
      nnsweep figure boundary iris hidden=8 seed=0 --inputs "petal length,petal width" -o iris.pdf
    """
    _draw("boundary", inputs=_words(inputs), ranges=_ranges(ranges), **given)


_of_surface = takes(
    trial_argument, inputs_option, range_option, unit_option, points_option, output_option, sweep_options
)


@figure.command(short_help="A trial's output as a surface.")
@_of_surface
def surface(inputs: str, ranges: Sequence[str], **given: Any) -> None:
    """Draw the output of a trial's network over two inputs as a surface, and the samples at their targets.

    \b
    Example:
      nnsweep figure surface sweeps/two_layer.toml seed=1
    """
    _draw("surface", inputs=_words(inputs), ranges=_ranges(ranges), **given)


@figure.command(short_help="A trial's output before its step or sigmoid, as a surface.")
@_of_surface
def preactivation(inputs: str, ranges: Sequence[str], **given: Any) -> None:
    """Draw the preactivation of the output, before its step or sigmoid, as a surface over two inputs.

    \b
    Example:
      nnsweep figure preactivation sweeps/forum.toml alpha=0.01 hidden=4 epochs=6 seed=7
    """
    _draw("preactivation", inputs=_words(inputs), ranges=_ranges(ranges), **given)


@figure.command(short_help="A trial's weights at every step of training.")
@trial_argument
@click.option(
    "--weights", default="", metavar="W11,W12,…", help="Only these weights, such as w11, b1, 2.w11 or the pattern w1*."
)
@click.option(
    "--every",
    type=click.IntRange(min=1),
    metavar="N",
    default=1,
    show_default=True,
    help="Draw only every so many steps.",
)
@output_option
@sweep_options
def trace(weights: str, every: int, **given: Any) -> None:
    """Draw weights and biases over the steps of training. In the first layer, w12 is the weight of unit 1 from input 2,
    and b1 is the bias of unit 1; 2.w11 is a weight of the second layer.

    \b
    Example:
      nnsweep figure trace sweeps/forum.toml alpha=0.01 hidden=4 epochs=6 seed=7 --weights w11,w12
    """
    _draw("trace", weights=_words(weights), every=every, **given)


def _draw(
    kind: str,
    what: Sequence[str],
    output: Path | None,
    overrides: Sequence[str],
    trainer: str,
    results: str,
    **options: Any,
) -> None:
    """Find the trial, draw the figure and write it. A wrong suffix is reported before anything is trained."""
    from nnsweep.figures.style import boxes, check_format, save
    from nnsweep.files import write_file
    from nnsweep.questions.trial import replay
    from nnsweep.questions.trial.titles import default_path

    if output is not None:
        check_format(output)
    stored = replay.locate(what, Path(results), overrides, trainer)
    path = output or default_path(stored.folder, stored.trial, kind)
    drawn = stored.figure(kind, **options)
    if output is None:
        stored.folder.make_part(path.parent)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, lambda draft: save(drawn, draft))
    echo(format_files_written([path], boxes(drawn)))


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _ranges(texts: Sequence[str]) -> list[tuple[float, float]]:
    if len(texts) > 2:
        raise NnsweepError(f"--range: found {len(texts)}; allowed: one for both inputs, or one for each")
    return [_range(text) for text in texts]


def _range(text: str) -> tuple[float, float]:
    try:
        low, high = map(float, text.split(","))
    except ValueError:
        low = high = float("nan")
    if not -float("inf") < low < high < float("inf"):
        raise NnsweepError(f"--range {text}: allowed: two numbers, the lower first, such as 0,5")
    return low, high
