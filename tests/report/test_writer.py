"""Writing the page of a sweep while its figures are drawn."""

from __future__ import annotations

import pytest

import nnsweep
from nnsweep.report.missing_figures import Missing
from nnsweep.threads import libraries

TEXT = """
name = "small"
trainer = "mlp"
fixed = { data = { gate = "xor" }, epochs = 1 }
axes = { alpha = [0.1, 0.2], seed = { count = 2 } }
"""


@pytest.mark.slow  # it imports what draws
def test_the_page_is_computed_by_one_thread_while_figures_are_drawn(tmp_path, monkeypatch):
    def threads() -> list[int]:
        return [each["num_threads"] for each in libraries().info() if each["user_api"] == "blas"]

    used: list[list[int]] = []
    for name in ("send", "save"):
        monkeypatch.setattr(Missing, name, lambda *_: None)
    monkeypatch.setattr("nnsweep.report.html.write_page", lambda *_: used.append(threads()))
    with libraries().limit(limits=2):
        before = threads()
        nnsweep.run(nnsweep.loads(TEXT), tmp_path)
        assert used == [[1] * len(before)]
        assert threads() == before
