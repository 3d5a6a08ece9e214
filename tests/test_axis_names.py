"""An axis may have any name that a parameter has: the tables' own columns of that name give way."""

from __future__ import annotations

import json
import sqlite3
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
QUICK = "epoch", "low", "missing"
"""Those that are tried in every test run."""

TRAINER = """
import numpy as np

def train({name}: int, other: float = 1.0, seed: int = 0):
    random = np.random.default_rng(seed)
    losses = [({name} + other) / step + random.random() for step in (1, 2, 3)]
    if ({name}, other, seed) == (2, 2.0, 0):
        raise ValueError("no")
    return {{"loss": losses, "acc": random.random() - losses[-1]}}
"""

SWEEP = """
name = "s"
trainer = "odd_{name}:train"

[axes]
{name} = [1, 2]
other = [1.0, 2.0]
seed = {{ count = 3 }}

[success]
metric = "loss"
below = 1.5
"""


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The same sweep, with a name that no column has."""
    folder = tmp_path_factory.mktemp("plain")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.syspath_prepend(folder)
        Path("odd_width.py").write_text(TRAINER.format(name="width"), encoding="utf-8")
        return nnsweep.run(sweepfile.loads(SWEEP.format(name="width")), folder, jobs=1, figures=False)


@pytest.mark.parametrize("name", [n if n in QUICK else slow(n) for n in NAMES])
def test_an_axis_with_the_name_of_a_column(name, plain, tmp_path, module, capsys):
    module(TRAINER.format(name=name), f"odd_{name}.py")
    odd = sweepfile.loads(SWEEP.format(name=name))
    found = nnsweep.run(odd, tmp_path, jobs=1, figures=False)
    for table in ("trials", "summary", "history"):
        ours, theirs = getattr(found, table), getattr(plain, table)
        back = pd.read_csv(tmp_path / "s" / "tables" / f"{table}.csv")
        assert back.columns.tolist() == ours.columns.tolist() == _renamed(theirs, name)
        assert ours[name].tolist() == back[name].tolist() == theirs["width"].tolist()
        rest = [column for column in theirs if column not in ("width", "id")]
        at = [list(theirs.columns).index(column) for column in rest]
        pd.testing.assert_frame_equal(ours.iloc[:, at].set_axis(rest, axis=1), theirs[rest])
    assert found.matrix("successes").to_numpy().tolist() == plain.matrix("successes").to_numpy().tolist()
    assert "  " not in "\n".join(line.strip() for line in str(found).splitlines()).replace(":  ", ": ")
    assert f"{name} = 1, other = 1.0" in str(found)
    for kind in ("rates", "distribution", "marginal"):
        found.figure(kind)
    for table in (found.compare(on="other=1,2").table, found.best().cells, found.best().table, found.diagnose().table):
        assert name in table
        assert not any(map(is_marked, table))
    page = Page(found.report())
    assert f"{name} = 1" in page.text.replace("\xa0", " ").replace("  ", " ")
    _ask(name, tmp_path, capsys)


def _renamed(theirs: pd.DataFrame, name: str) -> list[str]:
    return [name if column == "width" else f"{column}_" if column == name else column for column in theirs]


def _ask(name: str, folder: Path, capsys) -> None:
    """Ask every verb that reads what is stored."""
    asked = ["--results", folder]
    code, out, err = call(capsys, "compare", "s", "--on", f"{name}=1,2", "--no-figures", *asked)
    assert (code, err, out.splitlines()[0][: len(name) * 2 + 20]) == (
        0, "", f"{name} = 2 against {name} = 1: 2 cells"[: len(name) * 2 + 20]
    )  # fmt: skip
    code, out, err = call(capsys, "compare", "s", "--on", "other=1,2", "--json", *asked)
    assert [row[name] for row in json.loads(out)] == [1, 2]
    code, out, err = call(capsys, "best", "s", "--json", *asked)
    assert {row[name] for row in json.loads(out)} <= {1, 2}
    code, out, err = call(capsys, "diagnose", "s", "--where", f"{name}=2", *asked)
    assert (code, err) == (0, "")
    code, out, err = call(capsys, "diagnose", "s", *asked)
    assert (code, err) == (0, "")
    code, out, err = call(capsys, "export", "s", "--where", f"{name}=2", "--columns", f"{name},loss", *asked)
    assert out.splitlines()[:2] == [f"{name},loss", out.splitlines()[1]]
    assert out.splitlines()[1].startswith("2,")
    with sqlite3.connect(folder / "s" / "trials.db") as connection:
        view = connection.execute("select * from results")
        rows = [dict(zip([each[0] for each in view.description], row, strict=True)) for row in view]
    assert [row[name] for row in rows] == [1] * 6 + [2] * 6
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
