"""The verb `activations`: look at untrained networks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import formats_option, json_option, results_option
from nnsweep.cli.output import echo
from nnsweep.cli.stored import print_json
from nnsweep.errors import NnsweepError


@cli.command(short_help="Draw the activations of untrained networks.")
@click.option(
    "--activation",
    "chosen",
    multiple=True,
    metavar="NAME",
    help="Use this one instead of sigmoid, relu and tanh. Repeatable.",
)
@click.option(
    "--samples", type=click.IntRange(1, 100_000), metavar="N", default=1000, show_default=True, help="Inputs, N(0, 1)."
)
@click.option(
    "--width", type=click.IntRange(1, 2000), metavar="N", default=100, show_default=True, help="Units of each layer."
)
@click.option(
    "--layers",
    type=click.IntRange(1, 20),
    metavar="N",
    default=5,
    show_default=True,
    help="Layers, one after the other.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    metavar="N",
    default=0,
    show_default=True,
    help="What inputs and weights are drawn with.",
)
@results_option
@click.option("--no-figures", is_flag=True, help="Write only the table.")
@formats_option
@json_option
def activations(
    chosen: Sequence[str],
    samples: int,
    width: int,
    layers: int,
    seed: int,
    results: str,
    no_figures: bool,
    formats: Sequence[str],
    as_json: bool,
) -> None:
    """Send random inputs through untrained layers, with initial weights of four scales: do the activations keep their
    spread, or do they vanish, saturate or die?

    \b
    Example:
      nnsweep activations --activation relu --layers 10
    """
    from nnsweep.nn import ACTIVATIONS
    from nnsweep.questions.initialization import experiments
    from nnsweep.questions.initialization.table import format_activations

    for name in chosen:
        if name not in ACTIVATIONS:
            raise NnsweepError(f"--activation {name}: unknown; allowed: {', '.join(ACTIVATIONS)}")
    experiment = experiments.Activations(chosen or experiments.Activations.activations, samples, width, layers, seed)
    paths = experiment.write(Path(results), not no_figures, formats)
    if as_json:
        print_json(experiment.table)
    else:
        echo(format_activations(experiment.table))
        echo(f"written: {' and '.join(map(str, paths))}")
