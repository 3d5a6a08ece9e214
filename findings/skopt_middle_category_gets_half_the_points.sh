#!/usr/bin/env bash
# scikit-optimize 0.10.2, NumPy 2.4.6, SciPy 1.17.1, scikit-learn 1.9.1
#
# Behaviour: with an initial_point_generator that is meant to fill the space more evenly than chance ("sobol", "halton",
# "hammersly", "lhs", "grid"), the first and the last category of a `Categorical` get half as many points as the ones
# between. The points are drawn in [0, 1], stretched to the numbers of the categories and rounded, so that each end keeps
# half an interval. Of three categories the middle one gets half of all points; which one that is depends on nothing but the
# order of the list. The default, "random", draws categories evenly.
#
# Output seen, points of each category:
#   random     relu 88    tanh 93    elu 75
#   sobol      relu 64    tanh 128   elu 64
#   halton     relu 65    tanh 127   elu 64
#   hammersly  relu 65    tanh 127   elu 64
#   lhs        relu 64    tanh 128   elu 64
#   sobol      tanh 64    elu 128    relu 64
#
# The first and the last value of an `Integer` get half as well. The pages on initial sampling methods show real and whole
# numbers, no categories. A comparison of three activations on such a design has half of its runs on one of them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "scikit-optimize==0.10.2" "numpy==2.4.6" "scipy==1.17.1" "scikit-learn==1.9.1"
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
from collections import Counter

from skopt import forest_minimize
from skopt.space import Categorical, Real

COUNT = 256


def counts(generator, categories):
    """How often each category is in the initial points of a search that evaluates nothing else."""
    result = forest_minimize(
        lambda point: point[1],
        [Categorical(categories), Real(0.0, 1.0)],
        n_calls=COUNT,
        n_initial_points=COUNT,
        initial_point_generator=generator,
        random_state=0,
    )
    found = Counter(str(point[0]) for point in result.x_iters)
    print(f"{generator:9}  {'  '.join(f'{each} {found[each]:<{9 - len(each) - 1}}' for each in categories)}".rstrip())
    return [found[each] for each in categories]


names = ["relu", "tanh", "elu"]
assert all(abs(count - COUNT / 3) < 25 for count in counts("random", names))
for generator in ("sobol", "halton", "hammersly", "lhs"):
    first, middle, last = counts(generator, names)
    assert abs(middle - COUNT / 2) <= 2 and abs(first - last) <= 2, "the categories are drawn evenly by now"
assert abs(counts("sobol", ["tanh", "elu", "relu"])[1] - COUNT / 2) <= 2
PYTHON
