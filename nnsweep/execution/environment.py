"""Describe where a sweep ran, and with which versions."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from nnsweep.execution.checkout import describe_checkout, digest_files
from nnsweep.execution.command import command
from nnsweep.execution.origin import Origin
from nnsweep.execution.training import THREADS
from nnsweep.threads import libraries

NOWHERE = Origin()
PACKAGES = "nnsweep", "numpy", "joblib", "pandas"
"""The packages that compute the numbers of trials, and those that train in parallel and make tables."""


def environment(jobs: int, timeout: float | None = None, origin: Origin = NOWHERE) -> dict[str, Any]:
    """Describe this process: its command, versions, host, processor, BLAS, and its checkout, if it is in one.

    A checkout is described by its commit, the changes since then, and the files of the sweep that are not tracked.
    The files of the sweep (its own, its code, its data) are digested, tracked or not. No variable of the environment is
    kept.
    """
    return {
        "command": command(),
        "jobs": jobs,
        "timeout": timeout,
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES} | origin.packages,
        "platform": platform.platform(),
        "host": platform.node(),
        "cpu": _cpu(),
        "cpus": os.cpu_count(),
        "simd": _simd(),
        "blas": _blas(),
        "git": describe_checkout(Path.cwd(), origin),
        "files": digest_files(Path.cwd(), [path for path in origin.files if path not in origin.data]),
        "data": digest_files(Path.cwd(), origin.data),
        "sweep": origin.question,
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _cpu() -> str:
    """Name the type of the processor. `platform.processor` is empty on most Linux hosts."""
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _simd() -> list[str]:
    """List the instruction sets beyond the baseline that NumPy found: with others its last bits may differ."""
    found = np.show_config(mode="dicts")
    return list(found.get("SIMD Extensions", {}).get("found", ())) if found else []


def _blas() -> list[dict[str, Any]]:
    """List the BLAS libraries of this process, with the number of threads that each may use in training."""
    return [
        {
            "library": found["internal_api"],
            "version": found["version"],
            "architecture": found.get("architecture"),
            "threads": THREADS,
        }
        for found in libraries().info()
        if found["user_api"] == "blas"
    ]
