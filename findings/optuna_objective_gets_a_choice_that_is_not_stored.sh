#!/usr/bin/env bash
# Optuna 5.0.0
#
# Behaviour: of the choices [True, 1] of a categorical parameter, or [False, 0], the objective is given both, but the
# study keeps the first for either. `trial.params` and `study.best_params` then name a value that the objective was not
# given, and the two settings count as one in importances and for samplers. Choices that are equal in Python are looked
# up by equality when they are stored, while the sampler gives them by their place.
#
# Output seen:
#   given  ['1', 'True']
#   stored ['True']
#   the best was given 1, best_params says True
#
# Nothing warns. Whoever lists truth values beside numbers, such as `max_features` of [True, 1, 0.5], needs texts.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "optuna==5.0.0"
"$folder/venv/bin/python" - <<'PYTHON'
import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
given = []


def objective(trial):
    given.append(trial.suggest_categorical("choice", [True, 1]))
    return 0.0 if given[-1] is True else -1.0  # 1 is the better one


study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
study.optimize(objective, n_trials=20)
stored = {repr(trial.params["choice"]) for trial in study.trials}
best = given[study.best_trial.number]
print("given ", sorted({repr(value) for value in given}))
print("stored", sorted(stored))
print(f"the best was given {best!r}, best_params says {study.best_params['choice']!r}")
assert {repr(value) for value in given} == {"True", "1"}
assert stored == {"True"}, "both are stored by now"
assert best is not True, "the better one was never given"
assert study.best_params["choice"] is True, "the best is stored as it was given by now"
PYTHON
