"""What scripts hold of W&B: a config, a summary, and objects that are no numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from enum import Enum
from numbers import Number
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any
from weakref import finalize

from pydantic import BaseModel


class _Named(MutableMapping[str, Any]):
    """A dict whose entries are attributes, too."""

    _values: dict[str, Any]

    def __init__(self) -> None:
        vars(self)["_values"] = {}

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._values[name] = value

    def __delitem__(self, name: str) -> None:
        del self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._values:
            raise AttributeError(f"no `{name}`; there are: {', '.join(self._values) or 'none, before wandb.init'}")
        return self._values[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __repr__(self) -> str:
        return repr(self._values)


class Config(_Named):
    """The settings of a run. Those of the trial stay as they are, whatever a script sets."""

    def begin(self, given: Any, params: Mapping[str, Any]) -> None:
        """Take the settings of a script, and those of the trial over them."""
        locked = {name: _as_given(value) for name, value in params.items()}
        vars(self)["_values"] = {**_table(given), **locked}
        vars(self)["_locked"] = frozenset(locked)

    def __setitem__(self, name: str, value: Any) -> None:
        if name not in vars(self).get("_locked", ()):
            self._values[name] = value

    def update(self, given: Any = (), allow_val_change: Any = None, **others: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Set settings, other than those of the trial."""
        for name, value in {**_table(given), **others}.items():
            self[name] = value

    def setdefaults(self, given: Any) -> None:
        """Set the settings that are not there yet."""
        for name, value in _table(given).items():
            self.setdefault(name, value)

    def as_dict(self) -> dict[str, Any]:
        """Give the settings as a dict."""
        return dict(self._values)


class Summary(_Named):
    """The last number that was logged under each name, and those that a script sets in their place."""

    def begin(self) -> None:
        """Forget the numbers of the run before."""
        vars(self)["_values"], vars(self)["own"] = {}, {}

    def logged(self, values: Mapping[str, Any]) -> None:
        """Take what was logged. A number that the script has set stays."""
        self._values.update({name: value for name, value in values.items() if name not in vars(self)["own"]})

    def __setitem__(self, name: str, value: Any) -> None:
        vars(self).setdefault("own", {})[name] = value
        self._values[name] = value


class Settings:
    """Takes any settings of W&B, and ignores them."""

    def __init__(self, **settings: Any) -> None:
        vars(self).update(settings)


class Media:
    """Takes the place of an image, a table and the like. All its methods do nothing."""

    def __init__(self, *arguments: Any, **others: Any) -> None:
        """Take anything."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *arguments, **others: None


class Plots:
    """Makes charts, such as `line_series`, which are not kept."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return Media


class AlertLevel(Enum):
    """How urgent an alert is. Alerts go nowhere."""

    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


class Artifact:
    """Files that a script collects, to keep them by `log_artifact`."""

    def __init__(
        self, name: str, type: str = "", description: str = "", metadata: Mapping[str, Any] | None = None, **others: Any
    ) -> None:
        self.name, self.type, self.description, self.metadata = name, type, description, dict(metadata or {})
        self.files: dict[str, Path] = {}
        self._drafts: Path | None = None

    @contextmanager
    def new_file(self, name: str, mode: str = "x", encoding: str | None = None) -> Iterator[Any]:
        """Open a file to write; it is added when it is closed."""
        if self._drafts is None:
            self._drafts = Path(mkdtemp())
            finalize(self, rmtree, self._drafts, ignore_errors=True)
        path = self._drafts / f"{len(self.files)}-{Path(name).name}"
        with path.open(mode, encoding=encoding) as file:
            yield file
        self.files[name] = path

    def add(self, obj: Any, name: str) -> None:
        """Take a table or an image, which is not kept."""

    def wait(self, timeout: float | None = None) -> Artifact:
        """Return the artifact itself: it is kept when it is logged."""
        return self

    def add_file(self, local_path: Any, name: str | None = None, **others: Any) -> None:
        """Add a file, by default under its own name."""
        self.files[name or Path(local_path).name] = Path(local_path)

    def add_dir(self, local_path: Any, name: str | None = None, **others: Any) -> None:
        """Add the files of a folder."""
        root = Path(local_path)
        found = (path for path in sorted(root.rglob("*")) if path.is_file())
        self.files |= {(Path(name or "") / path.relative_to(root)).as_posix(): path for path in found}


def numbers_of(data: Mapping[str, Any], lead: str = "") -> dict[str, Any]:
    """List what may be a number, of nested dicts under names with points; leave out texts and media.

    >>> numbers_of({"loss": 0.5, "test": {"acc": 0.25}, "note": "text", "image": Media()})
    {'loss': 0.5, 'test.acc': 0.25}
    """
    found: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(value, Mapping):
            found |= numbers_of(value, f"{lead}{name}.")
        elif isinstance(value, Number) or hasattr(value, "__float__"):
            found[f"{lead}{name}"] = value
    return found


def _table(given: Any) -> dict[str, Any]:
    if given is None:
        return {}
    return dict(given) if isinstance(given, Mapping) or not hasattr(given, "__dict__") else dict(vars(given))


def _as_given(value: Any) -> Any:
    """Give a parameter as a script knows it: lists are lists, and tables dicts."""
    if isinstance(value, BaseModel):
        return value.model_dump()
    return [_as_given(each) for each in value] if isinstance(value, tuple) else value
