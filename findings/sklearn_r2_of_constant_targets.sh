#!/usr/bin/env bash
# scikit-learn 1.9.1, NumPy 2.4.6
#
# Behaviour: `r2_score` documents that R² of constant targets is 1.0 for a perfect prediction and 0.0 otherwise
# (force_finite=True). Whether targets count as constant is decided by the sum of squares about their mean, and the mean
# of equal numbers need not be that number: of three times 0.1 it is off in the last bit. The sum is then about 1e-33
# instead of 0, and R² is a number near −1e31, with no warning. It depends on the value and on how many there are.
#
# Output seen:
#   0.5 x 3    0.0
#   0.1 x 3    -1.7307656195116095e+31
#   0.1 x 5    0.0
#   0.2 x 7    -1.8543917351910113e+30
#   0.7 x 49   -1.6557069064205437e+28
#
# A cross-validated mean over folds of which one has constant targets is that fold's −1e31.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "scikit-learn==1.9.1" "numpy==2.4.6"
"$folder/venv/bin/python" -W error - <<'PYTHON'
from sklearn.metrics import r2_score

found = {}
for value, count in ((0.5, 3), (0.1, 3), (0.1, 5), (0.2, 7), (0.7, 49)):
    targets = [value] * count
    predictions = [value] * (count - 1) + [value + 0.1]
    found[value, count] = float(r2_score(targets, predictions))
    print(f"{value} x {count:<4} {found[value, count]!r}")
assert found[0.5, 3] == found[0.1, 5] == 0.0
assert found[0.1, 3] < -1e30 and found[0.2, 7] < -1e29 and found[0.7, 49] < -1e27
PYTHON
