"""An axis may have any name that a parameter has: the tables' own columns of that name give way."""

from __future__ import annotations

import json
import sqlite3
from itertools import zip_longest
from pathlib import Path

import pandas as pd
import pytest

import nnsweep
from docs.columns import MEANINGS
from nnsweep import sweepfile
from nnsweep.design.columns import column_of, is_marked, public_names
from nnsweep.design.sweep import Axis
from tests.helpers import call, slow
from tests.helpers.pages import Page

NAMES = sorted(
    {
        *("n", "p", "rank", "low", "high", "epoch", "status", "id", "success", "signature", "seconds", "failure"),
        *("trials", "axis", "rate", "median", "lower", "loss_mean", "loss_median", "acc_difference", "successes_a"),
        *("failing", "failed", "lost", "pairs", "difference", "p_adjusted", "constant_output", "missing"),
    }
)
QUICK = [("epoch", "low"), ("missing", "n")]
"""Those that are tried in every test run."""
REST = [name for name in NAMES if not any(name in pair for pair in QUICK)]
PAIRS = [*QUICK, *(slow(*pair) for pair in zip_longest(REST[::2], REST[1::2], fillvalue="width"))]
"""The names of the two axes of a sweep."""

TRAINER = """
import numpy as np

def train({first}: int, {second}: float = 1.0, seed: int = 0):
    random = np.random.default_rng(seed)
    losses = [({first} + {second}) / step + random.random() for step in (1, 2, 3)]
    if ({first}, {second}, seed) == (2, 2.0, 0):
        raise ValueError("no")
    return {{"loss": losses, "acc": random.random() - losses[-1]}}
"""

SWEEP = """
name = "s"
trainer = "odd_{first}:train"

[axes]
{first} = [1, 2]
{second} = [1.0, 2.0]
seed = {{ count = 3 }}

[success]
metric = "loss"
below = 1.5
"""


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The same sweep, with names that no column has."""
    folder = tmp_path_factory.mktemp("plain")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.syspath_prepend(folder)
        Path("odd_width.py").write_text(TRAINER.format(first="width", second="other"), encoding="utf-8")
        sweep = sweepfile.loads(SWEEP.format(first="width", second="other"))
        return nnsweep.run(sweep, folder, jobs=1, figures=False)


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_axes_with_the_names_of_columns(first, second, plain, tmp_path, module, capsys):
    module(TRAINER.format(first=first, second=second), f"odd_{first}.py")
    odd = sweepfile.loads(SWEEP.format(first=first, second=second))
    found = nnsweep.run(odd, tmp_path, jobs=1, figures=False)
    for table in ("trials", "summary", "history"):
        ours, theirs = getattr(found, table), getattr(plain, table)
        back = pd.read_csv(tmp_path / "s" / "tables" / f"{table}.csv")
        assert back.columns.tolist() == ours.columns.tolist() == _renamed(theirs, {"width": first, "other": second})
        assert ours[first].tolist() == back[first].tolist() == theirs["width"].tolist()
        assert ours[second].tolist() == back[second].tolist() == theirs["other"].tolist()
        rest = [column for column in theirs if column not in ("width", "other", "id")]
        at = [list(theirs.columns).index(column) for column in rest]
        pd.testing.assert_frame_equal(ours.iloc[:, at].set_axis(rest, axis=1), theirs[rest])
    assert found.matrix("successes").to_numpy().tolist() == plain.matrix("successes").to_numpy().tolist()
    assert "  " not in "\n".join(line.strip() for line in str(found).splitlines()).replace(":  ", ": ")
    assert f"{first} = 1, {second} = 1.0" in str(found)
    for kind in ("rates", "distribution", "marginal"):
        found.figure(kind)
    for table in (found.best().cells, found.best().table, found.diagnose().table):
        assert {first, second} <= set(table)
        assert not any(map(is_marked, table))
    for name, other in ((first, second), (second, first)):
        table = found.compare(on=f"{other}=1,2").table
        assert name in table
        assert not any(map(is_marked, table))
    page = Page(found.report()).text.replace("\xa0", " ").replace("  ", " ")
    assert f"{first} = 1" in page
    assert f"{second} = 1.0" in page
    _ask(first, second, tmp_path, capsys)


def _renamed(theirs: pd.DataFrame, names: dict[str, str]) -> list[str]:
    return [names.get(column, f"{column}_" if column in names.values() else column) for column in theirs]


def _ask(first: str, second: str, folder: Path, capsys) -> None:
    """Ask every verb that reads what is stored."""
    asked = ["--results", folder]
    code, out, err = call(capsys, "compare", "s", "--on", f"{first}=1,2", "--no-figures", *asked)
    assert (code, err, out.splitlines()[0][: len(first) * 2 + 20]) == (
        0, "", f"{first} = 2 against {first} = 1: 2 cells"[: len(first) * 2 + 20]
    )  # fmt: skip
    for name, other in ((first, second), (second, first)):
        code, out, err = call(capsys, "compare", "s", "--on", f"{other}=1,2", "--json", *asked)
        assert [row[name] for row in json.loads(out)] == [1, 2]
    code, out, err = call(capsys, "best", "s", "--json", *asked)
    assert {row[name] for row in json.loads(out) for name in (first, second)} <= {1, 2}
    code, out, err = call(capsys, "diagnose", "s", "--where", f"{first}=2", "--where", f"{second}=2", *asked)
    assert (code, err) == (0, "")
    code, out, err = call(capsys, "diagnose", "s", *asked)
    assert (code, err) == (0, "")
    columns = f"{first},{second},loss"
    code, out, err = call(capsys, "export", "s", "--where", f"{first}=2", "--columns", columns, *asked)
    assert out.splitlines()[:2] == [columns, out.splitlines()[1]]
    assert out.splitlines()[1].startswith("2,1.0,")
    code, out, err = call(capsys, "export", "s", "--where", f"{second}=2", "--columns", second, *asked)
    assert out.splitlines() == [second, *["2.0"] * 6]
    with sqlite3.connect(folder / "s" / "trials.db") as connection:
        view = connection.execute("select * from results")
        rows = [dict(zip([each[0] for each in view.description], row, strict=True)) for row in view]
    assert [(row[first], row[second]) for row in rows] == [
        *([(1, 1.0)] * 3 + [(1, 2.0)] * 3), *([(2, 1.0)] * 3 + [(2, 2.0)] * 3)
    ]  # fmt: skip
    connection.close()


def test_every_column_that_a_table_has_gives_way():
    own = {column for table in MEANINGS.values() for column in table if "{" not in column}
    made = {
        column.replace("{metric}", "loss") for table in MEANINGS.values() for column in table if "{metric}_" in column
    }
    assert [name for name in sorted(own | made) if not is_marked(column_of(name))] == []
    for shipped in ("alpha", "hidden", "epochs", "case", "data", "optimizer", "learning_rate", "activation", "seed"):
        assert column_of(shipped) == shipped


def test_columns_give_way_to_axes_and_to_each_other():
    assert public_names(["id", "n ", "n_", "n"]) == ["id", "n", "n_", "n__"]
    assert public_names(["n", "name "]) == ["n", "name "]
    assert Axis("rank", "rank", (1, 2)).column == "rank "
