#!/usr/bin/env bash
# ConfigSpace 1.2.2, NumPy 2.4.6, SciPy 1.17.1
#
# Behaviour: the width of a normal prior on a log scale, `Float("rate", (low, high), log=True,
# distribution=Normal(mu, sigma))`, is |ln(low + sigma)| in natural logarithms, whatever mu is. It is neither sigma nor a
# spread of the values, it is zero at sigma = 1 - low, and over most of the usual range a larger sigma gives a NARROWER
# prior: `Normal(0.01, 1)`, which reads as "anything", tries 0.010 and nothing else.
#
# Output seen (bounds 1e-4 to 1, mu 0.01, 4,000 samples: sigma; |ln(low + sigma)|; standard deviation of ln(rate); from the
# 5 % to the 95 % quantile):
#   0.01  4.595  2.51  0.00018 to 0.59
#   0.1   2.302  2.05  0.00033 to 0.33
#   0.5   0.693  0.70  0.0032 to 0.033
#   0.9   0.105  0.11  0.0084 to 0.012
#   1     0.000  0.00  0.010 to 0.010
#   3     1.099  1.11  0.0016 to 0.066
#
# Samples are cut at the bounds, so that the spread stays below |ln(low + sigma)| where that is large. The documentation
# calls sigma the standard deviation, and does not say of what; without log=True it is that of the values. Who searches
# with such a prior should look at a few thousand samples of it first.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "ConfigSpace==1.2.2" "numpy==2.4.6" "scipy==1.17.1"
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import math

import numpy as np
from ConfigSpace import ConfigurationSpace, Float, Normal

LOW, HIGH, MU, COUNT = 1e-4, 1.0, 0.01, 4_000


def samples(log, sigma):
    space = ConfigurationSpace(seed=0)
    space.add(Float("rate", (LOW, HIGH), log=log, distribution=Normal(MU, sigma)))
    return np.array([each["rate"] for each in space.sample_configuration(COUNT)])


spreads = {}
for sigma in (0.01, 0.1, 0.5, 0.9, 1, 3):
    rates = samples(True, sigma)
    spreads[sigma] = float(np.log(rates).std())
    low, high = np.quantile(rates, [0.05, 0.95])
    print(f"{sigma:<4}  {abs(math.log(LOW + sigma)):.3f}  {spreads[sigma]:.2f}  {low:#.2g} to {high:#.2g}")
assert spreads[0.01] > spreads[0.1] > spreads[0.5] > spreads[0.9] > spreads[1], "a larger sigma is wider by now"
assert spreads[1] < 1e-3 < spreads[3]
assert abs(spreads[0.9] - abs(math.log(LOW + 0.9))) < 0.01
assert abs(samples(False, 0.001).std() - 0.001) < 1e-4  # without the logarithm it is the standard deviation
PYTHON
