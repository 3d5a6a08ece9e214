"""Compare two results of one trial from two folders, and the machines that trained them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from nnsweep.store.rejected import content_of
from nnsweep.store.rows import Row

LONGEST = 60
"""Characters of a value that is shown."""


def is_same(there: Row, here: Row) -> bool:
    """Whether two results are the same bit for bit, seconds aside. An older nnsweep stored no diagnosis."""
    if not (there.outcome.diagnosis and here.outcome.diagnosis):
        there, here = (each._replace(outcome=replace(each.outcome, diagnosis={})) for each in (there, here))
    return content_of(there) == content_of(here)


def describe(there: Row, here: Row) -> str:
    """Say where two results first differ."""
    found = first_difference(there, here)
    return f"{found[0]} is {found[1]} there, {found[2]} here" if found else "the numbers are of other types"


def first_difference(one: Row, other: Row) -> tuple[str, str, str] | None:
    """Name the first part in which two results differ, with its text in each; None if none of them does."""
    for name, *values in _pairs(one, other):
        if repr(values[0]) != repr(values[1]):
            return name, _shown(values[0]), _shown(values[1])
    return None


def _pairs(there: Row, here: Row) -> Iterator[tuple[str, Any, Any]]:
    one, other = there.outcome, here.outcome
    yield "its status", one.status, other.status
    yield from _of_each("", one.metrics, other.metrics)
    yield from _of_each("", one.diagnosis, other.diagnosis)
    for name in dict.fromkeys((*one.history, *other.history)):
        values = zip_longest(one.history.get(name, ()), other.history.get(name, ()))
        for place, (first, second) in enumerate(values, 1):
            yield f"{name} in record {place} of the history", first, second
    yield "its failure", one.failure, other.failure
    for name in ("trainer", "version", "params"):
        yield f"its {name}", getattr(there, name), getattr(here, name)


def _of_each(lead: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    yield from ((f"{lead}{name}", one.get(name), other.get(name)) for name in dict.fromkeys((*one, *other)))


def _shown(value: Any) -> str:
    if isinstance(value, str):
        value = value.strip().rpartition("\n")[2]  # of a traceback, the error
    text = "missing" if value is None else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


class Machines:
    """Where results come from: the parts of environments that may change the last bits of a number."""

    def __init__(self, there: str, here: str) -> None:
        """Take the environments of two runs, as JSON."""
        environments = _read(there), _read(here)
        self._there, self._here = map(_parts, environments)
        self._kinds = [_kind(each) for each in environments]

    def __str__(self) -> str:
        names = [name for name in self._there if self._there[name] != self._here[name]]
        if not names:
            return "both were trained on machines and by packages of the same kind"
        parts = [f"{name} {self._there[name]} there, {self._here[name]} here" for name in names]
        kinds = f"{OTHER_KIND}; " if self.kinds_differ else ""
        return f"{kinds}the machines differ: {'; '.join(parts)}"

    @property
    def kinds_differ(self) -> bool:
        """Whether the processors are known to be of different kinds, for NumPy or for BLAS."""
        there, here = self._kinds
        return any(
            one is not None and other is not None and one != other for one, other in zip(there, here, strict=True)
        )

    def describe_kinds(self) -> str:
        """Say how the kinds of the processors differ: `NumPy found X86_V3 there, X86_V3 X86_V4 here`."""
        (simd, kernels), (simd_here, kernels_here) = self._kinds
        parts = [("NumPy found", simd, simd_here), ("BLAS chose", kernels, kernels_here)]
        return "; ".join(
            f"{what} {' '.join(one) or 'nothing'} there, {' '.join(other) or 'nothing'} here"
            for what, one, other in parts
            if one is not None and other is not None and one != other
        )


OTHER_KIND = "they were trained on different kinds of processor, so that their last bits may differ"


def _read(environment: str) -> dict[str, Any]:
    try:
        found = json.loads(environment)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _kind(environment: Mapping[str, Any]) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Give the instruction sets that NumPy found, and the kernels that BLAS chose; None where they are not known."""
    simd, blas = environment.get("simd"), environment.get("blas")
    libraries = [each for each in blas if isinstance(each, dict)] if isinstance(blas, list) else []
    kernels = {str(each["architecture"]) for each in libraries if each.get("architecture")}
    return tuple(map(str, simd)) if isinstance(simd, list) else None, tuple(sorted(kernels)) or None


def _parts(found: Mapping[str, Any]) -> dict[str, str]:
    packages = found.get("packages")
    versions = packages if isinstance(packages, dict) else {}
    libraries = found.get("blas")
    blas = [each for each in libraries if isinstance(each, dict)] if isinstance(libraries, list) else []
    kernels = [" ".join(str(each.get(key)) for key in ("library", "version", "architecture")) for each in blas]
    simd = found.get("simd")
    parts = {
        "host": found.get("host"),
        "processor": found.get("cpu"),
        "instruction sets": (" ".join(map(str, simd)) or "none") if isinstance(simd, list) else None,
        "BLAS": ", ".join(sorted(kernels)) or None,
        "Python": found.get("python"),
        "numpy": versions.get("numpy"),
        "nnsweep": versions.get("nnsweep"),
        "commit": found["git"].get("commit") if isinstance(found.get("git"), dict) else None,
    }
    return {name: _shown(value) if value is not None else "unknown" for name, value in parts.items()}
