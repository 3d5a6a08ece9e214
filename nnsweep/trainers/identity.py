"""The identity of a function or class of a Python session: its source, and everything that it uses."""

from __future__ import annotations

import dis
import functools
import logging
import sys
import types
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path, PurePath
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from nnsweep.errors import NnsweepError
from nnsweep.trainers.plugin_source import OWN, Source, is_installed
from nnsweep.trainers.source_code import has_source, methods, names_in_body, source_code

PLAIN = (bool, int, float, complex, str, bytes, range, PurePath)
ALLOWED = "numbers, texts, lists, dicts, arrays, functions, and objects of your own classes that hold such"


def identity(value: object, what: str = "it") -> str:
    """Digest a function, or a value that it uses, in 16 hex digits that change with its behaviour.

    For a function, these are its code without comments, its defaults, the values that it closes over, and the globals
    that it names, each digested in the same way. An installed object counts by name, a user's module by its code.

    Raises:
        NnsweepError: an object cannot be identified, such as a random generator; the message names it.
    """
    digest = blake2b(digest_size=8)
    for part in _Parts().of(value, what):
        digest.update(b"%d\0%s" % (len(part), part))
    return digest.hexdigest()


class _Parts:
    """Yields the parts of a value. Functions, classes and objects come once each, as they may refer to each other."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        self._kept: list[object] = []  # so that no id is reused
        self._around: set[int] = set()

    def of(self, value: Any, what: str) -> Iterator[bytes]:
        if value is None or value is Ellipsis or isinstance(value, PLAIN):
            yield f"{type(value).__name__} {value!r}".encode("utf-8", "surrogatepass")
        elif isinstance(value, list | tuple | set | frozenset | Mapping):
            yield type(value).__name__.encode()
            yield from self._container(value, what)
        elif id(value) in self._seen:
            yield b"seen %d" % self._seen[id(value)]
        else:
            self._seen[id(value)] = len(self._seen)
            self._kept.append(value)
            yield type(value).__name__.encode()
            yield from self._compound(value, what)

    def _container(self, value: Any, what: str) -> Iterator[bytes]:
        if id(value) in self._around:
            raise NnsweepError(f"{what} holds itself, which cannot be told apart; allowed: {ALLOWED}")
        self._around.add(id(value))
        if isinstance(value, Mapping):
            for key, each in value.items():
                yield from self._all([key, each], f"{what}[{key!r}]")
        else:
            yield from self._all(value if isinstance(value, list | tuple) else sorted(value, key=repr), what)
        self._around.remove(id(value))

    def _compound(self, value: Any, what: str) -> Iterator[bytes]:
        if isinstance(value, types.ModuleType):
            yield from _of_module(value.__name__)
        elif _is_known_by_name(value):
            yield f"{_module(value)}.{value.__name__}".encode()
        elif isinstance(value, logging.Logger):
            yield value.name.encode()
        elif isinstance(value, functools._lru_cache_wrapper):
            yield from self.of(value.__wrapped__, what)
        elif isinstance(value, types.FunctionType):
            yield from self._function(value, what)
        elif isinstance(value, type):
            yield from self._class(value, what)
        elif isinstance(value, types.MethodType):
            yield from self._all([value.__func__, value.__self__], what)
        elif isinstance(value, functools.partial):
            yield from self._all([value.func, value.args, value.keywords], what)
        elif isinstance(value, FieldInfo):  # a default with its bounds
            yield repr(value).encode()
        elif hasattr(value, "dtype") and hasattr(value, "tobytes"):
            yield from _of_array(value, what)
        elif _is_installed(type(value).__module__) or not hasattr(value, "__dict__"):
            raise NnsweepError(f"{what} is {_described(value)}, which cannot be told apart; allowed: {ALLOWED}")
        else:
            yield from self._all([type(value), vars(value)], what)

    def _all(self, values: Any, what: str) -> Iterator[bytes]:
        for value in values:
            yield from self.of(value, what)
        yield b"end"

    def _function(self, function: types.FunctionType, what: str) -> Iterator[bytes]:
        yield source_code(function, what)
        yield from self._all([function.__defaults__, function.__kwdefaults__], f"a default of {function.__name__}")
        closed = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        held = {name: cell.cell_contents for name, cell in closed if _is_filled(cell)}
        used = {
            name: function.__globals__[name] for name in _globals(function.__code__) if name in function.__globals__
        }
        for name, value in {**held, **used}.items():
            yield name.encode()
            yield from self.of(value, f"`{name}` of {function.__name__}")

    def _class(self, kind: type, what: str) -> Iterator[bytes]:
        is_readable = has_source(kind)
        if not is_readable and not list(methods(kind)):
            yield from self.of(_attributes(kind), what)
        else:
            yield source_code(kind, what)
        yield from self._all([base for base in kind.__bases__ if base is not object], what)
        used_by_methods: set[str] = set()
        for method in methods(kind):
            names = [name for name in _globals(method.__code__) if name in method.__globals__]
            used_by_methods.update(names)
            for name in names:
                yield from self.of(method.__globals__[name], f"`{name}` of {kind.__name__}.{method.__name__}")
        around = next((method.__globals__ for method in methods(kind)), vars(sys.modules.get(kind.__module__, object)))
        for name in names_in_body(kind) if is_readable else ():
            if name in around and name not in used_by_methods and not _is_known_by_name(around[name]):
                yield from self.of(around[name], f"`{name}` of {kind.__name__}")


def _attributes(kind: type) -> dict[str, Any]:
    """Return the attributes of a class without methods in a notebook cell, whose source cannot be found."""
    if issubclass(kind, BaseModel):
        return {"name": kind.__name__, "fields": kind.model_fields, "config": dict(kind.model_config)}
    held = {name: value for name, value in vars(kind).items() if not name.startswith("_")}
    return {"name": kind.__name__, "annotations": repr(vars(kind).get("__annotations__", {})), **held}


def _globals(code: types.CodeType) -> list[str]:
    """List the globals that a function and its inner functions read, in order."""
    names = [each.argval for each in dis.get_instructions(code) if each.opname in ("LOAD_GLOBAL", "LOAD_NAME")]
    inner = [name for const in code.co_consts if isinstance(const, types.CodeType) for name in _globals(const)]
    return list(dict.fromkeys([*names, *inner]))


def _is_filled(cell: types.CellType) -> bool:
    try:
        return cell.cell_contents is cell.cell_contents
    except ValueError:  # the variable has no value yet
        return False


def _of_module(name: str) -> Iterator[bytes]:
    yield name.encode()
    source = None if _is_installed(name) else Source.of(name)
    if source is not None:
        yield source.digest.encode()


def _is_known_by_name(value: Any) -> bool:
    """Whether a value is a function or class of Python or of an installed package."""
    return _is_installed(_module(value)) and _is_held(value)


def _is_held(value: Any) -> bool:
    """Whether a module has a function or class under its name. Objects made by a call or by `exec` are in no module."""
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    found: Any = sys.modules.get(_module(value))
    for part in name.split(".") if isinstance(name, str) else ():
        found = getattr(found, part, None)
    return found is value


def _module(value: Any) -> str:
    """Return the name of an object's module; for NumPy's functions, that of their type."""
    return getattr(value, "__module__", None) or type(value).__module__


def _is_installed(name: str | None) -> bool:
    """Whether a module belongs to Python, to this package or to an installed one, so that its name identifies it."""
    top = (name or "builtins").partition(".")[0]
    if top == "__main__":  # it belongs to the user, even if the running program is installed
        return False
    if top in sys.stdlib_module_names:
        return True
    file = getattr(sys.modules.get(name or ""), "__file__", None)
    return top == OWN or (file is not None and is_installed(Path(file)))


def _of_array(value: Any, what: str) -> Iterator[bytes]:
    if value.dtype.hasobject:
        raise NnsweepError(f"{what} is an array of objects, which cannot be told apart; allowed: {ALLOWED}")
    yield f"{value.dtype.str} {value.shape}".encode()
    yield value.tobytes()


def _described(value: object) -> str:
    kind = type(value)
    return f"a {kind.__name__} of {kind.__module__}" if kind.__module__ != "builtins" else f"a {kind.__name__}"
