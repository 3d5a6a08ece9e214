"""`nnsweep show --failed`: what failed with the same error, together."""

import json

import pytest

from nnsweep.questions.trial.failures import Group, format_failures
from nnsweep.trainers.failures import signature
from tests.helpers import call

TRACEBACK = """Traceback (most recent call last):
  File "outer.py", line 3, in <module>
    f(2)
    ^^^^
  File "inner.py", line 7, in f
    raise ValueError("no 2")
ValueError: no 2
  told in two lines
"""
CHAINED = f"""{TRACEBACK}
During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "last.py", line 9, in g
    raise KeyError from error
KeyError
"""
CUT = 'File "cut.py", line 1, in h'


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (TRACEBACK, ("ValueError", "inner.py:7 in f", "ValueError: no 2")),
        (CHAINED, ("KeyError", "last.py:9 in g", "KeyError")),
        ("its worker died three times", ("its worker died three times", "", "its worker died three times")),
        ("", ("", "", "")),
        ('  File "cut.py", line 1, in h', (CUT, "cut.py:1 in h", CUT)),
    ],
)  # fmt: skip
def test_signatures(failure, expected):
    assert signature(failure) == expected


def test_failures_are_grouped_by_what_was_raised_and_where(grid, capsys, monkeypatch):
    from nnsweep.trainers import load

    train = type(load("mlp")).train

    def broken(self, stack):
        bad = [params["seed"] for params in stack if params["seed"] > 0]
        if bad[:1] == [3]:
            raise KeyError("three")
        if bad:
            raise ValueError(f"no seed {bad[0]}")
        return train(self, stack)

    monkeypatch.setattr(type(load("mlp")), "train", broken)
    none = "no trial failed; why trials are no success: nnsweep diagnose small\n"
    assert call(capsys, "show", grid, "--failed") == (0, none, "")
    assert call(capsys, grid, "--no-figures", "--quiet")[0] == 1
    code, out, err = call(capsys, "show", grid, "--failed")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert [lines[0], lines[3]] == ["24 trials failed: ValueError: no seed 1", "12 trials failed: KeyError: 'three'"]
    assert lines[1].startswith("  at ")
    assert lines[1].endswith(" in broken")
    assert lines[2].endswith("  alpha = 0.01, epochs = 1, hidden = 2, seed = 1")
    found = json.loads(call(capsys, "show", grid, "seed=3", "--failed", "--json")[1])
    assert [(each["kind"], each["count"], each["status"]) for each in found] == [("KeyError", 12, "failed")]
    assert lines[5].split()[2] == found[0]["example"]


@pytest.mark.parametrize(("status", "said"), [("failed", "failed"), ("crashed", "crashed"), ("timeout", "timed out")])
def test_a_status_is_said_as_a_verb(status, said, tmp_path):
    group = Group(status, "why", "", 4, "0a1b", "alpha = 0.1", "why")
    assert format_failures([group], tmp_path).splitlines() == [f"4 trials {said}: why", "  such as 0a1b  alpha = 0.1"]
