"""The live page by plain HTTP: what it shows of stored sweeps, and how it follows one that runs."""

import re
import shutil
from html import unescape

import pytest

from nnsweep.folder.notes import read_notes
from nnsweep.folder.paths import Folder
from nnsweep.store import logged
from nnsweep.trainers.logged import blocks_of, to_bytes
from tests.helpers import FILES, SMALL
from tests.helpers.pages import FAILING, FAILING_TRAINER, HOSTILE, ran

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

from tests.helpers.live_page import Growing, served


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return ran(SMALL, tmp_path_factory.mktemp("done"), "seed={count=2}")


@pytest.fixture(scope="module")
def client(small):
    with served(small.folder.parent) as client:
        yield client


@pytest.fixture
def growing(small, tmp_path):
    growing = Growing(small, tmp_path)
    yield growing
    growing.kill()


def cells(text):
    """The text of each cell of a page's heatmaps, by its number."""
    found = re.findall(r'data-cell="(\d+)"[^>]*><a [^>]*>([^<]*)</a>', text)
    return {int(number): said.replace("\xa0", "") for number, said in found}


def state(text):
    """What a part says, without how long it still takes."""
    return re.sub(r", about \S+ (s|min|h) left", "", " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split()))


def until(news, text):
    """Give the first news in which the state says something."""
    return next(event for event in news if text in event["parts"]["state"])


def test_the_list_names_every_sweep_and_what_became_of_its_trials(client):
    page = client.ask("/")
    assert page.status == 200
    assert '<a id="to-small" href="/sweeps/small/">small</a>' in page.text
    assert "24 trials" in page.text


def test_the_heatmaps_have_the_numbers_of_the_tables(client, small):
    page = client.ask("/sweeps/small/")
    assert cells(page.text) == dict(enumerate(map(str, small.summary["successes"])))
    page = client.ask("/sweeps/small/?show=median+error")
    assert {n: float(each) for n, each in cells(page.text).items()} == pytest.approx(
        dict(enumerate(small.summary["error_median"])), abs=5e-4
    )


def test_a_cell_lists_its_trials_and_a_trial_says_what_became_of_it(client, small):
    rows = small.trials[(small.trials["alpha"] == 0.05) & (small.trials["epochs"] == 3) & (small.trials["hidden"] == 4)]
    page = client.ask("/sweeps/small/?cell=11")
    assert re.findall(r'href="/sweeps/small/trials/(\w+)"', page.text) == rows["id"].tolist()
    id, error = rows["id"].iloc[0], rows["error"].iloc[0]
    trial = client.ask(f"/sweeps/small/trials/{id}")
    assert "alpha = 0.05, epochs = 3, hidden = 4, seed = 0" in trial.text
    assert f"<dt>error</dt><dd>{error:.6g}</dd>" in trial.text
    assert f"nnsweep replay {id} --results {small.folder.parent}" in trial.text
    assert '<path class="curve' in trial.text


def test_the_page_fills_while_a_run_stores_trials(small, growing, tmp_path):
    done = dict(zip(small.trials["id"], small.trials["success"], strict=True))
    with served(tmp_path) as client, client.events("/sweeps/small/events") as news:
        first = next(news)
        assert state(first["parts"]["state"]) == "A run is training now : 0 of 24 trials (0 %). 0 of 24"
        assert {text for _, _, text in first["cells"]} == {""}
        stored = [row.id for row in growing.rows[:5]]
        growing.store(5)
        second = until(news, "5 of 24")
        assert state(second["parts"]["state"]) == "A run is training now : 5 of 24 trials (20 %). 5 of 24 5 ok"
        rows = small.trials[small.trials["id"].isin(stored)]
        counts = rows.groupby(["alpha", "epochs", "hidden"])["success"].agg(["sum", "count"])
        texts = sorted(f"{s}" if n == 2 else f"{s}/{n}" for s, n in counts.itertuples(index=False))
        assert sorted(text for _, _, text in second["cells"] if text) == texts
        growing.store(19)
        growing.end()
        shown = {number: text for event in (second,) for number, _, text in event["cells"]}
        for event in news:
            shown |= {number: text for number, _, text in event["cells"]}
            if "All trials" in event["parts"]["state"]:
                break
        assert state(event["parts"]["state"]) == "All trials are trained : 24 trials. 24 ok"
        assert shown == dict(enumerate(map(str, small.summary["successes"])))
    assert len(done) == 24


def test_a_run_that_was_killed_is_told_from_one_that_goes_on(growing, tmp_path):
    growing.store(3)
    with served(tmp_path) as client:
        assert "A run is training now" in client.ask("/sweeps/small/").text
        assert '<span class="chip running">' in client.ask("/").text
        growing.kill()
        page = client.ask("/sweeps/small/").text
        assert "The last run was interrupted; run the sweep again, which goes on" in page
        assert '<span class="chip interrupted">' in client.ask("/").text


def test_a_trial_that_is_trained_again_is_shown_as_it_is_now(growing, tmp_path):
    growing.store(6)
    row = growing._store.rows([trial.id for trial in growing.done._trials])[5]
    worse = row._replace(outcome=row.outcome.__class__("failed", {}, {}, 0.5, "ValueError: worse"))
    with served(tmp_path) as client, client.events("/sweeps/small/events") as news:
        until(news, "6 ok")
        growing._store.insert(growing._run, [worse])  # it gets the number of the row that it replaces
        event = until(news, "5 ok, 1 failed")
        assert "ValueError: worse" in event["parts"]["failed"]
        growing._store.insert(growing._run, [row])
        event = until(news, "6 ok")
        assert "No trial has failed." in event["parts"]["failed"]


def test_a_curve_grows_while_its_trial_is_trained(growing, tmp_path):
    running = growing.rows[3].id

    def log(part, rows, last):
        with growing._store._access.transaction() as connection:
            logged.keep(connection, running, part, to_bytes(blocks_of(rows, last)))

    def going(event):
        return re.findall(r'<path class="curve in-training" d="([^"]+)"', event["parts"]["drawn"])

    growing.store(1)
    log(0, [(None, {"error": 0.5}), (None, {"error": 0.25})], 0)
    with served(tmp_path) as client, client.events("/sweeps/small/events") as news:
        first = next(event for event in news if going(event))
        assert len(going(first)[0].split(" L")) == 2
        log(1, [(None, {"error": 0.2}), (7, {"error": 0.1})], 2)
        second = next(event for event in news if going(event) != going(first))
        points = [
            [float(each) for each in point.strip("Mh0 ").split()]
            for point in going(second)[0].replace("h0", "").split(" L")
        ]
        assert [x for x, _ in points] == [58.0, 153.3, 248.7, 630.0]  # epochs 1, 2, 3 and 7 between both ends
        assert [y for _, y in points] == sorted(y for _, y in points)
        growing.store(3)
        assert next(event for event in news if not going(event))


def test_failures_come_with_their_message(module, tmp_path):
    module(FAILING_TRAINER, "failing_cell.py")
    ran(FAILING, tmp_path)
    with served(tmp_path) as client:
        page = client.ask("/sweeps/failing_cell/").text
    assert "<strong>3 failed</strong> ValueError: no room for 4 units" in page
    assert "failing_cell.py:4 in train, last" in page


def test_names_are_text(tmp_path):
    ran(SMALL.replace('"small"', f'"small"\ndescription = """{HOSTILE}"""'), tmp_path, "seed=0")
    with served(tmp_path) as client:
        for path in ("/", "/sweeps/small/", f"/?q={'%3Cscript%3E'}"):
            assert "<script>" not in client.ask(path).text


@pytest.mark.slow
def test_the_report_is_that_of_what_is_stored(client, small):
    page = client.ask("/sweeps/small/report.html")
    assert page.status == 200
    assert f"<dd>{len(small.trials)} = 2 alpha × 3 epochs × 2 hidden × 2 seeds</dd>" in page.text
    policy = page.headers["content-security-policy"]
    assert "script-src 'sha256-" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.slow
def test_two_sweeps_are_compared_as_the_verb_does(small, tmp_path):
    from nnsweep.folder.open import StoredSweep
    from nnsweep.questions.compare.comparison import between

    shutil.copytree(small.folder, tmp_path / "small")
    ran(SMALL.replace('"small"', '"other"').replace("train_size = 50", "train_size = 60"), tmp_path, "seed={count=2}")
    sides = [StoredSweep.open(name, tmp_path) for name in ("small", "other")]
    told = str(between(*sides)).splitlines()
    with served(tmp_path) as client:
        page = client.ask("/compare?first=small&second=other")
        assert [unescape(line) for line in re.findall(r"<p>(.*?)</p>", page.text)] == told
        assert page.text.count("<tr>") == 1 + 12
        gone = client.ask("/compare?first=small&second=others")
        assert (gone.status, gone.line) == (404, "no sweep `others` here; allowed: other, small; did you mean `other`?")


def test_search_finds_names_tags_notes_and_trials(small, tmp_path):
    shutil.copytree(small.folder, tmp_path / "small")
    shutil.copytree(small.folder, tmp_path / "another")
    id = small.trials["id"].iloc[7]
    with served(tmp_path) as client:
        assert client.send("/sweeps/small/", tags="+baseline").status == 303
        assert client.send("/sweeps/another/", note="Too slow a rate").status == 303

        def found(words):
            return re.findall(r'id="to-(\w+)"', client.ask(f"/?q={words}").text)

        assert found("baseline") == ["small"]
        assert found("SLOW+rate") == ["another"]
        assert found("a") == ["another", "small"]
        assert found("nothing") == []
        assert f"/sweeps/another/trials/{id}" in client.ask(f"/?q={id[:8]}").text


def test_notes_and_tags_are_changed_by_its_forms_alone(small, tmp_path):
    shutil.copytree(small.folder, tmp_path / "small")
    folder, id = Folder(tmp_path / "small"), small.trials["id"].iloc[0]
    with served(tmp_path) as client:
        sent = client.send("/sweeps/small/", note="Why:\r\ntwo lines")
        assert (sent.status, sent.headers["location"]) == (303, "/sweeps/small/#notes")
        assert client.send(f"/sweeps/small/trials/{id}", tags="odd, +seen").status == 303
        assert client.send(f"/sweeps/small/trials/{id}", tags="-odd").status == 303
        assert "two lines" in client.ask("/sweeps/small/").text
        assert [note.text for note in read_notes(folder).sweep.notes] == ["Why:\ntwo lines"]
        assert read_notes(folder).of(id).tags == ["seen"]
        before = folder.notes.read_bytes()
        wrong = client.send("/sweeps/small/", note="no", token="guessed")
        said = "this form is not of a page of this server, or of an earlier one: load the page again"
        assert (wrong.status, wrong.line) == (403, said)
        bad = client.send("/sweeps/small/", note=" ")
        assert (bad.status, bad.line) == (409, "a note: found no text; allowed: any text")
        assert folder.notes.read_bytes() == before
        folder.notes.write_text("{")
        with client.events("/sweeps/small/events") as news:
            assert "not as nnsweep writes it" in next(news)["parts"]["state"]


@pytest.mark.parametrize("version", [1, 3])
def test_a_store_of_an_older_version_is_shown(version, tmp_path):
    (tmp_path / "old").mkdir()
    shutil.copy(FILES / f"store_{version}.db", tmp_path / "old" / "trials.db")
    before = (tmp_path / "old" / "trials.db").read_bytes()
    with served(tmp_path) as client:
        assert client.ask("/sweeps/old/").status == 200
        assert client.ask("/").status == 200
    assert (tmp_path / "old" / "trials.db").read_bytes() == before


def test_a_damaged_or_vanished_folder_is_a_line_on_the_page(small, tmp_path):
    shutil.copytree(small.folder, tmp_path / "small")
    store = tmp_path / "small" / "trials.db"
    with served(tmp_path) as client, client.events("/sweeps/small/events") as news:
        assert "All trials are trained" in next(news)["parts"]["state"]
        store.write_bytes(b"no store" * 1000)
        assert "trials.db: " in until(news, "Its store cannot be read now")["parts"]["state"]
        assert client.ask("/sweeps/small/").status == 200
        assert '<span class="chip damaged">' in client.ask("/").text
        shutil.rmtree(tmp_path / "small")
        until(news, "no trials are stored here any more")
        gone = client.ask("/sweeps/small/")
        assert (gone.status, gone.line) == (404, "no sweep `small` here; allowed: none")
        tmp_path.rmdir()
        empty = client.ask("/")
        assert empty.status == 404
        assert (
            empty.line == f"{tmp_path}: No such file or directory; name another, by --results DIR or nnsweep serve DIR"
        )


SEARCH = """
name = "searched"
fixed = { data = "xor", epochs = 4 }
axes = { alpha = { log_uniform = [0.01, 1] }, hidden = { integers = [2, 40] }, seed = { count = 3 } }
search = { method = "random", configurations = 12, metric = "loss", confirm = 4 }
"""


def test_a_search_has_the_charts_of_its_report_and_what_confirmed_its_best(tmp_path):
    results = ran(SEARCH, tmp_path)
    with served(tmp_path) as client:
        page = client.ask("/sweeps/searched/").text
    said = unescape(page)
    assert results.confirmed.startswith("On 4 fresh seeds, 3 to 6: ")
    assert f"<strong>The best, confirmed</strong>: {results.best().chosen} {results.confirmed}" in said
    assert [name for name in ("The best so far", "Each axis", "All axes together") if f"<h3>{name}</h3>" in said] == [
        "The best so far",
        "Each axis",
        "All axes together",
    ]
    assert 'class="map"' not in page


def test_a_search_that_runs_shows_its_best_so_far(tmp_path):
    results = ran(SEARCH, tmp_path / "done")
    growing = Growing(results, tmp_path / "running")
    try:
        growing.store(5)
        with served(tmp_path / "running") as client:
            page = client.ask("/sweeps/searched/").text
        assert "<h3>The best so far</h3>" in page
        assert "What it depends on" not in page
        assert "The best, confirmed" not in page
    finally:
        growing.kill()
