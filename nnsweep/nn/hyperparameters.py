"""Numbers that an entry of a table takes by keyword: those of an optimiser, or of an initialisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Hyperparameter:
    """A number's default, what it is, and its bounds, by the names that pydantic uses."""

    default: float
    description: str
    ge: float | None = None
    gt: float | None = None
    lt: float | None = None


class HasHyperparameters(Protocol):
    """An entry of a table."""

    @property
    def hyperparameters(self) -> Mapping[str, Hyperparameter]: ...


def hyperparameters(table: Mapping[str, HasHyperparameters]) -> dict[str, Hyperparameter]:
    """Give the hyperparameters of all entries, by name. Entries that share a name share the hyperparameter."""
    found: dict[str, Hyperparameter] = {}
    for entry, each in table.items():
        for name, hyperparameter in each.hyperparameters.items():
            assert found.setdefault(name, hyperparameter) == hyperparameter, f"{entry} has a {name} of another kind"
    return found
