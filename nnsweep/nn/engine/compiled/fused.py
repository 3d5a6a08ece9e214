"""Fused multiply-add, number by number, for kernels. Only kernels import this module, because it needs numba."""

from __future__ import annotations

from typing import Any

from numba.core import types  # pyright: ignore[reportMissingImports]
from numba.extending import intrinsic  # pyright: ignore[reportMissingImports]


def _fma(context: Any, a: Any, b: Any, c: Any) -> Any:
    """Give a · b + c, rounded once."""
    signature = types.float64(types.float64, types.float64, types.float64)
    return signature, lambda context, builder, signature, given: builder.fma(*given)


fma: Any = intrinsic(_fma)
