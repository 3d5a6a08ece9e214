"""Trainers that misbehave in every way: no trial is lost or wrong, nothing hangs, nobody sees a traceback.

Each kind is a row of a table, with what must come of it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nnsweep.store import Store
from nnsweep.trainers.failures import signature
from tests.helpers import PROJECT, kinds_of_functions, slow
from tests.helpers.forked import call
from tests.helpers.kinds_of_functions import DEADLY, KINDS, LATE

HUNG = 600.0
"""Seconds by the clock after which a call of all kinds is killed."""

GRID = """
name = "kinds"
trainer = "kinds_of_functions:train"
[axes]
kind = [{kinds}]
seed = [0]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the module of all kinds in it."""
    shutil.copy(kinds_of_functions.__file__, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    return tmp_path


def run(folder: Path, kinds: list[str], *options: str):
    (folder / "grid.toml").write_text(GRID.format(kinds=", ".join(f'"{kind}"' for kind in kinds)), encoding="utf-8")
    return call("grid.toml", "--no-figures", *options, cwd=folder, hung=HUNG)


def outcomes(folder: Path):
    """Give what is stored of each kind."""
    with Store.read(folder / "results" / "kinds" / "trials.db") as store:
        shown = store.sweep_record()
        assert shown is not None
        stored = store.outcomes(trial.id for trial in shown.trials)
        return {
            trial.settings["kind"].removeprefix("'"): stored[trial.id] for trial in shown.trials if trial.id in stored
        }


def wrong(kind, outcome):
    """Say where an outcome is not what the table has; nothing where it is."""
    expected = KINDS[kind][1] if kind in KINDS else {"loss": 1.0}
    if isinstance(expected, dict):
        found = ("ok", expected) == (outcome.status, dict(outcome.metrics))
    else:
        status = "diverged" if expected.startswith("`") else "failed"
        found = (status, expected) == (outcome.status, signature(outcome.failure)[2])
    return "" if found else f"{kind}: {outcome.status} {dict(outcome.metrics)} {signature(outcome.failure or '')[2]}"


@pytest.mark.parametrize(
    ("where", "kinds"),
    [
        pytest.param("--jobs=1", [*KINDS, LATE], id="in process"),
        slow("--jobs=2", [*KINDS, LATE], id="on workers"),
    ],
)
def test_functions(folder, where, kinds):
    done = run(folder, kinds, where)
    assert done.code == 1, done.err[-2000:]
    assert "Traceback" not in done.out
    assert [line for line in done.err.splitlines() if "nnsweep/" in line] == []
    found = outcomes(folder)
    bad = [said for kind in kinds if (said := wrong(kind, found[kind]))]
    print(f"{len(kinds)} functions with {where}: {len(kinds) - len(found)} lost, {len(bad)} wrong")
    assert (found.keys(), bad) == (set(kinds), [])


VERBS = [
    *(["plan", "grid.toml"], ["ls", "--verify"], ["show", "kinds"], ["show", "kinds", "--failed"], ["best", "kinds"]),
    *(["diagnose", "kinds"], ["export", "kinds"], ["export", "kinds", "--json"], ["figure", "medians", "kinds"]),
    *(["show", "grid.toml", "kind=os._exit"], ["replay", "grid.toml", "kind=os._exit", "--check"]),
    *(["run", "grid.toml"], ["retry", "grid.toml", "--where", "kind=RecursionError"]),
]  # fmt: skip


@pytest.mark.slow
def test_every_verb_on_all_of_them(folder):
    run(folder, [*KINDS, LATE])
    done = [(verb, call(*verb, cwd=folder, hung=HUNG)) for verb in VERBS]
    print(f"{len(done)} verbs on {len(KINDS)} kinds")
    assert [(verb, each.err) for verb, each in done if each.code not in (0, 1, 2)] == []
    assert [(verb, each.err) for verb, each in done if "nnsweep/" in each.err] == []


TRIED_AGAIN = "killed", "_exit of C"
"""One signal and one exit: to `retry` and `replay`, the others are like these."""


@pytest.mark.slow
@pytest.mark.parametrize("kind", DEADLY)
def test_what_ends_the_process_ends_one_run_and_then_one_trial(folder, kind):
    kinds = [LATE, kind, "seeds"]
    first = run(folder, kinds)
    assert first.code != 1
    assert "Traceback" not in first.err
    second = run(folder, kinds, "--jobs=1")
    said = "the last run ended without a word, perhaps because of what it trained: training in a worker, which may die"
    assert said in second.err.splitlines()
    found = outcomes(folder)
    assert {name: outcome.status for name, outcome in found.items()} == {LATE: "ok", kind: "crashed", "seeds": "ok"}
    if kind not in TRIED_AGAIN:
        return
    third = call("retry", "grid.toml", "--no-figures", cwd=folder, hung=HUNG)
    assert third.out.splitlines()[-2].startswith("1 trial failed: the worker that trained it died 3 times")
    again = call("replay", "grid.toml", f"kind={kind}", "--check", cwd=folder, hung=HUNG)
    assert (again.code, again.out.splitlines()[-1]) == (0, "as stored, bit for bit")
    assert outcomes(folder).keys() == set(kinds)
