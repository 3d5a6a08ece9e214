from __future__ import annotations

import pytest

from nnsweep.data import load, refresh
from nnsweep.data.csv import Csv


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Write a file and read it."""
    monkeypatch.chdir(tmp_path)

    def read(content, **form):
        (tmp_path / "a.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
        refresh()
        return load(Csv.model_validate({"csv": "a.csv", "target": "y", **form}))

    return read
