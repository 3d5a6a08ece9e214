"""Reads [search], and the axes whose values are searched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from nnsweep.design.search import METHODS, OVER_EPOCHS, STOPPING, Search, Space
from nnsweep.design.sweep import CASE, SEED, Axis
from nnsweep.sweepfile import wording
from nnsweep.sweepfile.parameters import Parameters, as_value
from nnsweep.sweepfile.problems import Path, Problem, show, show_name
from nnsweep.sweepfile.ranges import MAX_TRIALS
from nnsweep.sweepfile.spaces import SpaceTable, space_of
from nnsweep.sweepfile.values import Listing, Note, listing
from nnsweep.trainers.protocol import EPOCHS, Trainer

EXAMPLE = '[search] with `method = "random"` and `configurations = 100`'
SHARES = (0.0, 0.3819, 0.6180, 1.0)
"""Where values of an interval are checked: its ends, and two values that are whole only by chance."""


def search_of(table: Mapping[str, Any], trainer: Trainer, has_success: bool, note: Note) -> Search | None:
    """Read [search], whose keys and their kinds are checked already."""
    method = str(table.get("method"))
    if method not in METHODS:
        return None
    others = {key for keys in METHODS.values() for key in keys} - {*METHODS[method]}
    for key in table:
        if key in others:
            note(Problem(("search", key), f"{show_name(key)} in [search] is no key of `{method}`", "", _having(key)))
    _check_metrics(table, method, trainer, has_success, note)
    own = {key: table[key] for key in METHODS[method] if key in table}
    plain = {key: each for key, each in table.items() if key in Search.__dataclass_fields__}
    try:
        return Search(**plain, own=MappingProxyType(own))
    except TypeError:  # the table has problems of its own
        return None


def _check_metrics(table: Mapping[str, Any], method: str, trainer: Trainer, has_success: bool, note: Note) -> None:
    """Check the names of metrics, and that there is one, or several for a method that takes several."""
    several = "metrics" in METHODS[method]
    metrics, most = (table.get(key) or [] for key in ("metrics", "most"))
    for key, names in (("metric", [table.get("metric")]), ("metrics", metrics)):
        for name in names if isinstance(names, list) else ():
            if trainer.metrics and isinstance(name, str) and name not in trainer.metrics:
                note(Problem(("search", key), f"`{key}` in [search]", show(name), tuple(trainer.metrics), name))
    if several and "metric" in table:
        note(Problem(("search", "metric"), f"`metric` in [search] is no key of `{method}`", "", "`metrics`, a list"))
    elif several and not metrics:
        note(Problem(("search",), "`metrics` is missing in [search]", "", 'a list such as ["error", "loss"]'))
    elif not several and not table.get("metric") and not has_success:
        allowed = "`metric` in [search], or a [success]"
        note(Problem(("search",), "nothing says what makes a configuration good", "", allowed))
    for name in most if isinstance(most, list) else ():
        if name not in metrics:
            note(Problem(("search", "most"), "`most` in [search]", show(name), tuple(map(str, metrics)), str(name)))


def _having(key: str) -> str:
    return " or ".join(f'`method = "{method}"`' for method, keys in METHODS.items() if key in keys)


class SearchedAxes:
    """Reads the axes of [axes] that are written as a space."""

    def __init__(self, table: Mapping[str, Any], is_searched: bool, parameters: Parameters, note: Note) -> None:
        self._table, self._is_searched, self._parameters, self._note = table, is_searched, parameters, note
        self._read: dict[str, SpaceTable] = {}

    def has(self, name: str) -> bool:
        """Whether an axis is written as a space."""
        raw = self._table[name]
        return space_of(raw) is not None and not self._parameters.is_value(name, raw)

    def listing(self, name: str) -> Listing | None:
        """Read the list of an axis that has `choices`, or nothing."""
        path, what = ("axes", name), f"{show_name(name)} in [axes]"
        table = self._table_of(name, path, what)
        if table is None or table.space is not None or not self._is_allowed(name, path, what):
            return None
        return listing(self._table[name]["choices"], (*path, "choices"), what, self._note)

    def interval(self, name: str) -> Axis | None:
        """Read an axis that has an interval, or nothing."""
        path, what = ("axes", name), f"{show_name(name)} in [axes]"
        table = self._table_of(name, path, what)
        if table is None or table.space is None or not self._is_allowed(name, path, what):
            return None
        ends = self._checked(table.space, name, path, what)
        return Axis(name, self._parameters.spellings[name], ends, space=table.space) if ends else None

    def _table_of(self, name: str, path: Path, what: str) -> SpaceTable | None:
        if name not in self._read:
            kind = space_of(self._table[name])
            assert kind is not None
            try:
                self._read[name] = kind.model_validate(self._table[name])
            except ValidationError as error:
                for problem in wording.of_model(error, kind, path, f" in {what}"):
                    self._note(problem)
                return None
        return self._read[name]

    def _is_allowed(self, name: str, path: Path, what: str) -> bool:
        found = show(self._table[name])
        if self._parameters.spellings[name] == SEED:
            self._note(Problem(path, what, found, "a list or a range, because seeds are replicates"))
            return False
        if not self._is_searched:
            self._note(Problem(path, what, f"{found}, which is searched", f"a list or a range, or {EXAMPLE}"))
            return False
        return True

    def _checked(self, space: Space, name: str, path: Path, what: str) -> tuple[Any, ...]:
        """Check some values of an interval, of which the first problem is enough; return its ends."""
        kept: list[Any] = []
        for share in SHARES:
            value = space.at(share)
            checked, problems = self._parameters.check(name, value, path, what)
            if problems and not space.whole and not self._parameters.check(name, int(value), path, what)[1]:
                ends = f"[{int(space.low)}, {int(space.high)}]"
                problems = [Problem(path, what, show(self._table[name]), f"{{ integers = {ends} }}, for whole numbers")]
            for problem in problems[:1]:
                self._note(problem)
                return ()
            kept.append(checked)
        return kept[0], kept[-1]

    def with_conditions(self, axes: Sequence[Axis]) -> tuple[Axis, ...]:
        """Add to each axis its conditions and the default that it has where they do not hold."""
        return tuple(self._with_conditions(each, axes) for each in axes)

    def _with_conditions(self, found: Axis, axes: Sequence[Axis]) -> Axis:
        read = self._read.get(found.name)
        if read is None or not read.only_if:
            return found
        path, what = ("axes", found.name), f"{show_name(found.name)} in [axes]"
        field = self._parameters.model.model_fields.get(found.parameter)
        if field is None or field.is_required():
            self._note(Problem(path, f"{what} has `only_if`, and the trainer has no default for it"))
            return found
        conditions = [
            (each.parameter, values)
            for name, raw in read.only_if.items()
            if (each := self._named(name, axes, path, what))
            and (values := self._values(each, raw, (*path, "only_if", name), what))
        ]
        default = self._parameters.default_of(found.parameter)
        return replace(found, only_if=tuple(conditions), default=default)

    def _named(self, name: str, axes: Sequence[Axis], path: Path, what: str) -> Axis | None:
        """Find the axis of a condition: one with a list of values, and without a condition of its own."""
        lists = [each for each in axes if each.parameter != SEED and not each.space and not self._is_conditional(each)]
        parameter = self._parameters.spellings.get(name, name)
        found = next((each for each in lists if each.parameter == parameter), None)
        if found is None:
            allowed = tuple(each.name for each in lists) or "none, as no other axis is a list"
            message = f"`only_if` of {what}: {show_name(name)} is no axis with a list of values and no `only_if`"
            self._note(Problem((*path, "only_if", name), message, "", allowed, name))
        return found

    def _is_conditional(self, axis: Axis) -> bool:
        read = self._read.get(axis.name)
        return read is not None and bool(read.only_if)

    def _values(self, of: Axis, raw: Any, path: Path, what: str) -> tuple[Any, ...]:
        """Read one value or a list of values of the axis of a condition."""
        whole = as_value(raw)
        items = [whole] if self._kept(of, whole) in of.values else list(raw) if isinstance(raw, list) else [raw]
        kept = [self._kept(of, as_value(item)) for item in items]
        wrong = next((item for item, value in zip(items, kept, strict=True) if value not in of.values), None)
        if wrong is not None or not kept:
            allowed = tuple(value if isinstance(value, str) else show(value) for value in of.values)
            self._note(Problem(path, f"{show_name(of.name)} in `only_if` of {what}", show(wrong), allowed, str(wrong)))
            return ()
        return tuple(kept)

    def _kept(self, of: Axis, item: Any) -> Any:
        """Return a value as the trainer keeps it, or as it is written."""
        if of.parameter == CASE or of.name not in self._parameters.spellings:
            return item
        value, problems = self._parameters.check(of.name, item, (), "")
        return item if problems else value


def check_search(
    search: Search, axes: Sequence[Axis], names: Mapping[str, str], document: Mapping[str, Any], note: Note
) -> None:
    """Refuse what a search cannot do: entries of the grid, or nothing to choose.

    `names` are those of all axes by parameter, also of axes with mistakes.
    """
    for section in ("include", "exclude"):
        if document.get(section):
            note(Problem((section,), f"[[{section}]] beside [search]", "", "`only_if` on an axis, or no [search]"))
    seeds = next((len(each.values) for each in axes if each.parameter == SEED), 1)
    if search.trainings is not None and search.trainings < seeds:
        allowed = f"at least {seeds}, for one configuration with all its seeds"
        note(Problem(("search", "trainings"), "`trainings` in [search]", str(search.trainings), allowed))
    if search.method in STOPPING:
        _check_stopping(search, axes, names, note)
    if not names.keys() - {SEED}:
        note(Problem(("search",), "[search] has nothing to choose", "", "at least one axis in [axes] besides `seed`"))


def _check_stopping(search: Search, axes: Sequence[Axis], names: Mapping[str, str], note: Note) -> None:
    """Refuse what a method cannot do that gives some configurations fewer seeds or epochs."""
    method, path = f"`{search.method}`", ("search", "method")
    if search.batch is not None:
        note(
            Problem(
                ("search", "batch"),
                f"`batch` in [search] is no key of {method}",
                "",
                "no `batch`, because all that are left are trained at once",
            )
        )
    spaces = [axis.name for axis in axes if axis.space is not None]
    if spaces and search.configurations is None:
        allowed = "`configurations` in [search], which says how many are drawn"
        note(Problem(path, f"{method} draws from {show_name(spaces[0])} in [axes] without an end", "", allowed))
    size = prod(len(axis.values) for axis in axes)
    if not spaces and search.configurations is None and size > MAX_TRIALS:
        allowed = f"at most {MAX_TRIALS:,}, or `configurations` in [search]"
        note(Problem(("axes",), "the grid", f"{size:,} trials", allowed))
    if search.method in OVER_EPOCHS and _lacks(EPOCHS, axes, names):
        allowed = "`epochs` in [axes] with the epochs after which it stops some, such as `epochs = [1, 3, 9, 27]`"
        note(Problem(path, f"{method} has no list of epochs", "", allowed))
    if search.method not in OVER_EPOCHS and _lacks(SEED, axes, names):
        allowed = "an axis of them in [axes], such as `seed = { count = 50 }`: the most that a configuration gets"
        note(Problem(path, f"{method} has no seeds to add", "", allowed))


def _lacks(parameter: str, axes: Sequence[Axis], names: Mapping[str, str]) -> bool:
    """Whether the file has no list of several values of a parameter; one with mistakes counts as a list."""
    found = next((axis for axis in axes if axis.parameter == parameter), None)
    if found is None:
        return parameter not in names
    return found.space is not None or len(found.values) < 2
