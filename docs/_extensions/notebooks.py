"""A page that names a notebook, `notebook: ../notebooks/NAME.ipynb`, is that notebook with its outputs."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

NAMED = re.compile(r"notebook: (\S+\.ipynb)\s*")
FENCE = "`" * 8


def markdown(notebook: dict[str, Any]) -> str:
    """Write a notebook's cells and their outputs as a page."""
    return "\n\n".join(part for cell in notebook["cells"] for part in _parts(cell))


def _parts(cell: dict[str, Any]) -> Iterator[str]:
    text = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        yield text
    elif text:
        yield _block("python", text)
        for output in cell["outputs"]:
            yield _shown({name: "".join(part) for name, part in output.get("data", {}).items()}, output)


def _shown(data: dict[str, str], output: dict[str, Any]) -> str:
    """Show an output in the best form that it has."""
    if "image/png" in data:
        encoded = data["image/png"].replace("\n", "")
        return _block("{raw} html", f'<p><img alt="The figure drawn" src="data:image/png;base64,{encoded}"></p>')
    if "text/html" in data:
        return _block("{raw} html", f'<div class="output">{data["text/html"]}</div>')
    return _block("text", data.get("text/plain") or "".join(output.get("text", [])))


def _block(kind: str, text: str) -> str:
    return f"{FENCE}{kind}\n{text.rstrip()}\n{FENCE}"


def read(app: Sphinx, page: str, source: list[str]) -> None:
    """Put the notebook in the place of its name."""
    named = NAMED.fullmatch(source[0])
    if named:
        path = Path(app.srcdir, page).parent / named[1]
        app.env.note_dependency(str(path))
        source[0] = markdown(json.loads(path.read_text(encoding="utf-8")))


def setup(app: Sphinx) -> dict[str, bool]:
    """Replace sources as they are read."""
    app.connect("source-read", read)
    return {"parallel_read_safe": True}
