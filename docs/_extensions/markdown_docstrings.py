"""Docstrings are plain English with `code` in it: what reStructuredText would read into their signs is escaped."""

import re
from typing import Any

from sphinx.application import Sphinx

CODE = re.compile(r"(`[^`]*`)")
SIGNS = re.compile(r"([\\*|_])")


def escaped(line: str) -> str:
    """Escape signs outside of code.

    >>> escaped("Mean of |y − t|, as `a_b` in a_b.")
    'Mean of \\\\|y − t\\\\|, as `a_b` in a\\\\_b.'
    """
    return "".join(part if part.startswith("`") else SIGNS.sub(r"\\\1", part) for part in CODE.split(line))


def escape(app: Sphinx, kind: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Escape a docstring in place, all but its examples, which end at an empty line."""
    example = False
    for at, line in enumerate(lines):
        example = bool(line.strip()) and (example or line.lstrip().startswith(">>>"))
        lines[at] = line if example else escaped(line)


def setup(app: Sphinx) -> dict[str, bool]:
    """Escape before Google's sections are parsed."""
    app.connect("autodoc-process-docstring", escape, priority=100)
    return {"parallel_read_safe": True}
