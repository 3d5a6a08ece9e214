"""Save figures in a results folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nnsweep.files import write_file
from nnsweep.folder.manifest import put_beside
from nnsweep.folder.paths import Folder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Draw = Callable[[], "Figure"]
Write = Callable[[Path], object]
"""Writes a file at the path given."""
Put = Callable[[Path, Write], object]
Save = Callable[[Draw, Sequence[Path], Put], None]
"""Draws a figure and saves it, as `save_as` does."""


def write_figures(
    folder: Folder, drawn: Mapping[str, Draw], formats: Sequence[str], save: Save | None = None
) -> list[Path]:
    """Draw figures from stored results, here or by `save`, and list their paths."""
    written: list[Path] = []
    for name, draw in drawn.items():
        paths = [folder.figures / f"{name}.{form}" for form in formats]
        (save or save_as)(draw, paths, lambda path, write: put_beside(folder, path, write))
        written += paths
    return written


def save_as(draw: Draw, paths: Sequence[Path], put: Put = write_file) -> None:
    """Draw a figure once, and let `put` save it at each path, in the format of its suffix."""
    from nnsweep.figures.style import save  # imported here because it takes as long as a small sweep

    figure = draw()
    for path in paths:
        put(path, lambda draft: save(figure, draft))
