"""Figures of one trial: boundary, trace, surface and preactivation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from nnsweep.cli.figure import figure, output_option, told_of_files, trial_argument
from nnsweep.cli.group import results_option, set_option


@figure.command(short_help="A trial's weights at every step of training.")
@trial_argument
@click.option("--weights", default="", metavar="W11,W12,…", help="These: w11, b1, 2.w11, or patterns such as w1*.")
@click.option("--every", type=click.IntRange(min=1), default=1, show_default=True, help="Take each so many steps.")
@output_option
@set_option
@results_option
def trace(
    what: Sequence[str], weights: str, every: int, output: Path | None, overrides: Sequence[str], results: str
) -> None:
    """Draw weights and biases over the steps of training: w12 is that of unit 1 from input 2 in the first layer, b1 the
    bias of unit 1, 2.w11 a weight of the second layer.

    \b
    Example:
      nnsweep figure trace sweeps/forum.toml alpha=0.01 hidden=4 epochs=6 seed=7 --weights w11,w12
    """
    _draw("trace", what, output, overrides, results, weights=_words(weights), every=every)


def _draw(
    kind: str, what: Sequence[str], output: Path | None, overrides: Sequence[str], results: str, **options: Any
) -> None:
    """Find the trial, draw the figure and write it; a suffix that is none is told before anything is trained."""
    from nnsweep import replay
    from nnsweep.figures import check_format, save
    from nnsweep.report.folder import write_file
    from nnsweep.report.trial import default_path

    if output is not None:
        check_format(output)
    stored = replay.locate(what, Path(results), overrides)
    path = output or default_path(stored.folder, stored.trial, kind)
    drawn = stored.figure(kind, **options)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, lambda draft: save(drawn, draft))
    click.echo(told_of_files([path]))


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
