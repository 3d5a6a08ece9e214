"""Memory that was freed goes back to the system."""

from __future__ import annotations

import sys


def give_back() -> None:
    """Give freed memory back where the C library keeps it, which after reading a million trials is 140 MB."""
    if sys.platform == "linux":
        import ctypes

        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # not in every C library
        if trim is not None:
            trim(0)
