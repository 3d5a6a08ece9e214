"""A damaged store of any version, while it is read and brought up to date: a line, and no sound trial is lost."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from nnsweep.errors import StoreError
from nnsweep.store import Store
from nnsweep.store.schema import VERSION
from tests.helpers import FILES
from tests.helpers.damage import KINDS

IDS = [f"{number:016d}" for number in range(5)]
"""The trials of each fixture."""


def reading(path: Path, opened: Callable[[Path], Store], found: Counter[str]) -> list[str]:
    """Read each trial alone; what cannot be read is an empty text, and is told in a line."""
    answers = []
    for each in IDS:
        try:
            with opened(path) as store:
                answers.append(repr(store.outcomes([each])))
        except StoreError as error:
            said = str(error)
            assert said.startswith(f"{path}: ")
            assert "\n" not in said
            found["told"] += 1
            answers.append("")
    return answers


def damage(version: int, tmp_path: Path, seed: int, times: int) -> None:
    """Damage the file of a version in one way at a time; read it, bring it up to date, and read it again."""
    path, sound = tmp_path / "trials.db", (FILES / f"store_{version}.db").read_bytes()
    path.write_bytes(sound)
    found, chance, full = Counter[str](), random.Random(seed), [at for at, byte in enumerate(sound) if byte]
    whole = reading(path, Store.read, found)
    assert "" not in whole
    for number in range(times):
        content = KINDS[number % len(KINDS)](sound, full, chance)
        for each in tmp_path.iterdir():
            each.unlink()
        path.write_bytes(content)
        before = reading(path, Store.read, found)
        assert path.read_bytes() == content, "reading changes nothing"
        after = reading(path, Store.open, found)
        for answer, earlier, right in zip(after, before, whole, strict=True):
            assert earlier in ("", right) or (earlier, content) == ("{}", b""), number
            assert answer in (earlier, right), number
        found["whole"] += after == whole
    print(f"version {version}: {times} damaged stores, {found['whole']} of them whole, {found['told']} lines, 0 lost")


@pytest.mark.parametrize("version", range(1, VERSION + 1))
def test_a_damaged_store_is_told_and_keeps_its_sound_trials(version, tmp_path):
    damage(version, tmp_path, 0, 5)


@pytest.mark.slow
@pytest.mark.parametrize("version", range(1, VERSION + 1))
def test_many_damaged_stores_are_told_and_keep_their_sound_trials(version, tmp_path):
    damage(version, tmp_path, 1, 80)
