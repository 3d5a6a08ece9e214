"""Cells as numbers: strictly, because a code such as `1_000` or `1.2.3` is none."""

from __future__ import annotations

import re

PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
GROUPED = re.compile(r"[+-]?\d{1,3}(?:[,.' _\u00a0\u202f]\d{3})+", re.ASCII)
"""Digits in groups of three."""
WITH_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?", re.ASCII)
BOTH = {
    re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+", re.ASCII): '`decimal = ",", thousands = "."`',
    re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d+", re.ASCII): '`thousands = ","`',
}
"""Numbers with thousands and a decimal mark, and what to write."""
UNSURE = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
"""What may be a number with a decimal comma, or thousands."""
DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?|\d{1,2}:\d{2}(:\d{2}.*)?", re.ASCII)


class Numbers:
    """Reads numbers as a file writes them.

    >>> Numbers()("1e3"), Numbers()("1_000"), Numbers(",", ".")("1.234,5")
    (1000.0, None, 1234.5)
    """

    def __init__(self, decimal: str = ".", thousands: str | None = None) -> None:
        self.decimal, self.thousands = decimal, thousands
        self.plain = decimal == "." and thousands is None
        point, group = re.escape(decimal), re.escape(thousands or "")
        whole = rf"(?:\d{{1,3}}(?:{group}\d{{3}})+|\d+)" if thousands else r"\d+"
        self._pattern = re.compile(rf"[+-]?(?:{whole}(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?", re.ASCII)

    def __call__(self, cell: str) -> float | None:
        """Give the number that a cell is; None if it is none."""
        text = self.written(cell)
        return None if text is None else float(text)

    def written(self, cell: str) -> str | None:
        """Write a number as Python does, digit by digit; None if it is none."""
        text = cell.strip()
        if not self._pattern.fullmatch(text):
            return None
        return text.replace(self.thousands or "\0", "").replace(self.decimal, ".")

    def hint(self, cell: str) -> str:
        """Say what to write so that a cell is a number, where that would do: "; write `decimal = ","`", or nothing."""
        text = cell.strip()
        both = next((write for pattern, write in BOTH.items() if pattern.fullmatch(text)), None)
        if both is not None and self.thousands is None:
            return f"; write {both}"
        if WITH_COMMA.fullmatch(text) and self.decimal == ".":
            return '; write `decimal = ","`' + (' or `thousands = ","`' if UNSURE.fullmatch(text) else "")
        if GROUPED.fullmatch(text) and self.thousands is None:
            marks = {mark for mark in text if not (mark.isdigit() or mark in "+-")}
            return f'; write `thousands = "{marks.pop()}"`' if len(marks) == 1 else ""
        return ""
