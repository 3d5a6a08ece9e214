#!/usr/bin/env bash
# SALib 1.6.0, NumPy 2.4.6, SciPy 1.17.1
#
# Behaviour: if one of the outputs is NaN, `SALib.analyze.sobol` finds all indices to be 0.0, of first, second and total
# order, each with a confidence interval of ± 0.0, and warns of nothing. Infinity does the same (with NumPy's warning). To the
# last digit that is its answer for an output that is constant: the indices are left at zero wherever "the variance is above
# epsilon" is not true, and of NaN it is not. So one training of 1,536 that diverged turns "the rate explains 90 %" into "no
# parameter matters at all, for sure". `fast` gives NaN for such outputs.
#
# Output seen (output = 3 rate + width, whose exact shares of the variance are 0.9 and 0.1):
#   all finite   S1 [0.900 0.100] ± [0.141 0.053]  ST [0.900 0.100]  warnings: none
#   one is NaN   S1 [0.000 0.000] ± [0.000 0.000]  ST [0.000 0.000]  warnings: none
#   one is inf   S1 [0.000 0.000] ± [0.000 0.000]  ST [0.000 0.000]  warnings: RuntimeWarning
#   constant     S1 [0.000 0.000] ± [0.000 0.000]  ST [0.000 0.000]  warnings: RuntimeWarning
#
# The documentation of `analyze` does not say what happens. Ask for `np.isfinite(outputs).all()` first.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "SALib==1.6.0" "numpy==2.4.6" "scipy==1.17.1"
"$folder/venv/bin/python" - <<'PYTHON'
import warnings

import numpy as np
from SALib.analyze import fast, sobol
from SALib.sample import fast_sampler
from SALib.sample import sobol as sobol_sampler

problem = {"num_vars": 2, "names": ["rate", "width"], "bounds": [[0, 1], [0, 1]]}


def model(inputs):
    return 3 * inputs[:, 0] + inputs[:, 1]


def with_one(outputs, value):
    changed = outputs.copy()
    changed[5] = value
    return changed


outputs = model(sobol_sampler.sample(problem, 256, seed=1))
cases = {
    "all finite": outputs,
    "one is NaN": with_one(outputs, np.nan),
    "one is inf": with_one(outputs, np.inf),
    "constant": np.full_like(outputs, 0.5),
}
warned = {}
for name, case in cases.items():
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = sobol.analyze(problem, case, seed=1)
    warned[name] = ", ".join(sorted({each.category.__name__ for each in said})) or "none"
    first, error, total = (f"[{a:.3f} {b:.3f}]" for a, b in (found["S1"], found["S1_conf"], found["ST"]))
    print(f"{name:11}  S1 {first} ± {error}  ST {total}  warnings: {warned[name]}")
    numbers = [*found["S1"], *found["S1_conf"], *found["ST"], *found["ST_conf"], found["S2"][0, 1], found["S2_conf"][0, 1]]
    if name == "all finite":
        assert abs(found["S1"] - [0.9, 0.1]).max() < 0.01 and abs(found["ST"] - [0.9, 0.1]).max() < 0.01
    else:
        assert numbers == [0.0] * 10, f"{name} is answered otherwise by now"
assert warned["one is NaN"] == "none"
inputs = fast_sampler.sample(problem, 300, seed=1)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    assert np.isnan(fast.analyze(problem, with_one(model(inputs), np.nan), seed=1)["S1"]).any()
PYTHON
