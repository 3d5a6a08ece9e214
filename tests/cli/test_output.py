"""What a terminal would obey is shown harmless: axis values, failures, names of files, what trials print."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import nnsweep
from nnsweep.format import OBEYED
from tests.helpers import PROJECT, call

ESCAPES = "\x1b[31mred\x1b[0m\x07\x9b2J\u202eabc\x7f"
GRID = f"""
name = "escapes"
description = {json.dumps(ESCAPES)}
trainer = "escaping:train"
[axes]
kind = [{json.dumps(ESCAPES)}, "plain"]
seed = [1, 2]
""".replace("\x7f", "\\u007f")
TRAINER = f"""
def train(kind="a", seed=0):
    print({ESCAPES!r})
    if seed == 2:
        raise ValueError({ESCAPES!r})
    return {{"error": 0.5}}
"""
VERBS = """
run grid.toml --jobs 1
run grid.toml --jobs 1 --no-figures
ls
ls --json
plan grid.toml
show grid.toml
show grid.toml --json
show escapes --failed
show grid.toml seed=2 kind=plain
show grid.toml seed=1 kind=plain
replay grid.toml seed=2 kind=plain
export escapes --columns id,kind,failure
export escapes --format json --columns id,kind,failure
best escapes --metric error
best escapes --metric error --json
diagnose escapes --no-figures
compare escapes --on seed=1,2
show grid.toml kind=none
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    Path("escaping.py").write_text(TRAINER, encoding="utf-8")
    Path("grid.toml").write_text(GRID, encoding="utf-8")
    return tmp_path


def obeyed(text: str) -> list[str]:
    return [line for line in text.split("\n") if OBEYED.search(line.replace("\t", " "))]


def test_no_verb_prints_what_a_terminal_obeys(place, capsys):
    (place / "results" / "escapes" / "tables").mkdir(parents=True)
    (place / "results" / "escapes" / "tables" / f"of somebody{ESCAPES}.csv").write_text("", encoding="utf-8")
    for line in VERBS.split("\n")[1:-1]:
        code, out, err = call(capsys, *line.split())
        own = "" if line.startswith(("run", "replay")) else err  # Trials print to standard error as they train.
        assert obeyed(out + own) == [], line
        assert code in (0, 1, 2), line
    printed = call(capsys, "show", "grid.toml", "seed=2", "kind=plain")[1]
    assert "ValueError: \\x1b[31mred\\x1b[0m\\x07\\x9b2J\\u202eabc\\x7f" in printed


def test_json_gives_the_same_texts(place, capsys):
    assert call(capsys, "grid.toml", "--jobs", "1", "--no-figures", "--quiet")[0] == 1
    trials = json.loads(call(capsys, "export", "escapes", "--format", "json", "--columns", "failure")[1])
    assert sum(ESCAPES in (each["failure"] or "") for each in trials) == 2


def test_python_prints_them_harmless_too(place):
    found = nnsweep.run("grid.toml", jobs=1, figures=False)
    assert obeyed(repr(found)) == []
    assert obeyed(repr(found.trial(seed=2, kind="plain"))) == []


def test_verbs_print_through_one_function():
    """An escape that a verb prints by itself would be obeyed."""
    sources = sorted((PROJECT / "nnsweep" / "cli").rglob("*.py"))
    direct = {path.name for path in sources if re.search(r"click\.echo|\bprint\(", path.read_text(encoding="utf-8"))}
    assert direct == {"output.py", "export.py"}, "export writes bytes, which are those of a file"
