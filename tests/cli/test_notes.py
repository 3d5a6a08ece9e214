"""`nnsweep note` and `nnsweep tag`: what they write, and where it is shown."""

from __future__ import annotations

import json
import random
import re
import shutil
from pathlib import Path

import pytest

import nnsweep
from nnsweep.folder.notes import Remarks, read_notes
from nnsweep.folder.paths import Folder
from nnsweep.store import lock
from tests.helpers import SMALL, call, files
from tests.helpers.forked import Forked

AT = r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"
ONE = "alpha=0.01", "epochs=2", "hidden=4", "seed=2"
SHOWN = "alpha = 0.01, epochs = 2, hidden = 4, seed = 2"


@pytest.fixture
def small(small):
    """The results folder of a small sweep that ran without figures."""
    return Folder(Path("results", "small"))


@pytest.fixture
def said(capsys):
    """Call the program: what it said, with the times of notes left out."""

    def say(*arguments):
        code, out, err = call(capsys, *arguments)
        return code, re.sub(AT, "WHEN", out), err

    return say


def find_id(said) -> str:
    return said("show", "small", *ONE)[1].split()[1]


def test_notes_on_the_sweep_and_on_trials(small, said):
    before = files(small.root)
    assert said("note", "small") == (0, 'small: no notes and no tags; nnsweep note small "…" writes one\n', "")
    assert said("note", "small", "why\nbecause") == (0, "small: wrote note 1\n", "")
    id = find_id(said)
    assert said("note", "small", *ONE, "it jumps") == (0, f"small: wrote note 2 on {id}\n", "")
    assert said("note", "grid.toml", id[:8], "hidden=4 is better") == (0, f"small: wrote note 3 on {id}\n", "")
    assert said("note", "small", "alpha=0.01", "hidden=4", "seed=0", "all three")[1] == (
        "small: wrote notes 4 to 6 on 3 trials\n"
    )
    for number in (4, 5, 6):
        said("note", "small", "--remove", number)
    noted = f"{id}  {SHOWN}\n  note 2, WHEN: it jumps\n  note 3, WHEN: hidden=4 is better\n"
    assert said("note", "small") == (
        0,
        f"small\n  note 1, WHEN: why\n{' ' * 16}because\n{noted}".replace(
            " " * 16, " " * len("  note 1, 2026-11-29 05:00 UTC: ")
        ),
        "",
    )
    assert said("note", "small", "seed=2")[1] == noted
    assert said("note", "small", id[:6])[1] == noted
    assert {name for name in files(small.root).items() ^ before.items() if name[0] != "notes.json"} == set()


def test_a_note_that_looks_like_a_setting(small, said):
    assert said("note", "small", "--text", "seed=2") == (0, "small: wrote note 1\n", "")
    assert said("note", "small", "loss=3") == (0, "small: wrote note 2\n", "")  # `loss` is no axis
    assert said("note", "small", "decade") == (0, "small: wrote note 3\n", "")  # and this begins no id


def test_notes_are_edited_and_removed(small, said):
    said("note", "small", "one")
    assert said("note", "small", "--edit", "1", "two") == (0, "small: changed note 1\n", "")
    assert said("note", "small", "--remove", "1") == (0, "small: removed note 1: two\n", "")
    assert said("note", "small", "--remove", "1") == (2, "", "Error: no note 1; allowed: none is written\n")
    alone = 'Error: --edit NUMBER: allowed: one text with it, as in nnsweep note NAME --edit 2 "new text"\n'
    assert said("note", "small", "--edit", "1") == (2, "", alone)
    assert said("note", "small", "--edit", "1", "a", "b") == (2, "", alone)
    nothing = "Error: --remove NUMBER: allowed: nothing else with it, as in nnsweep note NAME --remove 2\n"
    assert said("note", "small", "x", "--remove", "1") == (2, "", nothing)


def test_tags_of_the_sweep_and_of_trials(small, said):
    assert said("tag", "small") == (0, "small: no tags; nnsweep tag small +baseline adds one\n", "")
    assert said("tag") == (0, "results: no tags; nnsweep tag NAME +baseline adds one\n", "")
    assert said("tag", "small", "-old", "+baseline", "+hot") == (
        0,
        "small: baseline, hot\n",
        "warning: small: no tag `old` to remove\n",
    )
    assert said("tag", "-hot", "small", "--results", "results") == (0, "small: baseline\n", "")
    id = find_id(said)
    assert said("tag", "small", *ONE, "+odd") == (0, f"{id}  {SHOWN}: odd\n", "")
    assert said("tag", "small") == (0, f"small: baseline\n{id}  {SHOWN}: odd\n", "")
    assert said("tag") == (0, "baseline  small\nodd       small (1 trial)\n", "")
    assert json.loads(said("tag", "--json")[1]) == {"baseline": ["small"], "odd": ["small (1 trial)"]}
    assert json.loads(said("tag", "small", "--json")[1])[1] == {"id": id, "settings": SHOWN, "tags": ["odd"]}
    assert said("tag", "small", "--", "-baseline") == (0, f"{id}  {SHOWN}: odd\n", "")
    assert said("tag", "small", "--", "-h")[2] == "warning: small: no tag `h` to remove\n"
    assert said("tag", "small", *ONE, "-od")[2] == "warning: small: no tag `od` to remove; did you mean `odd`?\n"
    assert said("tag", "-h")[1].startswith("Usage: nnsweep tag ")


def test_many_tagged_trials_are_counted(small, said):
    lines = said("tag", "small", "hidden=4", "+wide")[1].splitlines()
    assert (len(lines), lines[-1]) == (21, "… and 4 trials more")


def test_what_tag_and_note_refuse(small, said):
    allowed = "allowed: +foo adds a tag, -foo removes it, hidden=4 or the first digits of an id name trials"
    assert said("tag", "small", "foo") == (2, "", f"Error: `foo`: {allowed}\n")
    assert said("tag", "small", "hidden=3", "+x")[2] == "Error: no trial with hidden = 3; allowed: 2, 4\n"
    nothing = "nothing of that name is stored in results; allowed: a sweep file, a results folder, small"
    assert said("tag", "other", "+x") == (2, "", f"Error: `other`: {nothing}\n")
    Path("other.toml").write_text(SMALL.replace('"small"', '"other"'))
    stored = "Error: other.toml: nothing is stored in results/other; run the sweep first\n"
    assert said("note", "other.toml", "x") == (2, "", stored)
    assert not small.notes.exists()
    assert not Path("results", "other").exists()


def test_too_many_trials_at_once(small, said, monkeypatch):
    monkeypatch.setattr("nnsweep.questions.noted.subjects.MOST", 23)
    message = "Error: hidden=4: found 24 trials; allowed: at most 23 at once\n"
    assert said("tag", "small", "hidden=4", "+wide") == (2, "", message)


def test_where_they_are_shown(small, said):
    said("note", "small", "why")
    said("tag", "small", "+baseline")
    id = find_id(said)
    said("note", "small", id, "it jumps")
    said("tag", "small", id, "+odd")
    line = said("ls", "--tag", "baseline", "--tag", "odd")[1]
    assert re.sub(AT, "", line).replace("WHEN", "").split("  ") == (
        ["small", "48 trials: 48 ok", "", "tags: baseline, odd (1 trial)", "2 notes\n"]
    )
    (entry,) = json.loads(said("ls", "--json")[1])
    assert (entry["tags"], entry["trial_tags"], entry["notes"]) == (["baseline"], {"odd": 1}, 2)
    assert said("ls", "--tag", "x", "--tag", "y") == (0, "results: no sweep has the tag x and the tag y\n", "")
    near = "results: no sweep has the tag basline; did you mean `baseline`?\n"
    assert said("ls", "--tag", "basline") == (0, near, "")
    assert said("show", "small", id)[1].splitlines()[4:6] == ["  tags: odd", "  note 2, WHEN: it jumps"]
    shown = json.loads(said("show", "small", id, "--json")[1])
    assert (shown["tags"], shown["notes"][0]["text"]) == (["odd"], "it jumps")
    assert [
        line.rpartition("  ")[2]
        for line in said("show", "small", "alpha=0.01", "hidden=4", "epochs=2")[1].split("\n")
        if id in line
    ] == ["tags: odd"]
    results = nnsweep.open("small")
    assert (results.tags, [note.text for note in results.notes]) == (["baseline"], ["why"])
    trial = results.trial(id)
    assert (trial.tags, [note.text for note in trial.notes]) == (["odd"], ["it jumps"])
    assert "  tags: odd\n" in repr(trial)


def test_the_page_has_them_and_is_made_anew(small, said):
    results = nnsweep.open("small")
    results.write(figures=False)
    page = results.report().read_text()
    assert "Notes</h2>" not in page
    said("note", "small", "a <b> note\nof two lines")
    said("tag", "small", *ONE, "+odd")
    stale = "these show an earlier state until a run without --no-figures: report.html"
    assert stale in said("grid.toml", "--no-figures")[1].splitlines()
    page = nnsweep.open("small").report().read_text()
    assert "a &lt;b&gt; note\nof two lines</p>" in page
    assert f'</code> {SHOWN} <span class="tag">odd</span>' in page
    small.notes.write_text("<<<<")
    assert "Notes</h2>" not in nnsweep.open("small").report().read_text()


def test_a_damaged_file_is_told_and_never_overwritten(small, said):
    small.notes.write_text("<<<<<<< HEAD")
    problem = (
        "results/small/notes.json: not as nnsweep writes it: Invalid JSON: expected value at line 1 column 1; nothing "
        "was changed: correct the file or move it away"
    )
    for arguments in (["note", "small"], ["note", "small", "x"], ["tag", "small"], ["tag", "small", "+x"]):
        assert said(*arguments) == (2, "", f"Error: {problem}\n"), arguments
    Folder(Path("results", "other")).make()
    shutil.copy(small.store, "results/other")
    said("tag", "other", "+kept")
    assert said("tag") == (1, "kept  other\n", f"warning: {problem}\n")
    shutil.rmtree("results/other")
    assert said("ls") == (1, f"small  {problem}\n", "")
    code, out, err = said("show", "small", *ONE)
    assert (code, out.split()[0], err) == (0, "trial", f"warning: {problem}\n")
    with pytest.raises(nnsweep.StoreError) as caught:
        _ = nnsweep.open("small").notes
    assert str(caught.value) == problem
    assert said("merge", "results/small", "-o", "joined", "--no-figures")[1:] == (
        "",
        f"results/small: 48 trials: 48 new\nnot merged further: {problem}\n48 trials stored in results/joined\n",
    )
    assert small.notes.read_text() == "<<<<<<< HEAD"


def test_notes_are_written_while_a_run_trains(small, said):
    with lock(small.root):
        assert said("tag", "small", "+now") == (0, "small: now\n", "")


def test_merge_joins_them(small, said):
    said("note", "small", "why")
    said("tag", "small", *ONE, "+odd")
    target = Folder(Path("results", "joined"))
    joined = (
        "results/small: 48 trials: 48 new\nresults/small: 2 new notes and tags\n48 trials stored in results/joined\n"
    )
    assert said("merge", "results/small", "-o", "joined", "--no-figures") == (0, joined, "")
    said("note", "joined", "of the target")
    said("merge", "results/small", "-o", "joined", "--no-figures")
    notes = read_notes(target)
    assert [(note.number, note.text) for note in notes.sweep.notes] == [(1, "why"), (2, "of the target")]
    assert list(notes.trials.values()) == [Remarks(tags=["odd"])]
    assert notes.sweep.notes[0].at == read_notes(small).sweep.notes[0].at


def change_at_once(count: int, small: Folder) -> None:
    """Start so many changes at once, each in a process of its own; all must be there in the end."""
    draw = random.Random(20261129)
    kinds = [draw.choice(["tag", "note"]) for _ in range(count)]
    words = [f"+t{n}" if kind == "tag" else f"text {n}" for n, kind in enumerate(kinds)]
    running = [Forked(kind, "small", word) for kind, word in zip(kinds, words, strict=True)]
    failed = [done for done in (each.done(240) for each in running) if done.code]
    found = read_notes(small).sweep
    print(f"{count} changes at once: {len(failed)} failed")
    assert not failed
    assert found.tags == sorted(word[1:] for word in words if word[0] == "+")
    assert sorted(note.text for note in found.notes) == sorted(word for word in words if word[0] != "+")
    assert sorted(note.number for note in found.notes) == list(range(1, len(found.notes) + 1))
    assert not list(small.root.glob(".notes*"))


def test_changes_at_once_lose_nothing(small):
    change_at_once(3, small)


@pytest.mark.slow
def test_very_many_changes_at_once_lose_nothing(small):
    change_at_once(30, small)
