#!/usr/bin/env bash
# scikit-learn 1.9.1, NumPy 2.4.6
#
# Behaviour: MLPClassifier.fit(X, y, sample_weight=w) divides the weighted loss of each mini-batch by the batch's own sum
# of weights. In a batch of one sample the weight cancels: with batch_size=1 weights of 1 and 20 give nearly the weights
# of no weighting at all, where with the whole data in one batch they change them a thousand times as much. In between,
# a rare and heavy class counts less the smaller the batches are, and nothing says so.
#
# Output seen, the largest change of a coefficient by weighting, after 5 epochs:
#   batch of 1     4.3e-05
#   batch of 60    1.3e-02
#
# The change at batch_size=1 is that of the L2 penalty alone, which is divided by the sum of weights too.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "scikit-learn==1.9.1" "numpy==2.4.6"
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
from sklearn.neural_network import MLPClassifier

inputs = np.random.default_rng(0).normal(size=(60, 2))
classes = (inputs[:, 0] > 1).astype(int)
weights = np.where(classes == 1, 20.0, 1.0)


def change(batch, **options):
    """The largest change of a coefficient by weighting."""
    plain, weighted = (
        MLPClassifier(
            (4,), solver="sgd", batch_size=batch, max_iter=5, random_state=0, shuffle=False, **options
        ).fit(inputs, classes, sample_weight=given)
        for given in (None, weights)
    )
    return max(float(np.abs(a - b).max()) for a, b in zip(plain.coefs_, weighted.coefs_))


small, whole = change(1), change(60)
print(f"batch of 1     {small:.1e}\nbatch of 60    {whole:.1e}")
assert small < 1e-4 < 1e-3 < whole, "weights count in batches of one by now"
assert change(1, alpha=0.0) < 1e-12, "without the penalty nothing is left of them"
PYTHON
