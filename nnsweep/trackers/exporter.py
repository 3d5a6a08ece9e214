"""The interface of an exporter: it writes trials as runs of another tracker, each once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, ClassVar, Self

from nnsweep.folder.open import StoredSweep
from nnsweep.trackers.record import records


class Exporter(ABC):
    """Writes the trials of one sweep to another tracker. A context manager.

    A trial that is killed half-way is none that `known` calls whole: `export` then removes it and writes it again.
    """

    replaces: ClassVar[bool] = True
    """Whether a trial can be removed, and written again as it is now."""

    errors: tuple[type[Exception], ...] = (OSError,)
    """What the tracker's own package raises where its files cannot be used."""

    def records(self, stored: StoredSweep, where: Sequence[str]) -> Iterator[Any]:
        """Read what is to be there: a `TrialRecord` for each trial, with an `id`, a `digest`, a `size` in trials, and
        the `problem` for which it cannot be exported.
        """
        return records(stored, where)

    @abstractmethod
    def known(self) -> Mapping[str, str]:
        """Give the digest of each trial of the sweep that the tracker has, by id; "" of one that is not whole."""

    @abstractmethod
    def remove(self, id: str) -> None:
        """Remove a trial that `known` has."""

    @abstractmethod
    def write(self, record: Any) -> None:
        """Write a trial that the tracker does not have."""

    def close(self) -> None:  # noqa: B027 - most have nothing to do
        """Let go of files."""

    def __enter__(self) -> Self:
        """Return the exporter itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close."""
        self.close()
