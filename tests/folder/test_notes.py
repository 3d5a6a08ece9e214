"""`notes.json`: what may stand there, and that nothing in it is lost."""

from __future__ import annotations

import json
import re
import threading

import pytest

from nnsweep.errors import NnsweepError, StoreError
from nnsweep.folder import notes as module
from nnsweep.folder.notes import Notes, Remarks, change_notes, read_notes
from nnsweep.folder.paths import NOTES_LOCK, Folder
from nnsweep.store.lock import hold

ID, OTHER = "0123456789abcdef", "fedcba9876543210"


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "small")


def test_notes_and_tags_of_a_sweep_and_of_trials(folder):
    assert read_notes(folder) == Notes()
    (first,) = change_notes(folder, lambda notes: notes.add_note("  lost\nits momentum ", at="2026-11-29T05:00:00Z"))
    assert (first.number, first.at, first.text) == (1, "2026-11-29T05:00:00Z", "lost\nits momentum")
    change_notes(folder, lambda notes: notes.change_tags(["b", "a/1:x.y-z", "cafe\u0301"], []))
    change_notes(folder, lambda notes: notes.change_tags(["odd"], [], [ID, OTHER, ID]))
    assert [note.number for note in change_notes(folder, lambda notes: notes.add_note("both", [ID, OTHER]))] == [2, 3]
    assert change_notes(folder, lambda notes: notes.change_tags(["c"], ["b", "none"])) == ["none"]
    found = read_notes(folder)
    assert found.sweep == Remarks(tags=["a/1:x.y-z", "c", "caf\u00e9"], notes=[first])
    assert found.of(ID).tags == found.of(OTHER).tags == ["odd"]
    assert (found.trial_tags(), found.of("0" * 16)) == ({"odd": 2}, Remarks())
    assert [path.name for path in folder.root.iterdir()] == ["notes.json"]


def test_a_note_is_edited_and_removed_and_its_number_is_not_given_again(folder):
    change_notes(folder, lambda notes: (notes.add_note("one"), notes.add_note("two", [ID])))
    assert change_notes(folder, lambda notes: notes.edit_note(2, "2")).text == "2"
    assert change_notes(folder, lambda notes: notes.remove_note(2)).number == 2
    assert change_notes(folder, lambda notes: notes.add_note("three"))[0].number == 3
    assert [note.text for note in read_notes(folder).sweep.notes] == ["one", "three"]
    assert ID not in json.loads(folder.notes.read_text())["trials"]


def test_what_takes_all_away_leaves_the_number(folder):
    change_notes(folder, lambda notes: notes.add_note("one"))
    change_notes(folder, lambda notes: notes.remove_note(1))
    assert change_notes(folder, lambda notes: notes.add_note("two"))[0].number == 2


TAGS = "allowed: letters, digits, `_`, and behind the first one also `.`, `:`, `/` and `-`; at most 50"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda notes: notes.change_tags(["-x"], []), f"tag '-x': {TAGS}"),
        (lambda notes: notes.change_tags(["a b"], []), f"tag 'a b': {TAGS}"),
        (lambda notes: notes.change_tags([""], []), f"tag '': {TAGS}"),
        (lambda notes: notes.change_tags(["x" * 51], []), f"tag {'x' * 51!r}: {TAGS}"),
        (lambda notes: notes.change_tags(["x" * 999], []), f"tag {'x' * 59 + '…'!r}: {TAGS}"),
        (lambda notes: notes.add_note(" \n"), "a note: found no text; allowed: any text"),
        (lambda notes: notes.add_note("x" * 10_001), "a note: found 10,001 characters; allowed: at most 10,000"),
        (
            lambda notes: notes.add_note("\x1b[1m"),
            "a note: found the character '\\x1b'; allowed: any text, lines and tabs",
        ),
        (
            lambda notes: notes.add_note("\udce9"),
            "a note: found the character '\\udce9'; allowed: any text, lines and tabs",
        ),
        (lambda notes: notes.edit_note(2, "x"), "no note 2; allowed: 1"),
        (lambda notes: notes.remove_note(0), "no note 0; allowed: 1"),
    ],
)
def test_what_is_not_allowed_changes_nothing(folder, change, message):
    change_notes(folder, lambda notes: (notes.add_note("one"), notes.change_tags(["old"], [])))
    before = folder.notes.read_bytes()
    with pytest.raises(NnsweepError) as caught:
        change_notes(folder, change)
    assert (str(caught.value), folder.notes.read_bytes()) == (message, before)


NOTE = '{"sweep": {"notes": [{"number": 1, "at": "2026-11-29T05:00:00Z", "text": %s}]}}'


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "Invalid JSON: EOF while parsing a value at line 1 column 0"),
        ("<<<<<<< HEAD", "Invalid JSON: expected value at line 1 column 1"),
        ("[]", "Input should be an object"),
        ('{"format": 2}', "Input should be 1 at `format`"),
        ('{"later": 1}', "Extra inputs are not permitted at `later`"),
        ('{"sweep": {"tags": ["a b"]}}', f"tag 'a b': {TAGS} at `sweep.tags.0`"),
        ('{"trials": {"x": {}}}', "String should match pattern '^[0-9a-f]{16}$' at `trials.x`"),
        (NOTE % "7", "Input should be a valid string at `sweep.notes.0.text`"),
        (NOTE % '" x"', "found ' x'; allowed: 'x' at `sweep.notes.0.text`"),
    ],
)
def test_a_damaged_file_is_told_and_stays(folder, content, problem):
    folder.root.mkdir()
    folder.notes.write_text(content)
    message = (
        f"{folder.notes}: not as nnsweep writes it: {problem}; nothing was changed: correct the file or move it away"
    )
    for use in (lambda: read_notes(folder), lambda: change_notes(folder, lambda notes: notes.add_note("x"))):
        with pytest.raises(StoreError, match=f"^{re.escape(message)}$"):
            use()
    assert folder.notes.read_text() == content


def test_a_file_that_could_not_be_read_again_is_not_written(folder):
    change_notes(folder, lambda notes: notes.add_note("one"))
    before = folder.notes.read_bytes()
    with pytest.raises(StoreError) as caught:
        change_notes(folder, lambda notes: [notes.add_note("[" * 10_000) for _ in range(27)])
    assert str(caught.value) == f"{folder.notes}: no room for more; allowed: 16,777,216 bytes, 262,144 lists and tables"
    assert folder.notes.read_bytes() == before


def test_a_link_is_replaced_and_not_followed(folder, tmp_path):
    folder.root.mkdir()
    (tmp_path / "elsewhere").write_text("{}")
    folder.notes.symlink_to(tmp_path / "elsewhere")
    change_notes(folder, lambda notes: notes.change_tags(["x"], []))
    assert (folder.notes.is_symlink(), (tmp_path / "elsewhere").read_text()) == (False, "{}")


def test_a_change_waits_for_another_one_and_not_without_end(folder, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    with hold(folder.root / NOTES_LOCK), pytest.raises(StoreError) as caught:
        change_notes(folder, lambda notes: notes.add_note("x"))
    assert str(caught.value) == f"{folder.notes}: another program is changing it for 0 s; try again"


def test_threads_lose_nothing(folder):
    def tag(number: int) -> None:
        change_notes(folder, lambda notes: notes.change_tags([f"t{number}"], []))

    threads = [threading.Thread(target=tag, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read_notes(folder).sweep.tags == sorted(f"t{number}" for number in range(8))
