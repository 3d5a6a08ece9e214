"""The verb `serve`: a live page of all sweeps."""

from __future__ import annotations

from pathlib import Path

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import no_browser_option, port_option
from nnsweep.cli.output import echo
from nnsweep.defaults import RESULTS


@cli.command(short_help="Show all sweeps in a browser, as they run.")
@click.argument("results", default=RESULTS, metavar="[DIR]")
@port_option
@no_browser_option
def serve(results: str, port: int | None, no_browser: bool) -> None:
    """Show the sweeps of a folder of results folders in a browser on this machine, and those that run as they train.
    The page changes nothing but notes and tags. Ctrl-C ends it.

    This needs two more packages: pip install 'nnsweep[serve]'

    \b
    Example:
      nnsweep serve
      nnsweep serve elsewhere --port 8400 --no-browser
    """
    from nnsweep.serve import server

    def ready(address: str) -> None:
        echo(f"{results}: {address} (Ctrl-C ends it)")
        if not no_browser:
            server.open_browser(address)

    server.serve(Path(results), server.PORT if port is None else port, ready)
