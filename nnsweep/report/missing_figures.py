"""The figures that a run must draw: those that are not in the results folder as they would be drawn now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from nnsweep.design.sweep import Sweep
from nnsweep.execution.progress import Progress
from nnsweep.folder.manifest import Manifest
from nnsweep.folder.save_figures import Draw, Write, save_as
from nnsweep.report.draw import DIFFERENCE
from nnsweep.report.drawing_process import DrawingProcess

BAR_AFTER, BETWEEN_LINES = 1.0, 15.0
"""Seconds until a progress bar appears in a terminal, and between lines of progress without a terminal."""
FOREIGN = "\u0530"
"""The font of figures has all characters before this one: Latin, Greek and Cyrillic letters."""


class Missing:
    """The figures that are not there as they were drawn from `source`; they are drawn by a process, or here."""

    def __init__(self, manifest: Manifest, drawn: Mapping[Path, Draw], source: str) -> None:
        missing = {path: draw for path, draw in drawn.items() if not manifest.is_current(path, source)}
        self.paths = list(missing)
        self._manifest, self._source = manifest, source
        self._figures = [(draw, list(same)) for draw, same in groupby(missing, key=lambda path: missing[path])]
        # Two processes end together if the quickest figures, which have one panel, are drawn last.
        self._figures.sort(key=lambda figure: figure[1][0].stem.endswith(DIFFERENCE))

    def send(self, process: DrawingProcess) -> None:
        """Have a process begin to draw them; `save` takes them."""
        process.send([(draw, [path.suffix for path in paths]) for draw, paths in self._figures])

    def save(self, process: DrawingProcess, quiet: bool) -> None:
        """Put the figures into the folder, one after the other, and draw those that the process has not drawn.

        Raises:
            StoreError: a file cannot be written.
        """
        self._manifest.expect(self.paths)
        with Progress(len(self.paths), quiet, "figures", BAR_AFTER, BETWEEN_LINES) as counting:
            for draw, paths in self._figures:
                contents = process.receive()
                if contents is None:
                    save_as(draw, paths, self._put)
                for path, content in zip(paths, contents or (), strict=False):
                    self._put(path, lambda draft, content=content: draft.write_bytes(content))
                self._manifest.save()  # so that no finished figure is lost if the process is killed
                counting.update(len(paths))

    def _put(self, path: Path, write: Write) -> None:
        self._manifest.put(path, write, self._source)


def lacking_characters(sweep: Sweep, metrics: Sequence[str]) -> list[str]:
    """List the characters of a sweep's names that no installed font has."""
    labels = [str(shown) for axis in sweep.axes for shown in axis.shown.values()]
    texts = [sweep.name, *(axis.name for axis in sweep.axes), *labels, *metrics]
    if all(character < FOREIGN for text in texts for character in text):
        return []
    from nnsweep.figures.fonts import undrawn

    return undrawn(texts)
