"""Which installed packages users' code imports, and in which versions."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path

from nnsweep.data import users
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
    """Finds what users' code imports in this process, as it is loaded and as it trains."""

    def __init__(self) -> None:
        self._new, self._told = set[str](), set[str]()

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Note what is imported inside. It is quick if nothing is."""
        count, before = len(sys.modules), set(sys.modules)
        try:
            yield
        finally:
            if len(sys.modules) != count:
                self._new |= {name.partition(".")[0] for name in set(sys.modules) - before}

    def begin(self) -> None:
        """Tell all again to another run of this process."""
        self._told.clear()

    def new(self) -> tuple[str, ...]:
        """Name the top-level modules of packages that were imported since this was last asked.

        Their versions are not looked up here, which takes time that would be a trial's.
        """
        new = (self._new | users.brought()) - self._told
        self._told |= new
        return tuple(sorted(filter(_is_of_package, new)))


def _is_of_package(top: str) -> bool:
    module = sys.modules.get(top)
    places = [getattr(module, "__file__", None), *(getattr(module, "__path__", None) or ())]
    is_own = top == OWN or top in sys.stdlib_module_names
    return not is_own and any(is_installed(Path(place)) for place in places if isinstance(place, str))


IMPORTED = Imported()
"""What users' code has imported in this process."""
