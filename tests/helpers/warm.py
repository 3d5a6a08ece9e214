"""Import all that any verb may import. `tests.helpers.forked` has the process do so from which it forks others."""

import importlib
import pkgutil

import joblib  # noqa: F401
import pandas  # noqa: F401
import scipy.stats  # noqa: F401
import seaborn  # noqa: F401

import nnsweep

OF_NUMBA = {f"nnsweep.nn.engine.compiled.{name}" for name in ("fused", "portable_numbers")}
"""These need numba, which an extra brings."""

for module in pkgutil.walk_packages(nnsweep.__path__, "nnsweep."):
    if module.name not in OF_NUMBA:
        importlib.import_module(module.name)
