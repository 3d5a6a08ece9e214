"""The command line. Each verb has one file, which parses options, calls the package and prints.

The group imports a verb's file only when the verb is used. A verb imports what it calls in the first lines of its
function, so that `--help` loads nothing but the command line.
"""

from __future__ import annotations

import gc as garbage  # `gc` is a verb, whose file gets this name
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from nnsweep.cli.group import cli
from nnsweep.cli.interrupted import what_is_kept
from nnsweep.cli.output import echo
from nnsweep.cli.streams import prepare
from nnsweep.errors import NnsweepError
from nnsweep.pydantic_plugins import leave_out

__all__ = ["cli", "main"]

INTERRUPTED = 130
"""Exit code after Ctrl-C, as in shells."""


def _run(args: Sequence[str] | None) -> Any:
    """Run the program, flush its output and return its exit code."""
    _check_working_directory()
    try:
        status = cli.main(args, prog_name="nnsweep", standalone_mode=False)
    except SystemExit as left:  # a verb exits like this if trials failed
        status = left.code
    if sys.stdout is not None:
        sys.stdout.flush()
    return status


def _check_working_directory() -> None:
    try:
        os.getcwd()
    except OSError as error:
        raise NnsweepError(f"the working directory: {error.strerror}; change to a folder that exists") from None


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the program and leave it with its exit code."""
    prepare()
    leave_out()
    # A grid is many small objects without cycles. The default threshold of 700 costs a tenth of a run.
    garbage.set_threshold(1_000_000)
    try:
        status = _run(args)
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except NnsweepError as error:
        echo(f"Error: {error}", err=True)
        status = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        # If Ctrl-C arrives inside an `exec`, such as that of a dataclass, CPython exits by SIGINT instead of with our
        # code. An `exec` that succeeds resets this.
        exec("")
        echo(what_is_kept(sys.argv[1:] if args is None else args), err=True)
        status = INTERRUPTED
    garbage.freeze()  # the process ends now: a last search for cycles would take a tenth of a second
    sys.exit(status or 0)
