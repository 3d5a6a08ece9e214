"""Find the source code of functions, lambdas and classes, also of those defined in a notebook cell."""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
import textwrap
import types
from collections.abc import Iterable, Iterator
from typing import Any

from nnsweep.errors import NnsweepError
from nnsweep.trainers.canonical import canonical


def source_code(value: Any, what: str) -> bytes:
    """Return the canonical code of a function or class.

    Raises:
        NnsweepError: it cannot be read.
    """
    try:
        return canonical(_text(value))
    except (OSError, TypeError, SyntaxError, ValueError):
        raise NnsweepError(
            f"the source of {what} cannot be read; allowed: functions and classes of a file or of a notebook's cell"
        ) from None


def has_source(kind: type) -> bool:
    """Whether the source of a class can be found."""
    try:
        return bool(_class_text(kind))
    except (OSError, TypeError, SyntaxError, ValueError):
        return False


def _text(value: Any) -> str:
    if isinstance(value, type):
        return textwrap.dedent(_class_text(value))
    if getattr(value, "__name__", "") == "<lambda>":
        return _lambda_text(value.__code__)
    # From its code, because `inspect` would give the wrapped function in place of the wrapper.
    return textwrap.dedent(inspect.getsource(getattr(value, "__code__", value)))


def _lambda_text(code: types.CodeType) -> str:
    """Find a lambda in its file by the position of its body, because a line may hold several lambdas."""
    positions = set(code.co_positions())
    for node in ast.walk(ast.parse("".join(linecache.getlines(code.co_filename)))):
        if isinstance(node, ast.Lambda):
            body = node.body
            if (body.lineno, body.end_lineno, body.col_offset, body.end_col_offset) in positions:
                return ast.unparse(node)
    raise ValueError("no lambda is at this position")


def _class_text(kind: type) -> str:
    """Find the lines of a class by its methods: `inspect` does not find the classes of a notebook cell."""
    for method in methods(kind):
        lines = linecache.getlines(method.__code__.co_filename)
        for node in ast.walk(ast.parse("".join(lines))):
            if isinstance(node, ast.ClassDef) and node.name == kind.__name__ and _contains(node, method):
                start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                return "".join(lines[start - 1 : node.end_lineno])
    return inspect.getsource(kind)


def _contains(node: ast.ClassDef, method: types.FunctionType) -> bool:
    """Whether a method is defined in the body of this class, and not in a class within it."""
    return any(
        isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        and min([each.lineno, *(decorator.lineno for decorator in each.decorator_list)])
        == method.__code__.co_firstlineno
        for each in node.body
    )


def methods(kind: type) -> Iterator[types.FunctionType]:
    """List the functions in the body of a class: methods, static and class methods, and those of properties."""
    for value in vars(kind).values():
        if isinstance(value, staticmethod | classmethod):
            value = value.__func__
        inner = (value.fget, value.fset, value.fdel) if isinstance(value, property) else (value,)
        inner = (value.func,) if isinstance(value, functools.cached_property) else inner
        yield from (function for function in inner if isinstance(function, types.FunctionType))


def names_in_body(kind: type) -> list[str]:
    """List the names that the body of a class reads when it is executed: for its attributes, defaults and decorators.

    Annotations and the code inside functions do not count.
    """
    try:
        (tree,) = ast.parse(textwrap.dedent(_class_text(kind))).body
    except (SyntaxError, ValueError):  # a text that cannot be parsed counts as it is
        return []
    names = (node.id for part in _executed(tree) for node in ast.walk(part) if isinstance(node, ast.Name))
    return list(dict.fromkeys(names))


def _executed(node: ast.AST) -> Iterable[ast.AST]:
    """List the parts of a statement that run when the class is made."""
    if isinstance(node, ast.ClassDef):
        return [part for each in node.body for part in _executed(each)] + node.decorator_list
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        return [*node.decorator_list, *defaults]
    if isinstance(node, ast.AnnAssign):
        return [node.value] if node.value is not None else []
    return [node]
