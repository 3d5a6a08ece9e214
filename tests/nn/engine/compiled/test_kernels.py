"""Where compiled code is kept, and that it works where nothing can be kept."""

from __future__ import annotations

import pytest

from nnsweep.computing import START, computing
from nnsweep.nn.engine.compiled import kernels
from nnsweep.nn.engine.compiled.accepts import has_numba

pytestmark = pytest.mark.skipif(not has_numba(), reason="numba is not installed")

SOURCE = """
def doubled(x):
    return 2 * x
"""


@pytest.fixture(autouse=True)
def _forgotten():
    kernels.compiled.cache_clear()


def test_a_kernel_is_kept_by_its_source(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert not kernels.is_kept(SOURCE)
    with computing("compiled") as found:
        assert kernels.compiled(SOURCE, "doubled", "f8(f8)")(4.0) == 8.0
    assert found.steps[START] > 0
    assert kernels.is_kept(SOURCE)
    assert not kernels.is_kept(SOURCE + "\n")
    assert kernels.cache_folder() == tmp_path / "nnsweep"


def test_where_nothing_can_be_written_a_kernel_is_compiled_each_time(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))  # no folder can be made in a file
    assert kernels.compiled(SOURCE, "doubled", "f8(f8)")(4.0) == 8.0
    assert not kernels.is_kept(SOURCE)


def test_the_cache_is_the_user_s(tmp_path, monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(kernels.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert kernels.cache_folder() == tmp_path / "nnsweep" / "kernels"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert kernels.cache_folder() == tmp_path / ".cache" / "nnsweep" / "kernels"
