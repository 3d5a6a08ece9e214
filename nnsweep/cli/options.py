"""Arguments and options that several verbs share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from nnsweep.defaults import AUTO, ENGINES, FIGURE_FORMATS, RESULTS

if TYPE_CHECKING:
    from nnsweep.trials.shards import Shard

Command = Callable[..., Any]


def takes(*parameters: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Combine several options and arguments into one decorator. `--help` lists them in this order."""

    def add(command: Command) -> Command:
        for parameter in reversed(parameters):
            command = parameter(command)
        return command

    return add


SWEEP = "GRID.TOML|NAME|FOLDER"
"""A sweep on the command line: its file, its name below `--results`, or its results folder."""

sweep_argument = click.argument("source", metavar=SWEEP)

trial_argument = click.argument("what", nargs=-1, required=True, metavar="ID | SWEEP [NAME=VALUE | ID]...")


def _allow_trainer(ctx: click.Context, option: click.Parameter, name: str) -> str:
    from nnsweep.data import trust

    if name:
        trust.let_in(name)
    return name


trainer_option = click.option(
    "--trainer",
    default="",
    metavar="NAME",
    callback=_allow_trainer,
    help="Import your own trainer, such as mine:train, if only the store names it.",
)


def _trust(ctx: click.Context, option: click.Parameter, trusted: bool) -> None:
    from nnsweep.data import trust

    trust.limit(not trusted)


trust_option = click.option(
    "--trust",
    is_flag=True,
    expose_value=False,
    callback=_trust,
    help="Import what the sweep names from anywhere, not only its folder, this one and installed packages.",
)

set_option = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="NAME=VALUES",
    help="Replace values of the file: alpha=0.01,0.02, search.method=tpe. Repeatable.",
)

where_option = click.option(
    "--where", multiple=True, metavar="NAME=VALUE", help="Only trials with this setting. Repeatable."
)

results_option = click.option(
    "--results", default=RESULTS, show_default=True, metavar="DIR", help="The folder that contains the results folders."
)

jobs_option = click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Worker processes; default: chosen by the expected time.",
)

scheduler_option = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Train on a Dask cluster: tcp://host:8786, a scheduler file (.json), or local:4 to start one here.",
)

timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="How long one training may take; replaces the timeout in [run].",
)

engine_option = click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default=AUTO,
    show_default=True,
    help="What computes small networks; all compute the same. See the extra `fast`.",
)

training_options = takes(jobs_option, scheduler_option, timeout_option, engine_option)
"""How trials are trained."""

sweep_options = takes(set_option, trainer_option, results_option, trust_option)
"""Which sweep is meant, where its results are, and what it may import."""


def _parse_shard(ctx: click.Context, option: click.Parameter, text: str | None) -> Shard | None:
    if text is None:
        return None
    from nnsweep.trials.shards import Shard

    return Shard.parse(text)


shard_option = click.option(
    "--shard",
    metavar="K/N",
    callback=_parse_shard,
    help="Train part K of N of the sweep, into a results folder of its own; `nnsweep merge` joins them.",
)

formats_option = click.option(
    "--format",
    "formats",
    multiple=True,
    default=("png",),
    show_default=False,
    type=click.Choice(FIGURE_FORMATS),
    help="The format of figures; default: png. Repeatable.",
)

no_figures_option = click.option("--no-figures", is_flag=True, help="Write only the tables: no figures and no report.")

all_files_option = click.option(
    "--all-files", is_flag=True, help="Write all tables and figures, even if there are very many."
)

fail_fast_option = click.option("--fail-fast", is_flag=True, help="Stop at the first trial that fails.")

port_option = click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    help="The port of the live page; 0 takes a free one; default: 8321.",
)

no_browser_option = click.option("--no-browser", is_flag=True, help="Open no browser; the address is printed.")

serve_option = click.option("--serve", is_flag=True, help="Show the run in a browser; see `nnsweep serve`.")

quiet_option = click.option("-q", "--quiet", is_flag=True, help="Print only errors.")

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
