"""The source files of a plug-in: their code is part of its trials' identity."""

from __future__ import annotations

import ast
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from nnsweep.trainers.canonical import canonical

OWN = "nnsweep"
"""This package. Its trainers' versions identify it, not its source."""


@dataclass(frozen=True)
class Source:
    """The modules that a plug-in is read from, and 16 hex digits that change with their code."""

    modules: tuple[str, ...]
    digest: str
    text: str = field(default="", compare=False)
    """16 hex digits that change with their text: what the digest was before comments ceased to count."""

    @classmethod
    def of(cls, name: str) -> Source | None:
        """Digest an imported module and all that it imports, directly or not, from beside itself; None without a file.

        Beside itself is the folder of its package, or of the module where it is in none; of what is installed, only
        the package. Imports are read from the source, wherever in a file they stand; what is imported by other means
        is not seen. Comments, docstrings and layout do not count (`canonical`).
        """
        file = getattr(sys.modules[name], "__file__", None)
        if file is None:
            return None
        files = {name: Path(file), **_beside(name, Path(file))}
        texts = {module: _text(path) for module, path in sorted(files.items())}
        code = {module: canonical(text) for module, text in texts.items()}
        return cls(tuple(files), digest_of(code), digest_of(texts))


def digest_of(parts: Mapping[str, bytes]) -> str:
    """Sum up named parts in 16 hex digits."""
    digest = blake2b(digest_size=8)
    for name, part in parts.items():
        digest.update(b"%s\0%d\0%s" % (name.encode(), len(part), part))
    return digest.hexdigest()


def _text(path: Path) -> bytes:
    try:
        return path.read_bytes().replace(b"\r\n", b"\n")
    except OSError:  # it was removed since it was imported
        return b""


def _beside(name: str, file: Path) -> dict[str, Path]:
    """Find the modules that a module needs, by name, itself and the packages around it among them."""
    depth = name.count(".") + (file.name == "__init__.py")
    root, top = file.parents[depth], name.partition(".")[0]
    alone = root in _installed()
    found: dict[str, Path] = {}
    waiting = [name]
    while waiting:
        module = waiting.pop()
        path = _file(root, module)
        first = module.partition(".")[0]
        if path is None or module in found or first == OWN or (alone and first != top):
            continue
        found[module] = path
        waiting += [module.rpartition(".")[0], *_imports(module, path)]
    return found


def is_installed(file: Path) -> bool:
    """Whether a file is one of Python or of an installed package."""
    return not _installed().isdisjoint(file.parents)


def _installed() -> set[Path]:
    return {Path(path) for path in sysconfig.get_paths().values()}


def _file(root: Path, module: str) -> Path | None:
    if not module:
        return None
    path = root.joinpath(*module.split("."))
    files = path / "__init__.py", path.with_name(f"{path.name}.py")
    return next((file for file in files if file.is_file()), None)


def imports_of(module: str, path: Path) -> set[str]:
    """Name the top-level modules that a module's source imports and that do not come with Python."""
    tops = {name.partition(".")[0] for name in _imports(module, path)}
    return tops - set(sys.stdlib_module_names) - {OWN, ""}


def _imports(module: str, path: Path) -> Iterator[str]:
    """Name what may be modules that a module's source imports."""
    try:
        tree = ast.parse(_text(path))
    except (SyntaxError, ValueError):  # importing it will tell
        return
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
