"""A run that was trained elsewhere, as a reader of another tracker's files gives it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isinf
from typing import Any

from nnsweep.design.search import Search, Space
from nnsweep.design.sweep import SEED
from nnsweep.status import Status
from nnsweep.trainers.protocol import EPOCH

WHOLE = re.compile(r"[+-]?(0|[1-9][0-9]*)")
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?inf(inity)?", re.IGNORECASE)
LONGEST_WHOLE = 1000
"""Digits of a whole number; longer ones stay texts, as Python does not read them."""
WORDS = {"true": True, "True": True, "false": False, "False": False, "None": None, "": None}


@dataclass(frozen=True)
class ImportedRun:
    """What a run was asked and what became of it. `key` tells it from all others of its kind, also later."""

    key: str
    name: str
    """The run in messages."""
    params: Mapping[str, Any]
    """Truth values, numbers, texts, None, and lists of these."""
    metrics: Mapping[str, Any]
    history: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    status: Status = "ok"
    failure: str | None = None
    started: str = ""
    """When it started, as a text that sorts by time; "" where that is not known."""
    seconds: float = 0.0


@dataclass
class Asked:
    """Which runs are read, and what of them: the options of `nnsweep import`."""

    experiment: str = ""
    metrics: Sequence[str] = ()
    """The metrics that are read; all where none is named."""
    seed: str = SEED
    """The parameter that tells replicates apart."""
    step: str = ""
    """Of a CSV file, the column of the steps, if a run has a row for each of them."""
    notices: list[str] = field(default_factory=list)
    """What was not read, and why."""
    search: Search | None = None
    """How the runs were chosen, and what of them was to be good, where the source says so."""
    spaces: Mapping[str, Space] = field(default_factory=dict)
    """The intervals from which parameters were chosen, where the source says so."""

    offered: dict[str, None] = field(default_factory=dict)
    """The metrics that runs have, whether they are read or not."""

    def takes(self, metric: str) -> bool:
        """Whether a metric is to be read."""
        self.offered[metric] = None
        return not self.metrics or metric in self.metrics


def from_text(text: str) -> Any:
    """Read a value of which only the text was kept. What looks like a number that no float is near stays a text.

    >>> [from_text(each) for each in ("12", "1e-3", "True", "None", "007", "relu", "inf", "3512e950", "7e-950")]
    [12, 0.001, True, None, '007', 'relu', inf, '3512e950', '7e-950']
    """
    if text in WORDS:
        return WORDS[text]
    if WHOLE.fullmatch(text):
        return int(text) if len(text) <= LONGEST_WHOLE else text
    if not NUMBER.fullmatch(text) or re.match(r"[+-]?0[0-9]", text):
        return text
    number = float(text)
    too_large = isinf(number) and "n" not in text.lower()
    too_small = number == 0 and re.match(r"[^eE]*[1-9]", text)
    return text if too_large or too_small else number


def flat(table: Mapping[str, Any], lead: str = "") -> Iterator[tuple[str, Any]]:
    """List the values of nested tables under names with points.

    >>> dict(flat({"optimizer": {"lr": 0.1}, "layers": [8, 8]}))
    {'optimizer.lr': 0.1, 'layers': [8, 8]}
    """
    for name, value in table.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{lead}{name}.")
        else:
            yield f"{lead}{name}", str(value) if isinstance(value, Mapping) else value


def side_by_side(points: Iterable[tuple[int, str, Any]]) -> dict[str, list[Any]]:
    """Make a history of steps, names and values. Of several values of a name at one step the last one counts.

    >>> side_by_side([(0, "loss", 0.5), (2, "loss", 0.25), (2, "error", 1.0)])
    {'loss': [0.5, 0.25], 'error': [None, 1.0], 'epoch': [0, 2]}
    """
    by_step: dict[int, dict[str, Any]] = {}
    names: dict[str, None] = {}
    for step, name, value in points:
        by_step.setdefault(step, {})[name] = value
        names[name] = None
    steps = sorted(by_step)
    lists = {name: [by_step[step].get(name) for step in steps] for name in names}
    return {**lists, EPOCH: steps} if steps else {}


def choose_experiment(found: Iterable[str], asked: str, where: str, what: str, several: str = "") -> str:
    """Choose the experiment, project or study whose runs are read; `several` is the plural of `what`.

    Raises:
        NnsweepError: there is none of the name, or there are several and none is named.
    """
    from nnsweep.errors import NnsweepError
    from nnsweep.format import did_you_mean

    names = list(dict.fromkeys(found))
    if not names:
        raise NnsweepError(f"{where}: found no {what} with runs")
    if not asked and len(names) == 1:
        return names[0]
    allowed = ", ".join(names)
    if asked in names and asked:
        return asked
    if asked:
        raise NnsweepError(f"{where}: no {what} `{asked}`; allowed: {allowed}{did_you_mean(asked, names)}")
    raise NnsweepError(
        f"{where}: found {len(names)} {several or what + 's'}; name one with --experiment; allowed: {allowed}"
    )
