"""A folder for users' own modules."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from nnsweep.trainers import plugins

Write = Callable[..., Path]


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Write modules into the working directory; what is imported of them is forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    written: set[str] = set()

    def write(text: str, name: str = "mine.py") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        written.add(Path(name).parts[0].removesuffix(".py"))
        return path

    yield write
    for name in [name for name in sys.modules if name.partition(".")[0] in written]:
        del sys.modules[name]
    for name in [name for name in plugins._loaded if name.partition(":")[0].partition(".")[0] in written]:
        del plugins._loaded[name]
        plugins._sources.pop(name, None)
