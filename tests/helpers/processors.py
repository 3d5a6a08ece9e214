"""Child processes that compute as on another processor: NumPy, OpenBLAS and the C library choose among their code."""

from __future__ import annotations

import os

import numpy as np

_found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])


def _numpy_without(features: list[str]) -> dict[str, str]:
    """Have NumPy do without instruction sets that it has code for, and that this machine has."""
    return {"NPY_DISABLE_CPU_FEATURES": " ".join(features)} if features else {}


PROCESSORS: dict[str, dict[str, str]] = {
    "this one": {},
    "an old one": {
        **_numpy_without(_found),
        "OPENBLAS_CORETYPE": "Nehalem",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX2_Usable,-AVX512F",
    },
    "one with AVX2": {
        **_numpy_without([each for each in _found if each not in ("X86_V3", "AVX2", "FMA3")]),
        "OPENBLAS_CORETYPE": "Haswell",
    },
}
"""What the environment says, by the processor. On a machine that is not x86 these change little."""

OTHER_PROCESSORS = [name for name in PROCESSORS if name != "this one"]


def does_without(name: str) -> bool:
    """Tell whether NumPy has other code for this machine than for a processor."""
    return "NPY_DISABLE_CPU_FEATURES" in PROCESSORS[name]


def on_processor(name: str) -> dict[str, str]:
    """Return this process's environment, with that of a processor."""
    return {**os.environ, **PROCESSORS[name]}
