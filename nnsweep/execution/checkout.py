"""Describe the code that a run used: the checkout that it is in, and the files of the sweep."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from nnsweep.execution.origin import Origin
from nnsweep.files import digest_file

DIFF = 2**18
"""How many characters of uncommitted changes are kept."""
DIGESTED = 2**26
"""Bytes of a file that is digested, at most: the id of a trial tells other data in any case."""
PATIENCE = 5.0
"""Seconds that one call of git may take."""


def describe_checkout(folder: Path, origin: Origin) -> dict[str, Any] | None:
    """Describe the checkout that `folder` is in: its commit, and the sweep's files that are not tracked.

    Changes of tracked files are digested, and kept up to `DIFF` characters. Changes of results do not count. Outside of
    a checkout there is nothing to describe. If git cannot tell, the `problem` says why.
    """
    root = find_root(folder)
    if root is None:
        return None
    try:
        return _describe(root, origin)
    except (OSError, subprocess.SubprocessError) as error:
        return {"problem": _problem(error)}


def find_root(folder: Path) -> Path | None:
    """Find the checkout that a folder is in."""
    return next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), None)


def _problem(error: OSError | subprocess.SubprocessError) -> str:
    if isinstance(error, OSError):
        return f"git cannot be run: {error.strerror}"
    if isinstance(error, subprocess.TimeoutExpired):
        return f"git took more than {PATIENCE:g} s"
    said = str(getattr(error, "stderr", None) or "").strip().splitlines()
    return f"git says: {said[0]}" if said else "git has failed"


def _describe(root: Path, origin: Origin) -> dict[str, Any]:
    commit = _output(root, "rev-parse", "HEAD")
    changes = _output(root, "diff", "--no-ext-diff", "HEAD", "--", ".", *_but_results(root, origin))
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
    known = set(tracked.split("\0"))
    return [name for path in dict.fromkeys(files) if (name := inside.get(path, str(path))) not in known]


def digest_files(folder: Path, files: Sequence[Path]) -> dict[str, str | None]:
    """Digest files, named as they lie in the checkout or below the folder, others by their whole path.

    One that is larger than `DIGESTED` bytes, or cannot be read, has no digest.
    """
    root = find_root(folder) or folder
    return {_name(path, root): _digest(path) for path in dict.fromkeys(files)}


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if root in path.parents else str(path)


def _digest(path: Path) -> str | None:
    try:
        return digest_file(path) if path.stat().st_size <= DIGESTED else None
    except OSError:
        return None


def _output(folder: Path, *arguments: str) -> str:
    """Run git.

    Raises:
        OSError: it cannot be run. SubprocessError: it fails, or takes too long.
    """
    command = ["git", *arguments]
    told = {"cwd": folder, "capture_output": True, "encoding": "utf-8", "errors": "replace"}
    return subprocess.run(command, **told, timeout=PATIENCE, check=True).stdout
