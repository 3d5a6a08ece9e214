#!/usr/bin/env bash
# Numba 0.68.1, NumPy 2.4.6
#
# Behaviour: `np.median` of an array with one NaN is NaN in NumPy. Compiled by Numba it is a number in most cases, and
# neither that nor the median of the others: NaN is compared like a number while the middle is looked for, and ends
# anywhere. Which number comes out depends on where the NaN stands, and the more values there are, the rarer it is NaN.
# In compiled code `np.percentile(a, 50)` is NaN as it should be, and `np.nanmedian` is right too; `np.median` alone is not.
#
# Output seen:
#   [nan 0.2 0.3 0.4 0.5]  NumPy nan  Numba 0.4  of the others 0.35
#   [0.1 nan 0.3 0.4 0.5]  NumPy nan  Numba 0.4  of the others 0.35
#   [0.1 0.2 nan 0.4 0.5]  NumPy nan  Numba nan  of the others 0.30
#   [0.1 0.2 0.3 nan 0.5]  NumPy nan  Numba nan  of the others 0.25
#   [0.1 0.2 0.3 0.4 nan]  NumPy nan  Numba 0.3  of the others 0.25
#   one NaN at a random place (2,000 arrays each):
#   5 values    a number in 70 %, never the median of the others
#   50 values   a number in 95 %, never the median of the others
#   500 values  a number in 99 %, never the median of the others
#
# It has been reported to the project (a pull request of December 2025 mends it) and is not mended in this version. The
# median loss over seeds of which one diverged looks as if all had been well, where NumPy would have said so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "numba==0.68.1" "numpy==2.4.6"
"$folder/venv/bin/python" - <<'PYTHON'
import numba
import numpy as np


@numba.njit
def medians(values):
    return np.median(values), np.percentile(values, 50.0), np.nanmedian(values)


hidden = []
for place in range(5):
    values = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    values[place] = np.nan
    compiled, others = medians(values)[0], float(np.nanmedian(values))
    hidden.append(not np.isnan(compiled))
    print(f"{values}  NumPy {np.median(values)}  Numba {compiled}  of the others {others:.2f}")
assert hidden == [True, True, False, False, True]

print("one NaN at a random place (2,000 arrays each):")
draw = np.random.default_rng(0)
for count, at_least in ((5, 0.6), (50, 0.9), (500, 0.98)):
    numbers = as_others = 0
    for _ in range(2_000):
        values = draw.normal(size=count)
        values[draw.integers(count)] = np.nan
        median, percentile, nanmedian = medians(values)
        assert np.isnan(np.median(values)) and np.isnan(percentile) and nanmedian == np.nanmedian(values)
        numbers += not np.isnan(median)
        as_others += median == nanmedian
    print(f"{f'{count} values':10}  a number in {numbers / 2_000:.0%}, never the median of the others".replace("%", " %"))
    assert numbers / 2_000 > at_least and as_others == 0, "the median of NaN is NaN by now"
PYTHON
