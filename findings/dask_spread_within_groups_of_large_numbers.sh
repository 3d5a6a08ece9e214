#!/usr/bin/env bash
# Dask 2026.8.0, pandas 3.1.1, pyarrow 26.0.1, NumPy 2.4.6
#
# Behaviour: within groups, Dask's `std`, `var`, `cov` and `corr` of a dataframe take the squared sum from the sum of squares,
# which leaves rounding errors where the spread is small beside the mean; a negative variance is then set to zero. The same
# column without groups is right in the same library. At a mean of 1e6 a spread of 0.01 comes out as 0.0 or 14 % off, at 1e7
# as 0.0 or 18 times as large, and other partitions give other numbers.
#
# Output seen (1,000 numbers with a spread of 0.01 about the mean, one group: pandas; Dask without groups; Dask by group in
# 4 partitions, in 1):
#   0e+00    0.009772  0.009772  0.009772  0.009772
#   1e+04    0.009772  0.009772  0.009771  0.009771
#   1e+06    0.009772  0.009772  0.000000  0.011186
#   1e+07    0.009772  0.009772  0.000000  0.178975
#   1e+08    0.009772  0.009772  0.000000  0.000000
#
# A variance at 1e7 is 0 or a multiple of 0.016 (the last place of a sum of 1,000 squares), on any processor; at
# 1e8 of 2. It is open in the project's tracker since 2020, for equal numbers whose spread is not zero. It hurts who keeps
# times since 1970, counts of steps or large losses: subtract a constant before grouping.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "dask[dataframe]==2026.8.0" "pandas==3.1.1" "pyarrow==26.0.1" "numpy==2.4.6"
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd

dask.config.set(scheduler="synchronous")
noise = np.random.default_rng(0).normal(size=1_000) * 0.01
found = {}
for mean in (0.0, 1e4, 1e6, 1e7, 1e8):
    frame = pd.DataFrame({"group": 1, "value": mean + noise})
    exact = float(frame.groupby("group").value.std().iloc[0])
    assert abs(exact / float(np.std(mean + noise, ddof=1)) - 1) < 1e-6
    parts = {count: dd.from_pandas(frame, npartitions=count) for count in (4, 1)}
    whole = float(parts[4].value.std().compute())
    groups = {count: float(part.groupby("group").value.std().compute().iloc[0]) for count, part in parts.items()}
    found[mean] = exact, whole, *groups.values()
    print(f"{mean:<7.0e}  {exact:.6f}  {whole:.6f}  {groups[4]:.6f}  {groups[1]:.6f}")
    assert abs(whole / exact - 1) < 1e-6
assert all(abs(each / found[0.0][0] - 1) < 1e-9 for each in found[0.0])
for mean in (1e7, 1e8):
    exact, _, four, one = found[mean]
    assert abs(four / exact - 1) > 0.1 and abs(one / exact - 1) > 0.1, "it is stable by now"
PYTHON
