"""The command line: one file per verb, which parses, calls and prints.

The group imports a verb's file when that verb is asked for. A verb imports what it calls in the first lines of its
function, so that `--help` loads the command line alone.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from nnsweep.cli.group import cli
from nnsweep.cli.output import echo
from nnsweep.cli.streams import prepare
from nnsweep.errors import NnsweepError

__all__ = ["cli", "main"]

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


def _run(args: Sequence[str] | None) -> Any:
    """Run the program, and give its exit code when all that it says is written."""
    try:
        status = cli.main(args, prog_name="nnsweep", standalone_mode=False)
    except SystemExit as left:  # A verb ends so where trials have failed.
        status = left.code
    if sys.stdout is not None:
        sys.stdout.flush()
    return status


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the program and leave it with its exit code."""
    prepare()
    gc.set_threshold(1_000_000)  # a grid is many small objects and no cycles: collecting at 700 takes a tenth of a run
    try:
        status = _run(args)
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except NnsweepError as error:
        echo(f"Error: {error}", err=True)
        status = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        # CPython ends by SIGINT, not with our code, where Ctrl-C came through an exec such as a dataclass's; unless
        # another one ends well after it.
        exec("")
        echo("Interrupted. What was trained is stored; run the same command to go on.", err=True)
        status = INTERRUPTED
    gc.freeze()  # What is left ends with the process: to look it through for cycles takes a tenth of a second.
    sys.exit(status or 0)
