"""The program's group of verbs."""

from __future__ import annotations

import os
from importlib import import_module

import click
from click.core import ParameterSource

from nnsweep.errors import NnsweepError
from nnsweep.format import nearest, suggest

VERBS = (
    *(
        "accept",
        "activations",
        "artifacts",
        "best",
        "check-gradients",
        "compare",
        "diagnose",
        "export",
        "figure",
        "gc",
        "history",
        "import",
        "init",
        "ls",
        "merge",
    ),
    *("note", "plan", "replay", "retry", "rm", "run", "schema", "serve", "settle", "show", "submit", "tag"),
)
"""Each verb is defined in the file that has its name."""


class Verb(click.Command):
    """A verb. Its options take no empty value, which a shell makes of a variable that is not set."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words behind the verb."""
        rest = super().parse_args(ctx, args)
        for option in self.get_params(ctx):
            given = ctx.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
            value = ctx.params.get(option.name or "")
            if given and isinstance(option, click.Option) and "" in (value or () if option.multiple else [value]):
                allowed = option.metavar or option.type.name.upper()
                raise NnsweepError(f"{option.opts[-1]}: found an empty text; allowed: {allowed}")
        return rest


SPLIT = "; a shell splits braces at commas: write --set 'name={…, …}', in quotes"
"""What is said of words that no verb takes, if one of all words opens a bracket that it does not close."""


class Verbs(click.Group):
    """Verbs, each imported when it is used. `run` is assumed if the first word is not a verb."""

    command_class = Verb

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List all verbs."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a verb's file, which adds it to this group."""
        if cmd_name in VERBS:
            import_module(f"nnsweep.cli.{cmd_name.replace('-', '_')}")
        return super().get_command(ctx, cmd_name)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `run` in front of a sweep file, or of an option of `run`."""
        if any("\0" in word for word in args):
            raise click.UsageError("found a NUL character in an argument; allowed: any other character", ctx)
        if args and args[0] not in (*VERBS, "--help", "-h", "--version"):
            verb = "" if os.path.exists(args[0]) else nearest(args[0], VERBS)
            if verb:
                raise click.UsageError(f"no verb and no file `{args[0]}`{suggest(verb)}", ctx)
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the verb, and say what a shell made of braces if it left words that no verb takes."""
        words = list(ctx.args)
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            if error.message.startswith("Got unexpected extra argument") and any(map(_is_split, words)):
                raise click.UsageError(error.message + SPLIT, error.ctx) from None
            raise


def _is_split(word: str) -> bool:
    """Whether a word has a bracket that it does not close, as `a=linspace=[0` of `a={linspace=[0,1],num=5}`."""
    return word.count("[") != word.count("]") or word.count("{") != word.count("}")


CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=Verbs, context_settings=CONTEXT)
@click.version_option(package_name="nnsweep")
def cli() -> None:
    """Sweep hyperparameters of small neural networks over many seeds.

    \b
    nnsweep grid.toml          run what is missing, then write tables and figures
    nnsweep run grid.toml      the same
    nnsweep VERB --help        more about a verb
    """
