"""The JSON of parameters, made of texts that many trials share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from nnsweep.trainers.protocol import Params, Trainer, added_later
from nnsweep.trials.trial import canonical_json

Texts = Mapping[str, str]
"""Members of a JSON object by name, each with a comma before it; empty where the parameter is left out."""


class Members:
    """Writes parameters as members of a JSON object. A sweep repeats few values, so each is encoded once."""

    def __init__(self, trainer: Trainer) -> None:
        self._later = added_later(trainer.parameters)
        self._known: dict[tuple[str, str], str] = {}

    def write(self, params: Params) -> dict[str, str]:
        """Write each parameter, in the order of their names."""
        return {name: self._member(name, params[name]) for name in sorted(params)}

    def _member(self, name: str, value: Any) -> str:
        if name in self._later and value == self._later[name]:
            return ""
        key = name, repr(value)  # 1, 1.0 and True are equal, and three texts
        if key not in self._known:
            self._known[key] = f",{canonical_json(name)}:{canonical_json(value)}"
        return self._known[key]


class _Gap(NamedTuple):
    """The place of a parameter in which the trials of a kind differ."""

    name: str


Parts = tuple[str | _Gap, ...]


class Template(NamedTuple):
    """The JSON of all trials of a kind: `head` ends before the first parameter that the innermost axis sets."""

    head: Parts
    tail: Parts
    later: frozenset[str]
    """The gaps in `tail` that are not of the innermost axis."""

    @classmethod
    def of(cls, texts: Texts, gaps: Collection[str], inner: Collection[str]) -> Template:
        """Make gaps of some parameters, of which `inner` are those of the innermost axis."""
        names = list(texts)
        at = next((at for at, name in enumerate(names) if name in inner), len(names))
        parts = [_Gap(name) if name in gaps else texts[name] for name in names]
        later = frozenset(name for name in names[at:] if name in gaps and name not in inner)
        return cls(_joined(parts[:at]), _joined(parts[at:]), later)

    def outer(self, texts: Texts) -> tuple[tuple[str, str], ...]:
        """Choose those of the members that go into the tail."""
        return tuple((name, texts[name]) for name in self.later) if self.later else ()


def fill(parts: Parts, texts: Texts) -> str:
    """Put texts into gaps."""
    return "".join([part if isinstance(part, str) else texts[part.name] for part in parts])


def _joined(parts: Iterable[str | _Gap]) -> Parts:
    found: list[str | _Gap] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        else:
            found.append(part)
    return tuple(found)
