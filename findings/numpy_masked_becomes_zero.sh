#!/usr/bin/env bash
# NumPy 2.4.6
#
# Behaviour: the masked constant turns into the number 0.0 on one way and into NaN on the others. `np.asarray` of it is
# 0.0 without a warning; of a list that holds it, `float()` and `np.float64()` of it are NaN with a UserWarning. The mean of an array of which everything is masked is that constant, so that "nothing
# was measured" can be stored as a perfect error of 0.0.
#
# Output seen:
#   mean of all masked      masked
#   np.asarray(it)          0.0
#   np.asarray([it])        nan (UserWarning)
#   float(it)               nan (UserWarning)
#   np.float64(it)          nan (UserWarning)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "numpy==2.4.6"
"$folder/venv/bin/python" - <<'PYTHON'
import warnings

import numpy as np

nothing = np.ma.masked_array([0.3, 0.4], mask=[True, True]).mean()
ways = {
    "np.asarray(it)": lambda: float(np.asarray(nothing)),
    "np.asarray([it])": lambda: float(np.asarray([nothing])[0]),
    "float(it)": lambda: float(nothing),
    "np.float64(it)": lambda: float(np.float64(nothing)),
}
print(f"{'mean of all masked':22}  {'masked' if nothing is np.ma.masked else nothing}")
found = {}
for name, way in ways.items():
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        value = way()
    found[name] = value, [each.category.__name__ for each in said]
    print(f"{name:22}  {value}" + (f" ({found[name][1][0]})" if said else ""))
assert found["np.asarray(it)"] == (0.0, [])
assert np.isnan(found["float(it)"][0]) and np.isnan(found["np.asarray([it])"][0])
PYTHON
