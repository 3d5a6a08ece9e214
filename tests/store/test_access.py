"""Queries part by part."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest

from nnsweep.errors import StoreError
from nnsweep.store.access import Access


def test_rows_that_do_not_ascend_are_damage_and_not_read_for_ever(tmp_path):
    path = tmp_path / "trials.db"
    with closing(sqlite3.connect(path)) as connection:
        parts = Access(path, connection).parts("select 5 where ? < 9")
        assert next(parts) == [(5,)]
        said = f"{path}: the file is damaged (rows out of order); restore it from a copy, or train again with --fresh"
        with pytest.raises(StoreError, match=f"^{re.escape(said)}$"):
            next(parts)
