"""Compile the source of a kernel with numba, and keep the compiled code for the next process."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import ModuleType
from typing import Any

from nnsweep.computing import START, current

Kernel = Callable[..., Any]


@cache
def compiled(source: str, function: str, signature: str, family: str = "") -> Kernel:
    """Compile a function of a module's source for arguments of one signature. It runs without the GIL.

    `family` is a text that kernels share of which `is_kept` need not tell one from another.
    """
    began = time.perf_counter()
    try:
        return _compiled(source, function, signature, family)
    finally:
        current().count(START, round(1e6 * (time.perf_counter() - began)))


def _compiled(source: str, function: str, signature: str, family: str) -> Kernel:
    import numba  # pyright: ignore[reportMissingImports]

    name = f"{_prefix(family or source)}_{_digest(source)}"
    path = _kept(source, name)
    module = sys.modules[name] = ModuleType(name)  # in which numba looks for what a cached function calls
    exec(compile(source, str(path or name), "exec"), module.__dict__)
    found, options = getattr(module, function), {"nogil": True, "error_model": "numpy"}
    if path:
        with suppress(RuntimeError):  # numba may write nowhere
            return numba.njit(signature, cache=True, **options)(found)
    return numba.njit(signature, **options)(found)


def is_kept(family: str) -> bool:
    """Whether a process has compiled one of these kernels before, as far as its cache tells."""
    with suppress(OSError, RuntimeError):
        return any(cache_folder().glob(f"{_prefix(family)}_*.py"))
    return False


def _prefix(family: str) -> str:
    return f"nnsweep_kernel_{_digest(family)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _kept(source: str, name: str) -> Path | None:
    """Write a source to the cache, because numba keeps the code of files only; None where nothing can be written."""
    with suppress(OSError, RuntimeError):
        path = cache_folder() / f"{name}.py"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".new", delete=False) as file:
                file.write(source)
            Path(file.name).replace(path)  # whole or not at all, whoever else writes it
        return path
    return None


def cache_folder() -> Path:
    """Give the folder of compiled code: `NUMBA_CACHE_DIR`, or one in the user's cache.

    Raises:
        RuntimeError: the user has no home.
    """
    if given := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(given) / "nnsweep"
    if sys.platform == "win32" and (local := os.environ.get("LOCALAPPDATA")):
        return Path(local) / "nnsweep" / "Cache" / "kernels"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "nnsweep" / "kernels"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nnsweep" / "kernels"
