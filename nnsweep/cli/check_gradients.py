"""The verb `check-gradients`: compare gradients with differences of the loss."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from nnsweep.cli.group import cli
from nnsweep.cli.options import json_option, sweep_argument, sweep_options
from nnsweep.cli.output import echo
from nnsweep.cli.stored import print_json, read_sweep


@cli.command("check-gradients", short_help="Compare gradients with differences of the loss.")
@sweep_argument
@sweep_options
@json_option
def check_gradients(source: str, overrides: Sequence[str], trainer: str, results: str, as_json: bool) -> None:
    """Compare the gradient of every distinct model of a sweep with central differences of its loss.

    Print a line for each model: its largest relative error, the parameter that has it, and whether the model passes.
    The exit code is 1 if a model fails and no setting explains why, or if it cannot be checked.

    \b
    Example:
      nnsweep check-gradients sweeps/forum.toml --set loss=squared_error --set output=sigmoid
    """
    from dataclasses import asdict

    from nnsweep.questions.trial import inspection
    from nnsweep.questions.trial.text import format_gradients

    checks = inspection.check_gradients(read_sweep(source, results, overrides, trainer)[0])
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        echo(format_gradients(checks))
    if any(not check.passed and not check.reasons for check in checks):
        sys.exit(1)
