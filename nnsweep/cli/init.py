"""The verb `init`: a sweep file to start from."""

from __future__ import annotations

from pathlib import Path

import click

from nnsweep.cli.group import cli
from nnsweep.cli.output import echo
from nnsweep.errors import NnsweepError


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
        echo("\n".join(shipped))
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
    echo(f"{output}: written; run it with: nnsweep {output}")


def _shipped() -> dict[str, str]:
    """Find the shipped sweeps: in the installed package, or beside it in a checkout."""
    from importlib import resources

    package = resources.files("nnsweep")
    folders = [package.joinpath("sweeps"), Path(str(package)).parent / "sweeps"]
    files = [file for folder in folders if folder.is_dir() for file in folder.iterdir()]
    texts = {file.name.removesuffix(".toml"): file for file in files if file.name.endswith(".toml")}
    return {name: texts[name].read_text(encoding="utf-8") for name in sorted(texts)}
