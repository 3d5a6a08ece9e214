"""Write the pages that are made from the program: `python docs/generate.py`. A test holds that they are up to date."""

from __future__ import annotations

import inspect
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from columns import meaning  # beside this file

import nnsweep
from nnsweep import nn, sweepfile, trainers
from nnsweep.cli import cli
from nnsweep.report.html.colours import SCALES, scale_rules
from nnsweep.sweepfile import reference
from nnsweep.tables.failure_patterns import CONDITIONS, MEANINGS

DOCS = Path(__file__).parent

SMALL = """
name = "small"
fixed = { train_size = 20, test_size = 20, split = "shuffled" }
axes = { hidden = [2, 4], seed = { count = 2 } }
success = { metric = "error", below = 0.3 }
"""
"""Four trials, whose tables have every column that tables have."""


def verbs() -> str:
    """Describe every verb: its help, its usage, its options."""
    lines = [
        "# Verbs",
        "",
        "What `nnsweep VERB --help` prints. Made from the program by `python docs/generate.py`.",
        "",
        "The exit code is 0 when all trials ended well, 1 when some failed, 2 for a mistake in the file or the",
        "command, and 130 after Ctrl-C, which loses nothing: run the command again and it goes on.",
        "",
    ]
    lines += _verbs(cli, click.Context(cli, info_name="nnsweep"), level=2)
    return "\n".join(lines).rstrip()


def _verbs(group: click.Group, context: click.Context, level: int) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and not command.hidden:
            yield from _verb(command, context, name, level)


def _verb(command: click.Command, parent: click.Context, name: str, level: int) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent, max_content_width=100)
    formatter = context.make_formatter()
    command.format_usage(context, formatter)
    usage = formatter.getvalue().strip().removeprefix("Usage: ")
    yield from (f"{'#' * level} `{context.command_path}`", "", "```text", usage, "```", "")
    yield from _help(inspect.cleandoc(command.help or ""))
    options = [option.get_help_record(context) for option in command.params if isinstance(option, click.Option)]
    if options:
        yield from ("| option | what it does |", "|---|---|")
        yield from (f"| `{_cell(option)}` | {_cell(said)} |" for option, said in filter(None, options))
        yield ""
    if isinstance(command, click.Group):
        yield from _verbs(command, context, level + 1)


def _help(text: str) -> Iterator[str]:
    """Give paragraphs as they are; those that click is told not to wrap are commands."""
    for paragraph in text.split("\n\n"):
        if not paragraph.startswith("\b\n"):
            yield from (paragraph, "")
            continue
        title, *commands = paragraph.splitlines()[1:]
        yield from (title, "", "```text", inspect.cleandoc("\n" + "\n".join(commands)), "```", "")


def keys() -> str:
    """Describe every key of a sweep file."""
    return reference.file_markdown(trainers.load("mlp"))


def parameters() -> str:
    """Describe every parameter of the built-in trainer."""
    return reference.markdown(trainers.load("mlp"))


def blocks() -> str:
    """List what networks are built of: names and formulas, as the tables and docstrings of `nnsweep.nn` have them."""
    slopes = {name: _formula(each.derivative) if each.derivative else "" for name, each in nn.OUTPUTS.items()}
    activations = {name: _formula(each.function) for name, each in nn.OUTPUTS.items()}
    losses = {name: _formula(each.value) for name, each in nn.LOSSES.items()}
    outputs = {name: ", ".join(f"`{one}`" for one in each.outputs) for name, each in nn.LOSSES.items()}
    rules = {name: _text(each.rule) for name, each in nn.OPTIMIZERS.items()}
    hyperparameters = {
        name: ", ".join(f"`{one}`" for one in ("learning_rate", *each.hyperparameters))
        for name, each in nn.OPTIMIZERS.items()
    }
    parts = [
        ("Activations", ["`activation`, `output`", "function", "derivative"], activations, slopes),
        ("Losses", ["`loss`", "of preactivations z, outputs y and targets t", "outputs"], losses, outputs),
        ("Optimisers", ["`optimizer`", "one step", "hyperparameters"], rules, hyperparameters),
        (
            "Initial weights",
            ["`init`", "drawn from"],
            _formulas({name: each.draw for name, each in nn.INITIALIZERS.items()}),
        ),
        ("Order of the draws", ["`draws`", "order"], _formulas(nn.DRAWS)),
        ("Batches", ["`reduction`", "gradients of a batch"], _formulas(nn.REDUCTIONS)),
        ("Metrics", ["`metrics`", "what it is", "of", "better"], *_metrics()),
    ]
    return "\n".join(line for part in parts for line in _part(*part)).rstrip()


def _metrics() -> tuple[dict[str, str], ...]:
    """Say of each metric what it is, which targets it has a meaning for, and which way it is better."""
    meanings = {name: _text(metric.value) for name, metric in nn.METRICS.items()}
    targets = {
        name: "classes" if "amounts" not in metric.targets else "any targets" for name, metric in nn.METRICS.items()
    }
    return meanings, targets, {name: "higher" if metric.higher else "lower" for name, metric in nn.METRICS.items()}


def _part(title: str, heads: list[str], *columns: Mapping[str, str]) -> Iterator[str]:
    yield from (f"### {title}", "", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|")
    for name in columns[0]:
        yield f"| `{name}` | {' | '.join(_cell(column[name]) for column in columns)} |"
    yield ""


def _formulas(table: Mapping[str, Callable[..., Any]]) -> dict[str, str]:
    return {name: _formula(function) for name, function in table.items()}


def _formula(function: Callable[..., Any]) -> str:
    return (inspect.getdoc(function) or "").partition("\n\n")[0].replace("\n", " ")


def _text(function: Callable[..., Any]) -> str:
    return " ".join((inspect.getdoc(function) or "").split())


def signatures() -> str:
    """Tabulate why trials fail, in the order in which a trial is told by them, with the numbers' bounds."""
    lines = ["| signature | what it means | where |", "|---|---|---|"]
    for name, what in MEANINGS.items():
        where = f"`{CONDITIONS[name]}`" if name in CONDITIONS else ""
        lines.append(f"| {name} | {_cell(what)} | {where} |")
    return "\n".join(lines)


def columns() -> str:
    """Describe every column of the tables that a small sweep gives."""
    lines: list[str] = []
    for name, found in _tables().items():
        lines += [f"## `{name}`", "", "| column | what it is |", "|---|---|"]
        lines += [f"| `{column}` | {_cell(meaning(name, column))} |" for column in _named(found)]
        lines.append("")
    return "\n".join(lines).rstrip()


def _tables() -> dict[str, Iterable[str]]:
    with tempfile.TemporaryDirectory() as folder:
        found = nnsweep.run(sweepfile.loads(SMALL), folder, jobs=1, figures=False)
        return {
            "trials.csv": found.trials.columns,
            "summary.csv": found.summary.columns,
            "history.csv": found.history.columns,
            "compare_….csv": ["axis", *found.compare(on="hidden=2,4").table.columns],
            "best.csv": found.best().table.columns,
            "diagnosis.csv": found.diagnose().table.columns,
        }


def _named(found: Iterable[str]) -> list[str]:
    """Columns in order, with `{axis}` and `{metric}` in place of those of the small sweep."""
    named = [re.sub("^error", "{metric}", column) for column in found]
    return list(dict.fromkeys("{axis}" if name in ("axis", "hidden", "seed") else name for name in named))


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


PAGES: dict[str, Callable[[], str]] = {
    "parameters.md": parameters,
    "verbs.md": verbs,
    "generated/keys.md": keys,
    "generated/blocks.md": blocks,
    "generated/columns.md": columns,
    "generated/signatures.md": signatures,
}
"""Files, and what makes them."""


if __name__ == "__main__":
    for page, make in PAGES.items():
        (DOCS / page).write_text(make() + "\n", encoding="utf-8")
    SCALES.write_text(scale_rules() + "\n", encoding="utf-8")
