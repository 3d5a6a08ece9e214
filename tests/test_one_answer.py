"""The command line, the page, the notebook and Python say the same of the same sweep, and what plain counting says."""

from __future__ import annotations

import csv
import math
import re
import shlex
from html import unescape
from statistics import median

import numpy as np
import pytest

import nnsweep
from nnsweep.errors import NnsweepError
from nnsweep.format import p_value
from tests.helpers import PROJECT, SWEEPS, call, files

FEW = ["seed={count=4}"]
QUICK = {
    "forum_cases": FEW,
    "sigmoid_xor": [*FEW, "math=native"],
    "tutorial_optimizers": ["seed={count=3}", "epochs=1"],
}
"""Sweeps of several kinds: with cases, with failures, and with digits."""
NAMES = sorted(path.stem for path in SWEEPS.glob("*.toml"))


class Said:
    """What each of the four says of a sweep, as it is read."""

    def __init__(self, name, folder, overrides, capsys):
        sets = [word for text in overrides for word in ("--set", text)]
        self.call = lambda verb, *more: self._printed(capsys, verb, *more, "--results", folder)
        self.run = self._printed(capsys, "run", SWEEPS / f"{name}.toml", "--no-figures", "--results", folder, *sets)
        self.name = name
        self.results = nnsweep.open(name, folder)
        self.page = unescape(self.results.report().read_text(encoding="utf-8").replace("\xa0", " "))
        with (folder / name / "tables/trials.csv").open(encoding="utf-8", newline="") as file:
            self.trials = list(csv.DictReader(file))
        self.sweep = self.results.sweep

    @staticmethod
    def _printed(capsys, *words):
        code, out, err = call(capsys, *words)
        assert code == 0, err
        return out

    def sentence(self, lead):
        """The sentence of the page's answer that begins so; None without one."""
        found = re.search(rf"<p><strong>{re.escape(lead)}</strong> (.*?)</p>", self.page)
        return found and found[1]

    def table(self, title):
        """The rows of the first table of texts below a heading of the page; none without it."""
        section = self.page.partition(f">{title}</h2>")[2].partition("</section>")[0]
        body = section.partition('<table class="list">')[2].partition("</table>")[0].partition("<tbody>")[2]
        return [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", body, re.S)]

    def cell(self, text):
        """The values that `alpha = 0.01, hidden = 4` names, whatever digits it has."""
        pairs = re.findall(r"([^=,][^=]*?) = (.*?)(?=, [^=,]+ = |$)", text)
        return {name.strip(): self.sweep.axis(name.strip()).find(value) for name, value in pairs}

    def counted_best(self):
        """The best cell by plain counting: rate, then the median with diverged trials as the worst, then the order."""
        success, axes = self.sweep.success, [axis.name for axis in self.sweep.cell_axes]
        cells = {}
        for row in self.trials:
            cells.setdefault(tuple(row[name] for name in axes), []).append(row)

        def key(rows):
            worst = math.inf if success.lower else -math.inf
            values = [float(row[success.metric]) if row[success.metric] else worst for row in rows]
            middle = median(values) if success.lower else -median(values)
            return -sum(row["success"] == "True" for row in rows) / len(rows), middle

        best = min(cells, key=lambda cell: key(cells[cell]))
        return dict(zip(axes, best, strict=True))


@pytest.mark.parametrize("name", QUICK)
def test_the_four_say_the_same_of_few_seeds(name, tmp_path, capsys):
    check(run(name, tmp_path, QUICK[name], capsys))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_four_say_the_same_of_the_whole_sweep(name, tmp_path, capsys):
    said = run(name, tmp_path, [], capsys)
    check(said)
    if said.sweep.fixed.get("math") == "portable":
        assert files(said.results.folder / "tables") == files(PROJECT / "results" / name / "tables")


def run(name, folder, overrides, capsys):
    if name.startswith("tutorial"):
        pytest.importorskip("sklearn")
    return Said(name, folder / "results", overrides, capsys)


def check(said):
    assert said.sweep.success is not None
    check_best_cell(said)
    check_counts_and_rates(said)
    check_comparison(said)
    check_diagnosis(said)


def check_best_cell(said):
    cells = said.results.best().cells
    if len(cells) < 2 or not cells["successes"].max():
        return
    counted = said.counted_best()
    axes = [axis.name for axis in said.sweep.cell_axes]
    found = {name: said.sweep.axis(name).find(value) for name, value in counted.items()}
    assert {name: said.sweep.axis(name).find(cells[name].tolist()[0]) for name in axes} == found
    assert said.cell(re.search(r"^best.*?: .*? at (.*?)(?:;|$)", said.run, re.M)[1]) == found
    assert said.cell(re.search(r"^Best: (.*?): ", said.call("best", said.name), re.M)[1]) == found
    assert said.cell(said.sentence("The best").partition(". ")[0].removesuffix(".")) == found


def check_counts_and_rates(said):
    summary = said.results.summary
    axes = [axis.name for axis in said.sweep.cell_axes]
    rows = re.findall(r"<tr>(.*?)</tr>", said.results._repr_html_(), re.S)[1:]
    best = said.table("Among the best")
    for row in [re.findall(r"<td>(.*?)</td>", unescape(row)) for row in rows]:
        settings, (counts, share, *interval) = dict(zip(axes, row, strict=False)), row[len(axes) :]
        there = [summary[name].map(str).to_numpy() == value for name, value in settings.items()]
        (cell,) = summary.loc[np.logical_and.reduce([np.ones(len(summary), bool), *there])].to_dict("records")
        assert counts == f"{cell['successes']} of {cell['finished']}"
        assert share == f"{100 * cell['rate']:.0f} %"
        chosen = said.sweep.search is not None  # by these seeds: no interval is told
        assert len(interval) == (not chosen)
        if not chosen and (cell["successes"] or "none of" not in said.run):
            assert f"{counts} ({share}, 95 % interval {interval[0]})" in re.sub(r"  +", " ", said.run).replace(
                ":  ", ": "
            )
        for listed in best:
            if listed[: len(axes)] == list(settings.values()):
                assert listed[len(axes) : len(axes) + 1 + len(interval)] == [counts, *interval]
    won, finished = sum(row["success"] == "True" for row in said.trials), int(summary["finished"].sum())
    totals = re.findall(r"([\d,]+) of ([\d,]+) trials? succeed \(", said.page.partition("against")[0])
    totals += [("0", count) for count in re.findall(r"none of ([\d,]+) trials? succeeds", said.page)]
    if totals:
        assert sum(int(one.replace(",", "")) for one, _ in totals) == won
        assert sum(int(all_.replace(",", "")) for _, all_ in totals) == finished


def check_comparison(said):
    found = re.search(r"<code>(nnsweep compare .*?)</code>", said.page)
    if found is None:
        return
    on = shlex.split(found[1])[4]
    printed, compared = said.call("compare", said.name, "--on", on, "--no-figures"), said.results.compare(on=on)
    assert str(compared) in printed
    head, *lines = str(compared).splitlines()
    names = head.partition(": ")[0]
    on_page = said.sentence(names)
    of_success = [line.strip() for line in lines if "median" not in line and "largest" not in line]
    for line in of_success:
        assert line in on_page
    (largest,) = [line.strip() for line in lines if "largest" in line]
    assert largest in on_page
    rows, header = said.table(names), [axis.column for axis in compared.sweep.cell_axes]
    table = compared.table.sort_values(["p_adjusted", "p"], kind="stable").to_dict("records")
    assert len(rows) == len(table[:400])
    for row, cell in zip(rows, table, strict=False):
        assert row[-1] == p_value(cell["p_adjusted"])
        assert row[len(header) : len(header) + 3] == [
            str(cell[name]) for name in ("pairs", "successes_a", "successes_b")
        ]
    shown = {p_value(cell["p_adjusted"]) for cell in table}
    notebook = unescape(compared._repr_html_())
    cells = [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", notebook, re.S)[1:]]
    assert {row[len(header) + 3] for row in cells} <= shown


def check_diagnosis(said):
    found = said.results.diagnose().to_json()
    counts = {each["signature"]: each["count"] for each in found["signatures"]}
    plain = {}
    for row in said.trials:
        plain[row["signature"]] = plain.get(row["signature"], 0) + 1
    plain.pop("", None)
    assert counts == plain
    printed = said.call("diagnose", said.name, "--no-figures")
    assert f"{sum(counts.values()):,} of {len(said.trials):,} trials fail" in printed
    for name, count in counts.items():
        assert re.search(rf"^  {re.escape(name)} +{count:,}  ", printed, re.M)
    if counts:
        listed = said.table("Why trials failed")
        assert {row[0]: row[1] for row in listed} == {name: f"{count:,}" for name, count in counts.items()}
        for row in listed:
            assert re.search(rf"^  {re.escape(row[0])} +{re.escape(row[1])} +{re.escape(row[2])}  ", printed, re.M)
    line = re.search(r"^([\d,]+) fail: (.*?); see ", said.run, re.M)
    if line:
        assert line[2] == ", ".join(f"{count:,} {name}" for name, count in counts.items())


UNDEFINED = """
name = "undefined"

[fixed]
epochs = 2
hidden = 4
output = "sigmoid"
loss = "squared_error"
train_size = 40
metrics = ["error", "roc_auc"]

[axes]
test_size = [1, 20]
seed = { count = 3 }

[success]
metric = "roc_auc"
above = 0.5
"""


def test_a_metric_that_no_sample_of_a_cell_defines_is_not_measured_anywhere(tmp_path, capsys, monkeypatch):
    """One sample has one class, and no area under a curve: neither a run nor a store can say that its trials failed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "grid.toml").write_text(UNDEFINED, encoding="utf-8")
    code, run, _ = call(capsys, "grid.toml", "--no-figures")
    assert code == 0
    results = nnsweep.open("undefined")
    cells = [line for line in run.splitlines() if line.startswith("  test_size")]
    assert cells[0] == "  test_size = 1:  not measured"
    assert [line for line in str(results).splitlines() if line.startswith("  test_size")] == cells
    assert ">not measured</td>" in results._repr_html_()
    page = unescape(results.report().read_text(encoding="utf-8"))
    assert '"successes":["not measured",' in page
    assert math.isnan(results.summary["rate"].tolist()[0])

    with pytest.raises(NnsweepError) as refused:
        print(results.compare(on="test_size=1,20"))
    assert str(refused.value) == "no trial of test_size = 1 measures roc_auc; there is nothing to compare"
    assert "test_size = 20 against" not in page
    code, _, err = call(capsys, "settle", "grid.toml", "--on", "test_size=1,20", "--max-seeds", "3")
    assert (code, err) == (
        2,
        "Error: undefined: no cell and seed has ended with test_size = 1 and with test_size = 20\n",
    )


def test_trials_that_are_not_measured_are_left_out_of_a_comparison(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = UNDEFINED.replace("seed =", "hidden = [2, 4]\nseed =").replace("hidden = 4\n", "")
    (tmp_path / "grid.toml").write_text(text, encoding="utf-8")
    assert call(capsys, "grid.toml", "--no-figures", "--quiet")[0] == 0
    lines = call(capsys, "compare", "undefined", "--on", "hidden=2,4", "--no-figures")[1].splitlines()
    assert lines[0].startswith("hidden = 4 against hidden = 2: 1 cell, 3 trials paired by seed; ")
    assert "unpaired, and left out: 3 of the first and 3 of the second's trials" in lines
