"""Import all that any verb may import. `tests.helpers.forked` has the process do so from which it forks others."""

import importlib
import pkgutil

import joblib  # noqa: F401
import pandas  # noqa: F401
import scipy.stats  # noqa: F401
import seaborn  # noqa: F401

import nnsweep

for module in pkgutil.walk_packages(nnsweep.__path__, "nnsweep."):
    if module.name != "nnsweep.nn.engine.compiled.portable_numbers":  # needs numba, which an extra brings
        importlib.import_module(module.name)
