"""Files are read only if they are regular, and written whole under names that nobody can guess."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from nnsweep.errors import StoreError
from nnsweep.files import read_file, write_file


def test_a_draft_is_new_has_a_random_name_and_follows_no_link(tmp_path):
    outside, target = tmp_path / "outside", tmp_path / "out.csv"
    outside.write_text("somebody's", encoding="utf-8")
    names = []

    def write(draft: Path) -> None:
        assert draft.read_bytes() == b""
        names.append(draft.name)
        draft.write_text("ours", encoding="utf-8")

    for _ in range(2):
        target.unlink(missing_ok=True)
        target.symlink_to(outside)
        assert write_file(target, write)
        assert (target.is_symlink(), target.read_text(encoding="utf-8")) == (False, "ours")
    assert outside.read_text(encoding="utf-8") == "somebody's"
    assert all(re.fullmatch(r"\.[0-9a-f]{16}\.draft\.csv", name) for name in names)
    assert names[0] != names[1]
    assert not write_file(target, write), "it is the same"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "outside"]


@pytest.mark.skipif(os.name != "posix", reason="modes and named pipes")
def test_a_new_file_has_the_mode_of_any_new_file(tmp_path):
    plain, ours = tmp_path / "plain", tmp_path / "ours"
    plain.touch()
    write_file(ours, lambda draft: draft.write_text("x", encoding="utf-8"))
    assert ours.stat().st_mode == plain.stat().st_mode


@pytest.mark.skipif(os.name != "posix", reason="modes and named pipes")
def test_what_is_no_file_is_left_alone(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, found in ((pipe, "a named pipe"), (tmp_path, "a folder"), (Path(os.devnull), "a device")):
        with pytest.raises(StoreError) as caught:
            write_file(path, lambda draft: draft.write_text("x", encoding="utf-8"))
        assert str(caught.value) == f"{path}: found {found}; allowed: a file"
        with pytest.raises(StoreError) as caught:
            read_file(path)
        assert str(caught.value) == f"{path}: found {found}; allowed: a file"
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_a_draft_does_not_stay_where_writing_fails(tmp_path):
    def fail(draft: Path) -> None:
        draft.write_text("half", encoding="utf-8")
        raise OSError(28, os.strerror(28))

    with pytest.raises(StoreError, match="No space left on device"):
        write_file(tmp_path / "out.csv", fail)
    assert list(tmp_path.iterdir()) == []
