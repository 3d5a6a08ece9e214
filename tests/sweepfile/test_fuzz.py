"""Whatever a file says, a user sees a `Sweep` or a `SpecError`."""

from __future__ import annotations

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from nnsweep.errors import SpecError
from nnsweep.sweepfile import loads
from tests.sweepfile.test_load import FORUM, ONE

SEEDS = [FORUM, *(f'name = "a"\n{lines}' for lines in ONE)]
MARKS = ["[", "]", "{", "}", '"', "'", "#", ".", ",", "=", "\\", "[[", "]]", "{}", "[]", "'''"]
WORDS = (
    "nan true -1 0x7f 1e400 1979-05-27 alpha hidden seed case [axes] [fixed] [cases] [[include]] [[exclude]] [success]"
)
OTHERS = ["\n", "\0", "\r\n", "é", "\ud800", "9" * 30, "count = 3", "from = 1", "to = 9", '"""']
SNIPPETS = st.sampled_from([*MARKS, *WORDS.split(), *OTHERS])
EDITS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 12), SNIPPETS | st.text(max_size=5)), max_size=6)


def edited(text: str, edits: list[tuple[int, int, str]]) -> str:
    for start, length, new in edits:
        at = start % (len(text) + 1)
        text = text[:at] + new + text[at + length :]
    return text


@settings(max_examples=100)
@given(st.sampled_from(SEEDS), EDITS)
def test_mutated_files_raise_nothing_else(seed: str, edits: list[tuple[int, int, str]]) -> None:
    with contextlib.suppress(SpecError):
        loads(edited(seed, edits))


@settings(max_examples=80)
@given(st.text() | st.tuples(st.sampled_from(["alpha", "hidden", "data", "case"]), SNIPPETS, st.text()).map("=".join))
def test_overrides_raise_nothing_else(override: str) -> None:
    with contextlib.suppress(SpecError):
        loads(FORUM, overrides=[override])
