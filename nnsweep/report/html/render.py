"""Write a page as one HTML file that loads nothing and runs only its parts script."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnsweep.files import write_file
from nnsweep.report.html.context import ReportData
from nnsweep.report.html.page import page

if TYPE_CHECKING:
    from jinja2 import Environment

WEB = Path(__file__).parent / "web"
SCRIPTS = "elements.js", "cells.js", "heatmap.js", "strip.js", "detail.js", "controls.js", "main.js"
"""The scripts, each after those that it needs."""
STYLES = "page.css", "scales.css"


def write_page(report: ReportData, path: Path, source: str) -> None:
    """Write the page of a sweep. Its head records what it was made from.

    Raises:
        StoreError: the file cannot be written.
    """
    text = render(page(report), source)
    # The message of a failure may contain a lone surrogate, which UTF-8 cannot encode.
    write_file(path, lambda draft: draft.write_bytes(text.encode("utf-8", "replace")))


def render(content: Mapping[str, Any], source: str = "") -> str:
    """Fill the template. All names and texts are escaped."""
    parts = {"policy": policy(), "style": style(), "script": _script(), "data": embedded(content["data"])}
    parts["source"] = source
    return templates(WEB).get_template("page.html.j2").render({**content, **parts})


def templates(*folders: Path) -> Environment:
    """Read templates from some folders. What is put into them is escaped, and all of it must be given."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def style() -> str:
    """The style sheet of pages."""
    return "".join((WEB / name).read_text(encoding="utf-8") for name in STYLES)


@cache
def _script() -> str:
    parts = [(WEB / name).read_text(encoding="utf-8") for name in SCRIPTS]
    return "\n".join(['"use strict";', *parts])


@cache
def policy() -> str:
    """Write a policy that allows nothing to be loaded. Digests identify the one style sheet and the one script."""
    return (
        f"default-src 'none'; style-src '{_digest(style())}'; script-src '{_digest(_script())}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(sha256(text.encode()).digest()).decode()


def embedded(data: Any) -> str:
    """Write data as JSON that is safe inside a script element, whatever names it contains.

    >>> embedded({"name": "</script>"})
    '{"name":"\\\\u003c/script>"}'
    """
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.replace("<", "\\u003c")
