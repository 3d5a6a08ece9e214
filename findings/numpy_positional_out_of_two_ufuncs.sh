#!/usr/bin/env bash
# NumPy 2.4.6
#
# Behaviour: a ufunc takes its output as the argument after its inputs. Of all ufuncs with two inputs, `maximum` and
# `minimum` alone warn that this is deprecated (DeprecationWarning); `fmax` and `fmin`, which differ from them in NaN
# only, do not. Code that puts a ufunc into a variable therefore warns for two of its values.
#
# Output seen:
#   37 ufuncs with two inputs and one output
#   warn about a positional output: maximum, minimum
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "numpy==2.4.6"
"$folder/venv/bin/python" - <<'PYTHON'
import warnings

import numpy as np

ufuncs = {each for each in vars(np).values() if isinstance(each, np.ufunc) and each.signature is None}
ufuncs = {each for each in ufuncs if (each.nin, each.nout) == (2, 1)}
warned, called = [], 0
for ufunc in sorted(ufuncs, key=lambda each: each.__name__):
    for dtype in (float, int):
        two = np.array([1, 2], dtype)
        try:
            result = ufunc(two, two)
        except TypeError:  # it is of other types
            continue
        called += 1
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            ufunc(two, two, np.empty_like(result))
        if said:
            assert [each.category for each in said] == [DeprecationWarning]
            warned.append(ufunc.__name__)
        break
print(f"{called} ufuncs with two inputs and one output")
print(f"warn about a positional output: {', '.join(warned)}")
assert warned == ["maximum", "minimum"] and called > 30
PYTHON
