"""report.html without a browser: what it holds, that it loads nothing, and that names in it are text."""

import csv
import re
from base64 import b64encode
from hashlib import sha256

import pytest

import nnsweep
from nnsweep import sweepfile
from nnsweep.execution.writer import Work
from nnsweep.format import percent
from nnsweep.report.html import explore, view
from nnsweep.report.html.settings import provenance
from nnsweep.results import Results
from nnsweep.tables.failure_patterns import MEANINGS
from tests.helpers import SMALL, SWEEPS, call
from tests.helpers.pages import FAILING, FAILING_TRAINER, HOSTILE, NAMED, Page, ran


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    results = ran(SMALL, tmp_path_factory.mktemp("small"))
    return results, Page(results.report())


def digest(text):
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def test_its_policy_allows_its_own_style_and_script_alone(small):
    _, page = small
    policy = next(meta["content"] for meta in page.attributes("meta") if "http-equiv" in meta)
    (style,), (data, script) = page.raw["style"], page.raw["script"]
    assert policy == (
        f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    assert page.attributes("script")[0] == {"type": "application/json", "id": "data"}
    assert "<" not in data


def test_it_loads_nothing(small):
    _, page = small
    addresses = [each.get(name) for _, each in page.elements for name in ("src", "href", "srcset", "action", "data")]
    links = [address for address in addresses if address is not None]
    assert "tables/summary.csv" in links
    assert not [link for link in links if re.match(r"[a-z]+:", link) and link != "data:,"]
    assert "url(" not in page.source
    assert "@import" not in page.source
    assert "innerHTML" not in page.source
    assert set(re.findall(r"https?://[^\"' ]*", page.source)) == {"http://www.w3.org/2000/svg"}
    assert not [each for _, each in page.elements if "style" in each or any(name.startswith("on") for name in each)]


def test_its_tables_hold_the_counts_of_the_summary(small):
    results, page = small
    with (results.folder / "tables" / "summary.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    shown = {
        (name, line[0], column): text
        for name, table in page.maps[:2]
        for line in table[2:]
        for column, text in zip(table[1][1:], line[1:], strict=True)
    }
    # The layout puts the longest axis, epochs, into rows, then alpha and hidden.
    assert shown == {(f"hidden = {row['hidden']}", row["epochs"], row["alpha"]): row["successes"] for row in rows}
    assert len(rows) == 12


def test_it_says_how_many_succeed_and_where_most(small):
    results, page = small
    for hidden in (2, 4):
        cells = results.summary[results.summary["hidden"] == hidden]
        best = cells.sort_values(["rate", "error_median"], ascending=[False, True]).to_dict("records")[0]
        assert f"hidden = {hidden} {cells['successes'].sum()} of 24 trials succeed" in page.text
        assert f"alpha = {best['alpha']}, epochs = {best['epochs']}: {best['successes']} of 4 (" in page.text


def test_every_trial_is_there_with_its_id_and_value(small):
    results, page = small
    trials = page.data["trials"]
    assert trials["counts"] == [4] * 12
    ids = [trials["ids"][at : at + 12] for at in range(0, len(trials["ids"]), 12)]
    table = results.trials.set_index(results.trials["id"].str[:12]).loc[ids]
    assert trials["seeds"] == table["seed"].tolist() == [0, 1, 2, 3] * 12
    assert trials["metrics"][0]["values"] == pytest.approx(table["error"].tolist(), abs=1e-6)
    assert trials["ends"] == "".join("s" if success else "f" for success in table["success"])


def test_the_comparison_is_that_of_the_verb(small):
    results, page = small
    told = str(results.compare(on="hidden=2,4")).splitlines()
    assert told[0].partition(": ")[2].partition(";")[0] in page.text
    differences = next(table for name, table in page.maps[2:])
    gained = results.compare(on="hidden=2,4").table
    shown = [text.rstrip("*").replace("−", "-") for line in differences[2:] for text in line[1:]]
    expected = gained.assign(gained=gained["successes_b"] - gained["successes_a"]).sort_values(["epochs", "alpha"])
    assert [int(text) for text in shown] == expected["gained"].tolist()


def test_names_are_text(tmp_path):
    page = Page(ran(NAMED, tmp_path).report())
    assert len(page.attributes("script")) == 2
    assert not page.attributes("img")
    assert page.text.count(HOSTILE) > 4
    assert [axis["labels"] for axis in page.data["axes"] if axis["name"] == "case"] == [[HOSTILE, "plain"]]


@pytest.mark.slow
def test_the_forum_sweep_stays_below_a_megabyte(tmp_path):
    path = nnsweep.run(nnsweep.load(SWEEPS / "forum.toml"), tmp_path, figures=False).report()
    assert path.stat().st_size < 400_000


def test_it_is_written_where_figures_are(grid, capsys):
    page = grid.parent / "results" / "small" / "report.html"
    assert call(capsys, grid, "--no-figures", "-q") == (0, "", "")
    assert not page.exists()
    assert call(capsys, grid, "-q") == (0, "", "")
    first = page.stat().st_mtime_ns, page.read_bytes()
    assert call(capsys, grid, "-q") == (0, "", "")
    assert (page.stat().st_mtime_ns, page.read_bytes()) == first
    again = nnsweep.run(nnsweep.load(grid), figures=False)
    assert again.report() == page.relative_to(grid.parent)
    assert page.read_bytes() == first[1]


def without(text, table):
    return re.sub(rf"\[{table}\]\n(.+\n)*", "", text)


SHAPES = {
    "one axis": (SMALL, ["epochs=3", "hidden=4"], 2, "most at alpha = 0.0"),
    "no axis": (SMALL, ["epochs=3", "hidden=4", "alpha=0.05"], 1, "All together"),
    "no seeds": (SMALL, ["seed=3"], 12, "of 1 (100 %, 95 % interval 21 to 100 %)"),
    "no success": (without(SMALL, "success"), [], 12, "Median error between 0."),
    "five axes": (NAMED, ["activation=relu,tanh", "seed={count=2}"], 12, f"activation = relu, case = {HOSTILE}"),
    "one trial": (SMALL, ["epochs=3", "hidden=4", "alpha=0.05", "seed=3"], 1, "of 1 ("),
}
"""A sweep, the cells of its first view, and what is said."""


@pytest.mark.parametrize("shape", SHAPES)
def test_sweeps_of_any_shape(tmp_path, shape):
    text, overrides, cells, said = SHAPES[shape]
    results = ran(text, tmp_path, *overrides)
    page = Page(results.report())
    assert said in page.text
    assert all(len(measure["texts"]) == len(results.summary) for measure in page.data["measures"])
    assert len([td for td in page.attributes("td") if re.match(r"s\d", td.get("class") or "")]) == cells


def test_a_run_that_is_not_finished_says_so(tmp_path):
    whole = ran(SMALL, tmp_path)
    some = {trial.id: whole._outcomes[trial.id] for trial in whole._trials[:30]}
    page = Page(Results(whole.sweep, whole.folder, Work(), whole.metrics, whole._trials, some).report())
    assert "Unfinished 18 of 48 trials are not trained yet; this page shows the others." in page.text
    assert page.data["trials"]["ends"].count("m") == 18


def test_nothing_that_ended_gives_a_page_too(tmp_path):
    whole = ran(SMALL, tmp_path)
    page = Page(Results(whole.sweep, whole.folder, Work(), whole.metrics, whole._trials, {}).report())
    assert "hidden = 2 no trial ended well." in page.text


def test_failures_are_grouped(tmp_path, module):
    module("def train(alpha: float, seed: int = 0):\n    return {'x': 1 / 0}\n", "broken.py")
    text = 'name = "broken"\ntrainer = "broken:train"\n[axes]\nalpha = [1.0, 2.0]\nseed = { count = 3 }\n'
    page = Page(nnsweep.run(sweepfile.loads(text), tmp_path, jobs=1, figures=False).report())
    assert "6 failed ZeroDivisionError: division by zero" in page.text
    assert "Not ended well 6 failed, of 6 trials." in page.text


def test_a_cell_in_which_no_trial_ended_has_no_rate(tmp_path, module):
    module(FAILING_TRAINER, "failing_cell.py")
    results = nnsweep.run(sweepfile.loads(FAILING), tmp_path, jobs=1, figures=False)
    assert (results.folder / "tables" / "success.csv").read_text() == "alpha\\hidden,2,4\n0.1,3,3\n0.2,3,\n"
    assert "  alpha = 0.2, hidden = 4: none ended" in str(results).splitlines()
    page = Page(results.report())
    measures = {measure["label"]: measure for measure in page.data["measures"]}
    assert [measures[name]["texts"] for name in ("successes", "success rate, %", "median loss")] == [
        ["3", "3", "3", ""],
        ["100", "100", "100", ""],
        ["0.100", "0.100", "0.200", ""],
    ]
    gaps = {name: (measure["levels"].find("-"), measure["gaps"]) for name, measure in measures.items()}
    assert gaps["successes"] == gaps["success rate, %"] == (3, "none ended")
    assert gaps["median loss"] == gaps["mean loss"] == (3, "no value")
    assert gaps["trials failed"] == (-1, "")
    assert page.data["facts"]["successes"][3] == "none ended"
    assert [td.get("class") for td in page.attributes("td") if (td.get("class") or "").endswith("-")] == ["s-"]
    assert "none ended" in page.text
    trials = page.data["trials"]
    assert trials["reasons"] == [f"ValueError: {'x' * 187}…", "ValueError: no room for 4 units"]
    assert trials["reason"] == [-1] * 9 + [0, 1, 1]


def test_what_is_too_much_is_left_out_and_said(tmp_path, monkeypatch):
    results = ran(SMALL, tmp_path)
    monkeypatch.setattr(explore, "TRIALS", 47)
    monkeypatch.setattr("nnsweep.report.html.page.TRIALS", 47)
    page = Page(results.report())
    assert page.data["trials"] is None
    assert "48 trials are more than this page can hold (47): it has every cell, and tables/trials.csv" in page.text
    monkeypatch.setattr(explore, "CELLS", 11)
    monkeypatch.setattr("nnsweep.report.html.page.CELLS", 11)
    monkeypatch.setattr(view, "SHOWN", 8)
    page = Page(results.report())
    assert page.data == {"at": None}
    assert "12 cells are more than this page can hold (11): tables/summary.csv has all." in page.text
    assert [len(table) - 2 for _, table in page.maps[:2]] == [2, 2]
    assert "Left out here: the last 1 of the rows. tables/summary.csv has all." in page.text


def test_signatures_are_counted_and_explained(small):
    results, page = small
    counts = results.trials["signature"].value_counts().drop("", errors="ignore")
    assert counts.sum() == (~results.trials["success"]).sum()
    assert page.data["trials"]["signatures"] == sorted(counts.index)
    for name, count in counts.items():
        assert f"{name}{count}{percent(count / counts.sum())}{MEANINGS[name]}" in page.text
    of_cells = {measure["label"]: measure["texts"] for measure in page.data["measures"]}
    for name, count in counts.items():
        assert sum(int(text) for text in of_cells[f"trials with {name}"]) == count


@pytest.mark.parametrize(("jobs", "how"), [(1, "of it training"), (2, "of training on 2 workers")])
def test_a_run_of_several_workers_trains_for_longer_than_it_takes(jobs, how):
    record = {"trials": 9900, "seconds": 2.87, "training_seconds": 3.77, "jobs": jobs}
    assert dict(provenance(record))["run"] == f"9,900 trials trained in 2.87 s, 3.77 s {how}"
