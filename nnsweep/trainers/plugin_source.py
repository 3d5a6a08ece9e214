"""The source files of a plug-in. Their code is part of the identity of its trials."""

from __future__ import annotations

import ast
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path

from nnsweep.trainers.canonical import PARSED, canonical

OWN = "nnsweep"
"""This package. The versions of its trainers identify it, not its source."""


@dataclass(frozen=True)
class Source:
    """The modules of a plug-in, and 16 hex digits that change with their code."""

    modules: tuple[str, ...]
    digest: str
    text: str = field(default="", compare=False)
    """16 hex digits that change with their text. Earlier releases used this digest, in which comments count."""
    files: tuple[Path, ...] = field(default=(), compare=False)
    """The files of the modules."""

    @classmethod
    def of(cls, name: str) -> Source | None:
        """Digest an imported module and its imports, direct and indirect, from the same folder; None without a file.

        That is the folder around its package, or the folder of a module without a package. For an installed package,
        only the package itself counts. Imports are found in the source, anywhere in a file; other ways to import are
        not seen. Comments, docstrings and layout do not count (`canonical`).
        """
        file = getattr(sys.modules[name], "__file__", None)
        return None if file is None else cls.of_file(name, Path(file))

    @classmethod
    def of_file(cls, name: str, file: Path) -> Source:
        """Digest a file, as `of` digests a module of this name; it need not be imported."""
        files = {name: file, **_beside(name, file)}
        texts = {module: _text(path) for module, path in sorted(files.items())}
        code = {module: canonical(text) for module, text in texts.items()}
        return cls(tuple(files), digest_of(code), digest_of(texts), tuple(files.values()))


def digest_of(parts: Mapping[str, bytes]) -> str:
    """Digest named parts in 16 hex digits."""
    digest = blake2b(digest_size=8)
    for name, part in parts.items():
        digest.update(b"%s\0%d\0%s" % (name.encode(), len(part), part))
    return digest.hexdigest()


def _text(path: Path) -> bytes:
    try:
        return path.read_bytes().replace(b"\r\n", b"\n")
    except OSError:  # the file was removed after its import
        return b""


def _beside(name: str, file: Path) -> dict[str, Path]:
    """Find the files of a module, of the packages around it, and of the modules that it imports, by name."""
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
    """Whether a file belongs to Python or to an installed package."""
    return not _installed().isdisjoint(file.parents)


@cache
def _installed() -> set[Path]:
    return {Path(path) for path in sysconfig.get_paths().values()}


def _file(root: Path, module: str) -> Path | None:
    if not module:
        return None
    path = root.joinpath(*module.split("."))
    files = path / "__init__.py", path.with_name(f"{path.name}.py")
    return next((file for file in files if file.is_file()), None)


def imports_of(module: str, path: Path) -> set[str]:
    """List the top-level modules outside the standard library that a module's source imports."""
    tops = {name.partition(".")[0] for name in _imports(module, path)}
    return tops - set(sys.stdlib_module_names) - {OWN, ""}


def _imports(module: str, path: Path) -> Sequence[str]:
    """List the names in a module's source that may be imported modules."""
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    return _imported(tuple(package), _text(path))


@lru_cache(PARSED)
def _imported(package: tuple[str, ...], source: bytes) -> Sequence[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # the import will report it
        return ()
    names = list[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            names += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return names
