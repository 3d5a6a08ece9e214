"""What a table shows of a setting comes back from its file, and names the setting on the command line."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

import nnsweep
from nnsweep import sweepfile
from tests.helpers import call

MODULE = """
def train(kind: str = "a", level: str = "a", seed: int = 0):
    return {"loss": len(kind) + len(level) + seed / 10}
"""
HEAD = 'name = "s"\ntrainer = "kinds:train"\n[success]\nmetric = "loss"\nbelow = 5\n'
KINDS = ["none", "None", "NA", "null", "nan", "True", "1e5", "inf", "relu"]


@pytest.fixture
def run(module):
    module(MODULE, "kinds.py")
    return lambda text: nnsweep.run(sweepfile.loads(HEAD + text), "results", jobs=1, figures=False)


def exported(capsys, *where: str) -> pd.DataFrame:
    options = [option for each in where for option in ("--where", each)]
    code, out, err = call(capsys, "export", "s", *options)
    assert (code, err) == (0, "")
    return pd.read_csv(StringIO(out))


def test_texts_that_look_like_something_else_stay_texts(run, capsys):
    found = run(f"[axes]\nkind = {KINDS}\nseed = {{ count = 2 }}\n")
    labels = ["none", "'None", "'NA", "'null", "'nan", "'True", "'1e5", "'inf", "relu"]
    back = pd.read_csv("results/s/tables/trials.csv")
    assert back["kind"].tolist() == found.trials["kind"].tolist() == [label for label in labels for _ in range(2)]
    assert pd.read_csv("results/s/tables/summary.csv")["kind"].tolist() == labels
    for kind, label in zip(KINDS, labels, strict=True):
        for said in (kind, label, f'"{kind}"'):
            assert exported(capsys, f"kind={said}")["kind"].tolist() == [label] * 2
        assert found.trial(kind=kind, seed=1).trial.settings["kind"] == kind


def test_a_text_names_itself_and_no_number_that_is_equal(run, capsys):
    run('[axes]\nlevel = ["none", "1", "01", "1.0"]\nkind = ["1.1", "1.10"]\nseed = { count = 3 }\n')
    assert len(exported(capsys, "level=01")) == 6
    assert exported(capsys, "kind=1.1", "level=1")["kind"].tolist() == ["'1.1"] * 3
    assert len(call(capsys, "show", "s", "level=01", "kind=1.10")[1].splitlines()) == 6
    assert call(capsys, "diagnose", "s", "--where", "level=1.00")[::2] == (
        2, "Error: no trial with level = 1.00; allowed: none, '1, '01, '1.0; did you mean `'1.0`?\n"
    )  # fmt: skip


def test_cases_may_have_any_name_and_are_found_by_it(run, capsys):
    run('[axes]\nseed = { count = 2 }\n[cases]\n"+ dropout" = { kind = "b" }\n"NA" = {}\n"plain, with comma" = {}\n')
    assert Path("results/s/tables/success.csv").read_text().startswith("case,successes\n'+ dropout,")
    for said in ("+ dropout", "'+ dropout", '"+ dropout"'):
        assert exported(capsys, f"case={said}")["case"].tolist() == ["'+ dropout"] * 2
    out = call(capsys, "compare", "s", "--on", "case=NA,plain, with comma", "--no-figures")[1]
    assert out.startswith("case = plain, with comma against case = 'NA: 1 cell, 2 trials paired by seed; ")
