"""The verb `schema`: the JSON Schema of a sweep file."""

from __future__ import annotations

import click

from nnsweep.cli.group import cli
from nnsweep.cli.output import echo


@cli.command(short_help="Print the JSON Schema of a sweep file.")
@click.argument("trainer", default="mlp")
@click.option("--markdown", is_flag=True, help="Print a readable reference of the trainer's parameters instead.")
@click.option("--no-code", is_flag=True, help="Import nothing. A trainer of yours then has any parameters.")
def schema(trainer: str, markdown: bool, no_code: bool) -> None:
    """Print the JSON Schema of a sweep file, for editors that complete it.

    \b
    Example:
      nnsweep schema > nnsweep.schema.json, and as a file's first line: #:schema ./nnsweep.schema.json
    """
    import json

    from nnsweep import trainers
    from nnsweep.sweepfile.reference import markdown as reference
    from nnsweep.sweepfile.schema import json_schema
    from nnsweep.trainers.unimported import load_without_code

    loaded = load_without_code(trainer) if no_code else trainers.load(trainer)
    echo(reference(loaded) if markdown else json.dumps(json_schema(loaded), indent=2))
