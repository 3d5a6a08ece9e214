#!/usr/bin/env bash
# Dask 2026.8.0, pandas 3.1.1, pyarrow 26.0.1, NumPy 2.4.6
#
# Behaviour: `groupby(...).loss.idxmin()` of a Dask dataframe names the row with the smallest loss of ONE partition, the first
# in which the group occurs (of more than eight partitions, which are merged in several steps, another one), whatever the
# others hold; `idxmax` likewise. So the "best trial of each setting" is the best of those that happen to stand together,
# and it changes with the number of partitions. `groupby(...).loss.min()` and, without groups, `loss.idxmin()` are right.
#
# Output seen (20 frames of 200 trials in 4 groups, drawn at random):
#   partitions  wrong rows  their loss on average  the smallest loss on average
#   1           0.000       -                      0.016
#   2           0.500       0.057                  0.016
#   4           0.675       0.085                  0.016
#   20          0.975       0.306                  0.016
#
# The project has known it for years (its tracker calls it "very broken"); the method has no documentation of its own, and
# nothing warns. Take `groupby(...).loss.min()` and look the rows up, or sort by loss and take the first of each group.
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

FRAMES, TRIALS, GROUPS = 20, 200, 4
print("partitions  wrong rows  their loss on average  the smallest loss on average")
shares = []
for partitions in (1, 2, 4, 20):
    draw = np.random.default_rng(0)
    wrong, smallest = [], []
    for _ in range(FRAMES):
        trials = pd.DataFrame({"setting": draw.integers(0, GROUPS, TRIALS), "loss": draw.random(TRIALS)})
        parts = dd.from_pandas(trials, npartitions=partitions)
        with dask.config.set(scheduler="synchronous"):
            found, least, best = dask.compute(
                parts.groupby("setting").loss.idxmin(), parts.groupby("setting").loss.min(), parts.loss.idxmin()
            )
        exact = trials.groupby("setting").loss.idxmin()
        assert (least.sort_index().to_numpy() == trials.loss[exact].to_numpy()).all() and best == trials.loss.idxmin()
        found = found.sort_index().to_numpy()
        wrong += trials.loss[found[found != exact.to_numpy()]].tolist()
        smallest += least.tolist()
        pieces = dask.compute(*parts.to_delayed())
        for setting, row in enumerate(found):  # it is the best of one partition
            piece = next(each for each in pieces if (row in each.index if partitions > 8 else setting in each.setting.values))
            assert row == piece[piece.setting == setting].loss.idxmin()
    shares.append(len(wrong) / len(smallest))
    mean = f"{np.mean(wrong):.3f}" if wrong else "-"
    print(f"{partitions:<10}  {shares[-1]:.3f}       {mean:21}  {np.mean(smallest):.3f}")
assert shares[0] == 0 and shares[1] > 0.3 and shares[2] > 0.6 and shares[3] > 0.9, "the best of all partitions is named by now"
PYTHON
