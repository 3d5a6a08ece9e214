"""Where and with what a sweep ran."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from nnsweep.execution.worker import THREADS, libraries

PROGRAM = "nnsweep"
PACKAGES = "nnsweep", "numpy", "joblib", "pandas"
"""What decides a trial's numbers, where they are made, and what makes tables of them."""


def environment(jobs: int, timeout: float | None = None) -> dict[str, Any]:
    """Describe this process: its command, versions, host, processor, BLAS, and the commit of its checkout, if any."""
    return {
        "command": command(),
        "jobs": jobs,
        "timeout": timeout,
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "platform": platform.platform(),
        "host": platform.node(),
        "cpu": _cpu(),
        "cpus": os.cpu_count(),
        "blas": _blas(),
        "git": _git(Path.cwd()),
    }


def command() -> str:
    """Write the command as it would be typed: `python -m nnsweep` puts a file's path in place of the name."""
    program = Path(sys.argv[0]).name
    return shlex.join([PROGRAM if program == "__main__.py" else program, *sys.argv[1:]])


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _cpu() -> str:
    """Name the processor's type; `platform.processor` is empty on most Linux hosts."""
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _blas() -> list[dict[str, Any]]:
    """List the BLAS libraries in this process, with the threads that training allows each."""
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


def _git(folder: Path) -> dict[str, str] | None:
    """Name the commit of the checkout that `folder` is in, and digest what was not committed of tracked files."""
    if not any((parent / ".git").exists() for parent in (folder, *folder.parents)):
        return None
    commit, changes = _output(folder, "rev-parse", "HEAD"), _output(folder, "diff", "HEAD")
    if commit is None or changes is None:
        return None
    digest = blake2b(changes.encode(), digest_size=8).hexdigest() if changes else "none"
    return {"commit": commit.strip(), "uncommitted_changes": digest}


def _output(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, capture_output=True, text=True, errors="replace", timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout
