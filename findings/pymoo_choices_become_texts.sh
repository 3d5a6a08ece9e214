#!/usr/bin/env bash
# pymoo 0.6.2, NumPy 2.4.6
#
# Behaviour: the options of a `Choice` pass through one NumPy array on their way to the objective. Options of several types
# arrive as one type: of [True, False, "auto"] the objective is given the texts 'True' and 'False', which are both true; of
# [1, 2, "auto"] the texts '1' and '2'; of [False, 0.9] the numbers 0.0 and 0.9. Only options with None among them, or of one
# type, arrive as they were given. Neither the first generation nor its offspring holds a False, and nothing warns.
#
# Output seen (options, what the objective was given, how often it is true in `if`):
#   [True, False, 'auto']  'False' 'True' 'auto' all of 100
#   [1, 2, 'auto']         '1' '2' 'auto'        all of 100
#   [False, 0.9]           0.0 0.9               45 of 100
#   [None, False, 'auto']  'auto' False None     36 of 100
#
# A search over early_stopping=[True, False, "auto"] tries early stopping always, and its best setting can read "False".
# The documentation shows options that are all texts.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pymoo==0.6.2" "numpy==2.4.6"
"$folder/venv/bin/python" - <<'PYTHON'
from pymoo.core.mixed import MixedVariableGA
from pymoo.core.problem import ElementwiseProblem
from pymoo.core.variable import Choice, Real
from pymoo.optimize import minimize


class Training(ElementwiseProblem):
    def __init__(self, options):
        super().__init__(vars={"option": Choice(options=options), "rate": Real(bounds=(0, 1))}, n_obj=1)
        self.given = []

    def _evaluate(self, setting, out, *args, **kwargs):
        self.given.append(setting["option"])
        out["F"] = setting["rate"]


def given(options):
    training = Training(options)
    minimize(training, MixedVariableGA(pop_size=20), ("n_gen", 5), seed=1)
    plain = [each.item() if hasattr(each, "item") else each for each in training.given]  # np.str_ is str too
    true = sum(map(bool, training.given))
    texts = sorted({repr(str(each) if isinstance(each, str) else each) for each in plain})
    print(f"{options!s:22} {' '.join(texts):21} {'all' if true == len(plain) else true} of {len(plain)}")
    return set(texts), true == len(plain)


assert given([True, False, "auto"]) == ({"'True'", "'False'", "'auto'"}, True), "options arrive as given by now"
assert given([1, 2, "auto"]) == ({"'1'", "'2'", "'auto'"}, True)
assert given([False, 0.9])[0] == {"0.0", "0.9"}
assert given([None, False, "auto"])[0] == {"None", "False", "'auto'"}
PYTHON
