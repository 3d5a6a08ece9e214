"""Reads cells as numbers, strictly: a code such as `1_000` or `1.2.3` is no number."""

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
"""Numbers with thousands and a decimal mark, and what to write in the sweep file."""
UNSURE = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
"""Numbers whose comma may be a decimal mark or separate thousands."""
DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?|\d{1,2}:\d{2}(:\d{2}.*)?", re.ASCII)


class Numbers:
    """Reads numbers with a file's decimal mark and thousands separator.

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
        """Convert a cell to a number; None if it is no number."""
        text = self.written(cell)
        return None if text is None else float(text)

    def written(self, cell: str) -> str | None:
        """Rewrite a number with Python's decimal point, keeping all digits; None if it is no number."""
        text = cell.strip()
        if not self._pattern.fullmatch(text):
            return None
        return text.replace(self.thousands or "\0", "").replace(self.decimal, ".")

    def hint(self, cell: str) -> str:
        """Suggest the key with which a cell would be a number: "; write `decimal = ","`", or an empty text."""
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
