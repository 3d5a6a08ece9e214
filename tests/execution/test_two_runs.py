"""Two runs that are started at once in one folder: one of them works, the other is told so, and nothing is lost."""

import random
import re
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from nnsweep.store import Store
from tests.helpers import PROJECT, call, files, start
from tests.helpers.forked import Forked

REFUSED = r"Error: results/small: (process \d+ on .*|another process) is running a sweep here; wait for it or end it\n"
TABLES = "tables/"
RUN = ("grid.toml", "--no-figures", "--quiet", "--jobs", "1")


def tables(folder: Path) -> dict[str, bytes]:
    return {name: content for name, content in files(folder).items() if name.startswith(TABLES)}


def start_two_at_once(run: Callable[..., subprocess.Popen[str] | Forked], count: int, seed: int, capsys) -> None:
    """Start two runs of the same new sweep, the second a moment after the first."""
    assert call(capsys, *RUN, "--results", "whole") == (0, "", "")
    whole, chance, found = tables(Path("whole/small")), random.Random(seed), Counter[str]()
    for _ in range(count):
        first = run(*RUN)
        with suppress(subprocess.TimeoutExpired):
            first.wait(timeout=chance.choice([0.0, 0.01, chance.uniform(0.0, 1.0)]))
        both = [first, run(*RUN)]
        ends = [(*each.communicate(timeout=100), each.returncode) for each in both]
        for out, err, code in ends:
            assert out == ""
            assert (code, err) == (0, "") or (code == 2 and re.fullmatch(REFUSED, err)), (code, err)
        found[" and ".join(sorted("refused" if code else "ran" for _, _, code in ends))] += 1
        with Store.read(Path("results/small/trials.db")) as store:
            assert store.verify() == 48
            assert sum(each["trials"] for each in store.runs()) == 48, "each trial was trained once"
        assert tables(Path("results/small")) == whole
        assert sorted(files(Path("results/small"))) == sorted(files(Path("whole/small")))
        Path("results").rename(f"results-{sum(found.values())}")
    assert "refused and refused" not in found
    print(f"{count} times two runs at once: {dict(found)}; 0 trials lost or trained twice, 0 hung, 0 tracebacks")


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))


def test_two_runs_at_once(grid, capsys):
    start_two_at_once(start, 2, 1, capsys)


@pytest.mark.slow
def test_two_runs_at_once_at_any_moment(grid, capsys):
    start_two_at_once(Forked, 40, 2, capsys)
