"""Which installed packages users' code imports, and in which versions."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, distributions, requires, version
from pathlib import Path

from nnsweep.trainers.plugin_source import OWN, is_installed


def versions_of(tops: Iterable[str]) -> dict[str, str]:
    """Find the distributions of top-level modules, and their versions: `sklearn` is of `scikit-learn`."""
    found: dict[str, str] = {}
    others: list[str] = []
    for top in sorted(tops):
        try:
            found[top] = version(top)
        except PackageNotFoundError:
            others.append(top)
    return found | (_search(others) if others else {})


def _search(tops: Sequence[str]) -> dict[str, str]:
    """Find what has other names than its modules, from the lists of installed files.

    `importlib.metadata.packages_distributions` parses every line of these lists, which takes ten times as long.
    """
    listed = re.compile(rf"^(?:{'|'.join(map(re.escape, tops))})(?:/|\.)", re.M)
    each = (found for found in distributions() if listed.search(found.read_text("RECORD") or ""))
    return {found.name: found.version for found in each}


class Imported:
    """Finds what has been imported in this process since it was last asked, other than for nnsweep itself."""

    def __init__(self) -> None:
        """Take what is there for granted."""
        self._count, self._tops = len(sys.modules), set(_tops())

    def new_versions(self) -> dict[str, str]:
        """Give the versions of packages whose modules are new. It is quick if there are none."""
        if len(sys.modules) == self._count:
            return {}
        self._count, tops = len(sys.modules), set(_tops())
        new, self._tops = tops - self._tops, tops
        found = versions_of(top for top in new if _is_of_package(top)) if new else {}
        own = _needed_by_nnsweep() if found else set()
        return {name: number for name, number in found.items() if name.lower() not in own}


def _tops() -> Iterator[str]:
    return (name.partition(".")[0] for name in list(sys.modules))  # another thread may import


def _is_of_package(top: str) -> bool:
    module = sys.modules.get(top)
    places = [getattr(module, "__file__", None), *(getattr(module, "__path__", None) or ())]
    is_own = top == OWN or top in sys.stdlib_module_names
    return not is_own and any(is_installed(Path(place)) for place in places if isinstance(place, str))


def _needed_by_nnsweep() -> set[str]:
    """List what nnsweep requires: it may import these itself while a trainer trains."""
    try:
        found = requires(OWN) or []
    except PackageNotFoundError:  # nnsweep is not installed
        return set()
    return {re.split(r"[^\w.-]", line)[0].lower() for line in found if "extra ==" not in line}


IMPORTED = Imported()
"""What this process had imported before it could load a trainer."""
