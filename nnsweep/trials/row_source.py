"""What the rows of a grid stand for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from nnsweep.trainers.protocol import Params
from nnsweep.trials.codes import Codes
from nnsweep.trials.ids import Ids, to_numbers
from nnsweep.trials.trial import Trial


class RowSource(Protocol):
    """Makes ids, parameters and trials of rows of codes. `Completion` does so for a sweep."""

    @property
    def names(self) -> Sequence[Collection[str]] | None:
        """The parameters that each column of codes sets; None if that is not known."""
        ...

    @property
    def kind_axes(self) -> Sequence[int]:
        """The columns of codes that decide more than training."""
        ...

    @property
    def are_complete(self) -> bool:
        """Whether the parameters are known."""
        ...

    def ids(self, codes: Codes, size: int) -> Ids:
        """Compute the ids of rows, (rows,)."""
        ...

    def params(self, codes: Codes, size: int) -> Iterator[Params]:
        """Make the complete parameters of each row."""
        ...

    def packed(self, codes: Codes, size: int) -> Sequence[Params]:
        """Give what `params` makes, to be sent to another process."""
        ...

    def texts(self, codes: Codes, size: int) -> Iterator[str]:
        """Write the parameters of each row as JSON."""
        ...

    def trials(
        self, codes: Codes, size: int, ids: Iterable[str], settings: Iterable[Mapping[str, Any]]
    ) -> Iterator[Trial]:
        """Make the trials of rows, whose ids and settings are given."""
        ...


class ListedTrials:
    """Trials that are objects already: the last column of codes holds their places."""

    def __init__(self, trials: Sequence[Trial], last: int) -> None:
        self._trials, self.kind_axes, self.names = trials, (last,), None
        self.are_complete = all(trial.params_json for trial in trials)

    def ids(self, codes: Codes, size: int) -> Ids:
        return to_numbers(self._trials[row].id for row in codes[-1].tolist())

    def params(self, codes: Codes, size: int) -> Iterator[Params]:
        return (self._trials[row].params for row in codes[-1].tolist())

    def packed(self, codes: Codes, size: int) -> Sequence[Params]:
        return list(self.params(codes, size))

    def texts(self, codes: Codes, size: int) -> Iterator[str]:
        return (self._trials[row].params_json for row in codes[-1].tolist())

    def trials(
        self, codes: Codes, size: int, ids: Iterable[str], settings: Iterable[Mapping[str, Any]]
    ) -> Iterator[Trial]:
        return (self._trials[row] for row in codes[-1].tolist())
