"""The verb `diagnose`: find out why trials fail."""

from __future__ import annotations

from collections.abc import Sequence

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import (
    all_files_option,
    formats_option,
    json_option,
    results_option,
    set_option,
    sweep_argument,
    trust_option,
    where_option,
)
from nnsweep.cli.output import echo
from nnsweep.cli.stored import format_written, open_stored, print_json


@cli.command(short_help="Say why trials fail.")
@sweep_argument
@where_option
@set_option
@results_option
@trust_option
@click.option("--no-figures", is_flag=True, help="Write only the table.")
@all_files_option
@formats_option
@json_option
def diagnose(
    source: str,
    where: Sequence[str],
    overrides: Sequence[str],
    results: str,
    no_figures: bool,
    all_files: bool,
    formats: Sequence[str],
    as_json: bool,
) -> None:
    """Say why trials fail: how many have a constant output, dead units or another signature, where each signature is
    most frequent, and how the failing trials differ from the successes.

    For a whole sweep, write a table and a heatmap. With --where, list example trials, which you can replay.
    `nnsweep show SWEEP --failed` lists the errors that trials raised.

    \b
    Examples:
      nnsweep diagnose forum
      nnsweep diagnose forum --where alpha=0.01 --where hidden=4
    """
    from nnsweep.questions.diagnose.diagnosis import Diagnosis
    from nnsweep.report.bounds import FIGURES, format_unwritten

    stored = open_stored(source, results, overrides)
    diagnosis = Diagnosis.stored(stored, where)
    many = 0 if no_figures or all_files or len(diagnosis.figures) <= FIGURES else len(diagnosis.figures)
    paths = [] if stored.differs else diagnosis.write(not no_figures and not many, formats)
    if as_json:
        print_json(diagnosis.to_json())
        return
    echo(diagnosis)
    if paths or stored.differs:
        echo(format_written(stored, paths))
    if paths and many:
        echo(format_unwritten({"diagnosis": many}, {}))
