"""Modules that a user writes, in the working directory of a test."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

from nnsweep.trainers import plugins


class UserModules:
    """Writes modules into a folder, and makes Python forget them, so that no other test meets them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written: set[str] = set()

    def __call__(self, text: str, name: str = "mine.py") -> Path:
        """Write a module, or one of a package: `name` is its file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        self._written.add(Path(name).parts[0].removesuffix(".py"))
        return path

    def forget(self) -> None:
        """Undo every import of what was written, and forget the trainers that were loaded from it."""
        for name in [name for name in sys.modules if name.partition(".")[0] in self._written]:
            del sys.modules[name]
        for name in [name for name in plugins._loaded if name.partition(":")[0].partition(".")[0] in self._written]:
            del plugins._loaded[name]
            plugins._sources.pop(name, None)
