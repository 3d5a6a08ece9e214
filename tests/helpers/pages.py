"""A page read as a browser reads it, without one."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nnsweep
from nnsweep import sweepfile
from nnsweep.results import Results
from tests.helpers import SMALL

HOSTILE = """</script><script>alert("x")</script><img src=x onerror=alert(1)>&amp;'"""
"""A name that would run, if it were not text."""

NAMED = SMALL.replace(
    "[success]\n",
    f"""[cases]
{json.dumps(HOSTILE)} = {{ standardize = true }}
"plain" = {{}}

[success]
""",
).replace('name = "small"', f'name = "small"\ndescription = {json.dumps(HOSTILE)}')
"""96 trials, in four axes."""


FAILING = """
name = "failing_cell"
trainer = "failing_cell:train"

[axes]
alpha = [0.1, 0.2]
hidden = [2, 4]
seed = { count = 3 }

[success]
metric = "loss"
below = 0.5
"""
FAILING_TRAINER = """
def train(alpha: float, hidden: int, seed: int = 0):
    if (alpha, hidden) == (0.2, 4):
        raise ValueError(f"no room for {hidden} units" if seed else "x" * 300)
    return {"loss": alpha}
"""
"""A sweep of four cells, one of which no trial ends in: what is raised has two messages, one of them long."""


def ran(text: str, folder: Path, *overrides: str) -> Results:
    """Run a sweep without figures."""
    return nnsweep.run(sweepfile.loads(text, overrides=overrides), folder, figures=False)


class Page(HTMLParser):
    """Elements in order, the texts of styles and scripts, and tables as rows of texts."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, list[str]] = {"style": [], "script": []}
        self.maps: list[tuple[str, list[list[str]]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self._in_map = False
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in self.raw:
            self.raw[tag].append("")
        if tag == "figure":
            self.maps.append(("", []))
        if tag == "table":
            self._in_map = ("class", "map") in attrs
        if tag == "tr" and self._in_map:
            self.maps[-1][1].append([])
        if tag in ("td", "th") and self._in_map:
            self.maps[-1][1][-1].append("")
        if tag not in ("meta", "link", "i"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        at = self._open[-1] if self._open else ""
        if at in self.raw:
            self.raw[at][-1] += data
        elif at == "figcaption":
            self.maps[-1] = (self.maps[-1][0] + data, self.maps[-1][1])
        elif at in ("td", "th") and self._in_map:
            self.maps[-1][1][-1][-1] += data
        if at not in self.raw:
            self.words.append(data)

    @property
    def text(self) -> str:
        """Everything that can be read, with single spaces."""
        return " ".join("".join(self.words).split())

    @property
    def data(self) -> Any:
        """What the script reads."""
        return json.loads(self.raw["script"][0])

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]
