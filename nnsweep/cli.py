"""The command line: parse, call, print."""

from __future__ import annotations

import gc
import shlex
import signal
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from nnsweep.errors import NnsweepError

if TYPE_CHECKING:
    from nnsweep.spec.sweep import Sweep

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""

RESULTS = "results"
"""Where results folders are."""

FAILED = "failed,crashed,timeout"
"""How trials end that `retry` trains again: written out, as `--help` should not wait for the trainers."""


class Verbs(click.Group):
    """Verbs, and `run` where the first word is a file instead."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `run` in front of a sweep file, or of an option of `run`."""
        if args and args[0] not in (*self.commands, "--help", "-h", "--version"):
            verbs = [] if Path(args[0]).exists() else get_close_matches(args[0], self.commands, n=1)
            if verbs:
                raise click.UsageError(f"no verb and no file `{args[0]}`; did you mean `{verbs[0]}`?", ctx)
            args = ["run", *args]
        return super().parse_args(ctx, args)


CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

grid_argument = click.argument("grid", metavar="GRID.TOML", type=click.Path(path_type=Path))
set_option = click.option(
    "--set", "overrides", multiple=True, metavar="NAME=VALUES", help="Beat the file: alpha=0.01,0.02. Repeatable."
)
results_option = click.option(
    "--results", default=RESULTS, show_default=True, metavar="DIR", help="Where results folders are."
)
jobs_option = click.option(
    "-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="Worker processes; chosen by the expected time."
)

timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="How long one training may take; beats [run].",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


@click.group(cls=Verbs, context_settings=CONTEXT)
@click.version_option(package_name="nnsweep")
def cli() -> None:
    """Sweep hyperparameters of small neural networks over many seeds.

    \b
    nnsweep grid.toml          run what is missing, then write tables and figures
    nnsweep run grid.toml      the same
    nnsweep VERB --help        more about a verb
    """


@cli.command(short_help="Run what is missing, then write tables and figures.")
@grid_argument
@jobs_option
@timeout_option
@set_option
@results_option
@click.option("--dry-run", is_flag=True, help="Only say what would run, as `nnsweep plan` does.")
@click.option("--fresh", is_flag=True, help="Set the stored trials aside, and train everything anew.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first trial that fails.")
@click.option("--no-figures", is_flag=True, help="Write the tables only.")
@click.option("--verify", type=click.IntRange(min=1), metavar="N", help="Train N trials again, and compare the bits.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
def run(
    grid: Path,
    jobs: int | None,
    timeout: float | None,
    overrides: Sequence[str],
    results: str,
    dry_run: bool,
    fresh: bool,
    fail_fast: bool,
    no_figures: bool,
    verify: int | None,
    quiet: bool,
) -> None:
    """Run the trials of a sweep that are not stored yet, then write its tables and figures.

    \b
    Example:
      nnsweep run sweeps/forum.toml --set seed={count=10} --results elsewhere
    """
    from nnsweep import api, report

    sweep = api.load(grid, overrides)
    if dry_run:
        click.echo(report.planned(sweep, api.plan(sweep, results, jobs)))
        return
    options: Any = {"jobs": jobs, "timeout": timeout, "fail_fast": fail_fast, "quiet": quiet}
    found = api.run(sweep, results, figures=not no_figures, fresh=fresh, **options)
    if not quiet:
        click.echo(found)
    if found.failed and not quiet:
        click.echo(f"to train again what failed: {_retrying(grid, overrides, results)}")
    same = _verified(sweep, Path(results), verify, quiet) if verify else True
    if found.failed or not same:
        sys.exit(1)


def _retrying(grid: Path, overrides: Sequence[str], results: str) -> str:
    options = [word for text in overrides for word in ("--set", text)]
    options += [] if results == RESULTS else ["--results", results]
    return shlex.join(["nnsweep", "retry", str(grid), *options])


def _verified(sweep: Sweep, results: Path, count: int, quiet: bool) -> bool:
    from nnsweep import replay
    from nnsweep.report.show import told_of_verification

    checked = replay.verify(sweep, results, count)
    same = all(differs is None for _, differs in checked)
    if not (quiet and same):
        click.echo(told_of_verification(checked), err=not same)
    return same


@cli.command(short_help="Train again what failed, crashed or timed out.")
@grid_argument
@click.option("--where", multiple=True, metavar="NAME=VALUE", help="Only trials with this setting. Repeatable.")
@click.option("--status", "statuses", default=FAILED, show_default=True, help="Only trials that ended so.")
@jobs_option
@timeout_option
@set_option
@results_option
@click.option("--fail-fast", is_flag=True, help="Stop at the first trial that fails.")
@click.option("--no-figures", is_flag=True, help="Write the tables only.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
def retry(
    grid: Path,
    where: Sequence[str],
    statuses: str,
    jobs: int | None,
    timeout: float | None,
    overrides: Sequence[str],
    results: str,
    fail_fast: bool,
    no_figures: bool,
    quiet: bool,
) -> None:
    """Train stored trials again, by default those that came to no end; then write tables and figures.

    A failure is a result: `nnsweep run` does not train it again. What is stored of a trial is replaced when its new
    outcome is there.

    \b
    Example:
      nnsweep retry sweeps/forum.toml --where hidden=4 --status timeout --timeout 60
    """
    from nnsweep import api, inspection

    wanted = _statuses(statuses)
    sweep = api.load(grid, overrides)
    ids = {trial.id for trial in inspection.find(sweep, where)} if where else None
    options: Any = {"jobs": jobs, "timeout": timeout, "fail_fast": fail_fast, "quiet": quiet}
    found = api.retry(sweep, results, ids=ids, statuses=wanted, figures=not no_figures, **options)
    if not quiet:
        click.echo(found)
    if found.failed:
        sys.exit(1)


def _statuses(text: str) -> list[str]:
    from typing import get_args

    from nnsweep.trainers import Status

    statuses, allowed = [each.strip() for each in text.split(",")], get_args(Status)
    for status in statuses:
        if status not in allowed:
            raise NnsweepError(f"--status {text}: no status `{status}`; allowed: {', '.join(allowed)}")
    return statuses


@cli.command(short_help="Say what would run.")
@grid_argument
@jobs_option
@set_option
@results_option
@json_option
def plan(grid: Path, jobs: int | None, overrides: Sequence[str], results: str, as_json: bool) -> None:
    """Say which trials are new, stored and stale, and about how long the new ones take.

    A stale trial has the parameters of one of the grid, but its trainer was of another version, or its data were
    others: it is kept, and trained anew.

    \b
    Example:
      nnsweep plan sweeps/forum.toml --set seed={count=60}
    """
    import json

    from nnsweep import api, report

    sweep = api.load(grid, overrides)
    found = api.plan(sweep, results, jobs)
    told = report.planned(sweep, found)
    click.echo(json.dumps({"name": sweep.name, **found.to_json()}, indent=2) if as_json else told)


@cli.command(short_help="List the results folders.")
@results_option
@click.option("--verify", is_flag=True, help="Check every stored row; exit code 1 if one is not as it was written.")
@json_option
def ls(results: str, verify: bool, as_json: bool) -> None:
    """List the results folders, a line each: name, trials by status, when they were trained, description.

    \b
    Example:
      nnsweep ls --verify
    """
    import json

    from nnsweep import catalog

    found = catalog.entries(Path(results), verify)
    told = catalog.told(found, Path(results))
    click.echo(json.dumps([entry.to_json() for entry in found], indent=2) if as_json else told)
    if any(entry.problem for entry in found):
        sys.exit(1)


@cli.command(short_help="Write a sweep's trials as CSV, JSON or Parquet.")
@click.argument("source", metavar="GRID.TOML|NAME")
@click.option("--where", multiple=True, metavar="NAME=VALUE", help="Only trials with this setting. Repeatable.")
@click.option("--columns", metavar="A,B,…", help="These columns: those of the table, parameters, seconds, failure.")
@click.option("--format", "form", type=click.Choice(["csv", "json", "parquet"]), help="csv, or by the output's name.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Instead of standard output.")
@results_option
def export(
    source: str, where: Sequence[str], columns: str | None, form: str | None, output: Path | None, results: str
) -> None:
    """Write the trials of a sweep, as it was last run, from its store: id, axes, status, metrics, success.

    \b
    Example:
      nnsweep export forum --where hidden=4 --columns id,alpha,seed,error,seconds -o four.csv
    """
    from nnsweep import export

    if form is None:
        suffix = output.suffix.removeprefix(".").lower() if output else ""
        form = suffix if suffix in export.FORMATS else "csv"
    wanted = [name.strip() for name in columns.split(",")] if columns else []
    frame = export.table(export.folder_of(source, Path(results)), where, wanted)
    if output is None:
        click.echo(export.to_text(frame, form), nl=False)
    else:
        export.write(frame, output, form)


@cli.command(short_help="Show one trial: its outcome, weights and outputs.")
@grid_argument
@click.argument("where", nargs=-1, metavar="[NAME=VALUE | ID]...")
@click.option("--input", "inputs", multiple=True, metavar="X,X,…", help="Also predict this sample. Repeatable.")
@click.option("--failed", is_flag=True, help="Instead, group the trials that failed by what they failed of.")
@set_option
@results_option
@json_option
def show(
    grid: Path,
    where: Sequence[str],
    inputs: Sequence[str],
    failed: bool,
    overrides: Sequence[str],
    results: str,
    as_json: bool,
) -> None:
    """Show one trial of a sweep, named by its settings or by the first digits of its id; a list if several match.

    The trial is trained again, which must give what is stored, for its weights before and after.

    \b
    Example:
      nnsweep show sweeps/forum.toml alpha=0.01 hidden=4 epochs=6 seed=7
      nnsweep show sweeps/forum.toml --failed
    """
    import json

    from nnsweep import api, inspection
    from nnsweep.report.failures import told_of_failures
    from nnsweep.report.show import listed, told_of_trial

    sweep = api.load(grid, overrides)
    trials = inspection.find(sweep, where)
    if failed:
        groups = inspection.failures(sweep, trials, Path(results))
        told = told_of_failures(groups)
        click.echo(json.dumps([group.to_json() for group in groups], indent=2) if as_json else told)
        return
    if len(trials) > 1:
        click.echo(listed(trials, inspection.stored(sweep, trials, Path(results))))
        return
    found = inspection.show(sweep, trials[0], Path(results), [_numbers(text) for text in inputs])
    told = told_of_trial(found.trial, found.outcome, found.details)
    click.echo(json.dumps(found.to_json(), indent=2) if as_json else told)


def _numbers(text: str) -> list[float]:
    try:
        return [float(number) for number in text.split(",")]
    except ValueError:
        raise NnsweepError(f"--input {text}: not all of it is numbers; allowed: numbers, such as 1,0,0") from None


@cli.command("replay", short_help="Train a stored trial again: is it the same?")
@click.argument("what", nargs=-1, required=True, metavar="ID | GRID.TOML [NAME=VALUE | ID]...")
@click.option("--check", is_flag=True, help="Compare it with the store, bit for bit; exit code 1 if it differs.")
@click.option("--trace", is_flag=True, help="Write its weights at every step: a CSV file and a figure.")
@click.option("--every", type=click.IntRange(min=1), default=1, show_default=True, help="Trace each so many steps.")
@set_option
@results_option
def replay_(what: Sequence[str], check: bool, trace: bool, every: int, overrides: Sequence[str], results: str) -> None:
    """Train a stored trial again, alone. It is named by the first digits of its id, or by a sweep and its settings.

    \b
    Examples:
      nnsweep replay 0a1b2c --check
      nnsweep replay sweeps/forum.toml alpha=0.01 hidden=4 epochs=6 seed=7 --trace
    """
    from nnsweep import api, replay
    from nnsweep.report.show import told_of_replay
    from nnsweep.report.trace import write_trace

    if what[0].endswith(".toml"):
        found = replay.find_stored(api.load(Path(what[0]), overrides), what[1:], Path(results))
    elif len(what) > 1:
        raise NnsweepError(f"{what[0]}: no sweep file; allowed: one id, or a .toml file and conditions such as seed=7")
    else:
        found = replay.find_id(what[0], Path(results))
    again = replay.again(found.trainer, found.trial)
    differs = replay.difference(found.outcome, again) if check else None
    click.echo(told_of_replay(found.trial, again, check, differs))
    if trace:
        paths = write_trace(found.folder, found.trial, replay.trace(found, every))
        click.echo(f"trace: {' and '.join(map(str, paths))}")
    if differs:
        sys.exit(1)


@cli.command(short_help="Draw activations of networks before they learn.")
@click.option("--activation", "chosen", multiple=True, metavar="NAME", help="Instead of sigmoid, relu and tanh.")
@click.option("--samples", type=click.IntRange(1, 100_000), default=1000, show_default=True, help="Inputs, N(0, 1).")
@click.option("--width", type=click.IntRange(1, 2000), default=100, show_default=True, help="Units of each layer.")
@click.option("--layers", type=click.IntRange(1, 20), default=5, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@results_option
@click.option("--no-figures", is_flag=True, help="Write the table only.")
@json_option
def activations(
    chosen: Sequence[str],
    samples: int,
    width: int,
    layers: int,
    seed: int,
    results: str,
    no_figures: bool,
    as_json: bool,
) -> None:
    """Send random inputs through layers that have not learnt, with weights of four scales: do activations keep their
    spread, or vanish, saturate and die?

    \b
    Example:
      nnsweep activations --activation relu --layers 10
    """
    import json

    from nnsweep import experiments
    from nnsweep.analysis.activations import told
    from nnsweep.nn import ACTIVATIONS

    for name in chosen:
        if name not in ACTIVATIONS:
            raise NnsweepError(f"--activation {name}: unknown; allowed: {', '.join(ACTIVATIONS)}")
    found = experiments.Activations(chosen or experiments.Activations.activations, samples, width, layers, seed)
    paths = found.write(Path(results), not no_figures)
    if as_json:
        rows = found.table.astype(object).where(found.table.notna(), None)
        click.echo(json.dumps(rows.to_dict("records"), indent=2))
    else:
        click.echo(told(found.table))
        click.echo(f"written: {' and '.join(map(str, paths))}")


@cli.command(short_help="Compare two settings, or two sweeps, by seed.")
@click.argument("sweeps", nargs=-1, required=True, metavar="SWEEP [SWEEP]")
@click.option("--on", metavar="AXIS=VALUE,VALUE", help="Compare two values of an axis of one sweep.")
@results_option
@click.option("--no-figures", is_flag=True, help="Write the table only.")
@json_option
def compare(sweeps: Sequence[str], on: str | None, results: str, no_figures: bool, as_json: bool) -> None:
    """Compare what is stored of two settings, cell by cell and paired by seed: McNemar's exact test of success,
    Wilcoxon's signed-rank test of the metric, both adjusted for the number of cells. A SWEEP is a file or a name.

    \b
    Examples:
      nnsweep compare forum --on hidden=2,4
      nnsweep compare forum_fixes --on "case=2 test loop fixed,only standardised"
    """
    from nnsweep import comparison

    if len(sweeps) != (1 if on else 2):
        raise NnsweepError("compare: allowed: one sweep and --on axis=value,value, or two sweeps")
    first, *second = sweeps
    found = comparison.within(first, on, Path(results)) if on else comparison.between(first, second[0], Path(results))
    paths = found.write(not no_figures)
    if as_json:
        click.echo(found.table.to_json(orient="records", indent=2))
    else:
        click.echo(f"{found}\nwritten: {' and '.join(map(str, paths))}")


@cli.command("check-gradients", short_help="Hold gradients against differences of the loss.")
@grid_argument
@set_option
@json_option
def check_gradients(grid: Path, overrides: Sequence[str], as_json: bool) -> None:
    """Hold the gradient of every distinct model of a sweep against central differences of its loss.

    A line for each: the largest relative error, where it is, and whether it passes. The exit code is 1 if one fails
    that no setting explains.

    \b
    Example:
      nnsweep check-gradients sweeps/forum.toml --set loss=squared_error --set output=sigmoid
    """
    import json
    from dataclasses import asdict

    from nnsweep import api, inspection
    from nnsweep.report.show import told_of_gradients

    checks = inspection.check_gradients(api.load(grid, overrides))
    click.echo(json.dumps([asdict(check) for check in checks], indent=2) if as_json else told_of_gradients(checks))
    if any(not check.passed and not check.reasons for check in checks):
        sys.exit(1)


@cli.command(short_help="Write a sweep file to start from.")
@click.argument("name", default="forum")
@click.option("-o", "--output", default="grid.toml", show_default=True, type=click.Path(path_type=Path))
@click.option("--list", "listed", is_flag=True, help="List the shipped sweeps.")
def init(name: str, output: Path, listed: bool) -> None:
    """Write a sweep file to start from: one of the shipped sweeps.

    \b
    Example:
      nnsweep init forum && nnsweep grid.toml
    """
    shipped = _shipped()
    if listed:
        click.echo("\n".join(shipped))
        return
    if name not in shipped:
        raise NnsweepError(f"no shipped sweep `{name}`; allowed: {', '.join(shipped)}")
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(shipped[name])
    except FileExistsError:
        raise NnsweepError(f"{output}: exists already; choose another name with --output") from None
    except OSError as error:
        raise NnsweepError(f"{output}: cannot be written: {error.strerror}") from None
    click.echo(f"{output}: written; run it with: nnsweep {output}")


@cli.command(short_help="Print the JSON Schema of a sweep file.")
@click.argument("trainer", default="mlp")
@click.option("--markdown", is_flag=True, help="Print a reference of the trainer's parameters instead, for people.")
def schema(trainer: str, markdown: bool) -> None:
    """Print the JSON Schema of a sweep file, for editors that complete it.

    \b
    Example:
      nnsweep schema > nnsweep.schema.json, and as a file's first line: #:schema ./nnsweep.schema.json
    """
    import json

    from nnsweep import spec, trainers

    found = trainers.load(trainer)
    click.echo(spec.markdown(found) if markdown else json.dumps(spec.json_schema(found), indent=2))


def _shipped() -> dict[str, str]:
    """Find the shipped sweeps: in the installed package, or beside it in a checkout."""
    package = resources.files("nnsweep")
    folders = [package.joinpath("sweeps"), Path(str(package)).parent / "sweeps"]
    files = [file for folder in folders if folder.is_dir() for file in folder.iterdir()]
    texts = {file.name.removesuffix(".toml"): file for file in files if file.name.endswith(".toml")}
    return {name: texts[name].read_text(encoding="utf-8") for name in sorted(texts)}


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the program and leave it with its exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    gc.set_threshold(200_000)  # a grid is many small objects and no cycles: collecting at 700 takes a tenth of a run
    try:
        status: Any = cli.main(args, prog_name="nnsweep", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except NnsweepError as error:
        click.echo(f"Error: {error}", err=True)
        status = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        exec(
            ""
        )  # else CPython ends by SIGINT, not with our code, where Ctrl-C came through an exec such as a dataclass's
        click.echo("Interrupted. What was trained is stored; run the same command to go on.", err=True)
        status = INTERRUPTED
    sys.exit(status or 0)
