"""The code of a source file without comments, docstrings and layout."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

DOCUMENTED = ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef
IGNORED = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
"""Fields that follow from the place of a node, or mean nothing to Python."""
PARSED = 256
"""Sources whose code is kept: to parse them takes most of the time, and each sweep that is read asks for it again."""


@lru_cache(PARSED)
def canonical(source: bytes | str) -> bytes:
    """Write a source so that two texts with the same code give the same bytes, whatever version of Python reads them.

    Neither comments nor layout nor docstrings count; docstrings do in a source that speaks of `__doc__`. Fields that
    are empty are left out, because newer versions of Python add some. A source that cannot be parsed stays as it is.

    >>> canonical('def f(x):  # doubled\\n    "Double."\\n    return (2*x)') == canonical("def f(x): return 2 * x")
    True
    """
    text = source.encode() if isinstance(source, str) else source
    try:
        tree = ast.parse(text)
        return "".join(_written(tree, docstrings=b"__doc__" in text)).encode("utf-8", "surrogatepass")
    except (SyntaxError, ValueError, RecursionError):  # the import will report it
        return text


def _written(node: object, docstrings: bool) -> Iterator[str]:
    if isinstance(node, ast.AST):
        yield f"{type(node).__name__}("
        for name, value in ast.iter_fields(node):
            if name == "body" and isinstance(node, DOCUMENTED) and not docstrings:
                value = _without_docstring(value)
            if name not in IGNORED and value not in (None, []):
                yield f"{name}="
                yield from _written(value, docstrings)
        yield ")"
    elif isinstance(node, list):
        for each in node:
            yield from _written(each, docstrings)
            yield ","
    elif isinstance(node, int) and not isinstance(node, bool):
        yield f"int {node:x}"  # in decimals Python writes no number of more than 4,300 digits
    else:
        yield f"{type(node).__name__} {node!r}"


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return body[1:]
    return body
