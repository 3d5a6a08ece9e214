"""What changed from one run to another: settings, code, data, versions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from nnsweep.design.sweep import label
from nnsweep.questions.history.runs import PastRun

NOTHING = "–"
"""Stands for what one of two runs does not have."""


class Change(NamedTuple):
    """Something that is not the same in two runs."""

    part: str
    name: str
    before: str
    after: str


class _Facts(NamedTuple):
    """A part, what the environment records of it, and how that is written, each fact under a name of its own."""

    part: str
    key: str
    write: Callable[[PastRun], Mapping[str, str]]

    def are_known(self, run: PastRun) -> bool:
        return not self.key or self.key in run.environment


def changes(before: PastRun, after: PastRun) -> list[Change]:
    """List what is not the same in two runs, of all that both have recorded."""
    found: list[Change] = []
    for facts in (each for each in FACTS if each.are_known(before) and each.are_known(after)):
        one, other = facts.write(before), facts.write(after)
        for name in dict.fromkeys((*one, *other)):
            pair = one.get(name, NOTHING), other.get(name, NOTHING)
            if pair[0] != pair[1]:
                found.append(Change(facts.part, name, *pair))
    return found


def unknown_parts(before: PastRun, after: PastRun) -> list[str]:
    """List the parts that one of two runs has not, or not wholly, recorded: an older nnsweep did not."""
    return list(dict.fromkeys(each.part for each in FACTS if not (each.are_known(before) and each.are_known(after))))


def settings(run: PastRun) -> dict[str, str]:
    """Write the settings of the sweep as it was run, each under a name of its own."""
    asked: Mapping[str, Any] = run.environment.get("sweep") or {}
    found = {"success": str(asked["success"])} if asked.get("success") else {}
    for kind, lead in (("axes", "axis "), ("fixed", ""), ("cases", "case ")):
        values = asked.get(kind)
        if isinstance(values, Mapping):
            found |= {f"{lead}{name}": _value(value) for name, value in values.items()}
    for kind in ("include", "exclude"):
        if asked.get(kind):
            found[kind] = _value(asked[kind])
    return found


def trainer(run: PastRun) -> str:
    """Name the trainer and its version, which for a user's trainer is a digest of its source."""
    asked = run.environment.get("sweep") or {}
    return f"{asked['trainer']}, version {asked.get('trainer_version')}" if "trainer" in asked else ""


def _checkout(run: PastRun) -> dict[str, str]:
    names = {"commit": "commit", "uncommitted_changes": "uncommitted changes", "problem": "git"}
    return {shown: str(run.git[name]) for name, shown in names.items() if run.git.get(name)}


def _digests(kind: str) -> Callable[[PastRun], dict[str, str]]:
    def write(run: PastRun) -> dict[str, str]:
        return {name: digest or "not digested" for name, digest in run.environment[kind].items()}

    return write


def _versions(run: PastRun) -> dict[str, str]:
    packages = run.environment.get("packages") or {}
    return {"Python": str(run.environment["python"]), **{name: str(number) for name, number in packages.items()}}


def _machine(run: PastRun) -> dict[str, str]:
    names = {"host": "host", "platform": "platform", "cpu": "processor"}
    return {shown: str(run.environment[name]) for name, shown in names.items() if run.environment.get(name)}


FACTS = (
    _Facts("settings", "sweep", settings),
    _Facts("code", "sweep", lambda run: {"trainer": trainer(run)}),
    _Facts("code", "", _checkout),
    _Facts("code", "files", _digests("files")),
    _Facts("data", "data", _digests("data")),
    _Facts("versions", "python", _versions),
    _Facts("machine", "host", _machine),
)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_value, value))
    if isinstance(value, Mapping):
        return f"{{{', '.join(_pairs(value))}}}"
    return str(value).lower() if isinstance(value, bool) else str(label(value))


def _pairs(values: Mapping[str, Any]) -> Iterator[str]:
    return (f"{name} = {_value(value)}" for name, value in values.items())
