"""Describe where a sweep ran, and with which versions."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Sequence
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from nnsweep.execution.origin import Origin
from nnsweep.execution.training import THREADS
from nnsweep.threads import libraries

PROGRAM = "nnsweep"
DIFF = 2**18
"""How many characters of uncommitted changes are kept."""
NOWHERE = Origin()
PACKAGES = "nnsweep", "numpy", "joblib", "pandas"
"""The packages that compute the numbers of trials, and those that train in parallel and make tables."""


def environment(jobs: int, timeout: float | None = None, origin: Origin = NOWHERE) -> dict[str, Any]:
    """Describe this process: its command, versions, host, processor, BLAS, and its checkout, if it is in one.

    A checkout is described by its commit, the changes since then, and the files of the sweep that are not tracked.
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
        "git": _git(Path.cwd(), origin),
    }


def command() -> str:
    """Write the command as it would be typed. With `python -m nnsweep`, `sys.argv` holds a path instead of the name."""
    program = Path(sys.argv[0]).name
    return shlex.join([PROGRAM if program == "__main__.py" else program, *sys.argv[1:]])


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


def _git(folder: Path, origin: Origin) -> dict[str, Any] | None:
    """Describe the checkout that `folder` is in: its commit, and the sweep's files that are not tracked.

    Changes of tracked files are digested, and kept up to `DIFF` characters. Changes of results do not count.
    """
    root = next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), None)
    if root is None:
        return None
    commit = _output(root, "rev-parse", "HEAD")
    changes = _output(root, "diff", "--no-ext-diff", "HEAD", "--", ".", *_but_results(root, origin))
    if commit is None or changes is None:
        return None
    found: dict[str, Any] = {"commit": commit.strip(), "uncommitted_changes": "none"}
    if changes:
        found |= {"uncommitted_changes": blake2b(changes.encode(), digest_size=8).hexdigest(), "diff": changes[:DIFF]}
    if len(changes) > DIFF:
        found["diff_left_out"] = len(changes) - DIFF
    return found | {"untracked": _untracked(root, origin.files)}


def _but_results(root: Path, origin: Origin) -> list[str]:
    """Exclude what runs write: a diff that contains the diff of the last run would grow with every run."""
    results = origin.results.resolve() if origin.results is not None else root
    own = [f":(exclude){results.relative_to(root).as_posix()}"] if root in results.parents else []
    return [*own, ":(exclude,glob)**/env.json"]


def _untracked(root: Path, files: Sequence[Path]) -> list[str]:
    """List the files that are not tracked, relative to the checkout; those outside of it by their whole path."""
    inside = {path: path.relative_to(root).as_posix() for path in files if root in path.parents}
    tracked = _output(root, "--literal-pathspecs", "ls-files", "-z", "--", *inside.values()) if inside else ""
    known = set((tracked or "").split("\0"))
    return [name for path in dict.fromkeys(files) if (name := inside.get(path, str(path))) not in known]


def _output(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout
