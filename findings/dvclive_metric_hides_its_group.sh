#!/usr/bin/env bash
# DVCLive 3.49.1
#
# Behaviour: DVCLive keeps the last value of each metric in metrics.json, as tables within tables: `loss/validation` is
# `validation` in the table `loss`. A metric `loss` takes the place of that table, so the last `loss/validation` is gone
# from metrics.json, without a word. In the other order, logging `loss/validation` after `loss` is an AttributeError that
# names neither. The curve of each metric, in its .tsv file, is complete in both cases.
#
# Output seen:
#   group first: {'loss': 0.5}, validation.tsv has 0.7
#   group last: AttributeError: 'float' object has no attribute 'copy', validation.tsv has 0.7
#
# A loop that logs `loss` each epoch and `loss/validation` before it loses the latter from `dvc metrics show`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "dvclive==3.49.1" "dvc==3.67.1"
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import json
from pathlib import Path

from dvclive import Live


def log(folder: str, metrics: dict[str, float]) -> str:
    live = Live(folder, save_dvc_exp=False, dvcyaml=None, report=None)
    try:
        for name, value in metrics.items():
            live.log_metric(name, value)
        live.end()
        said = str(json.loads(Path(folder, "metrics.json").read_text()))
    except AttributeError as error:
        said = f"AttributeError: {error}"
    curve = Path(folder, "plots/metrics/loss/validation.tsv").read_text().split()
    return f"{said}, validation.tsv has {curve[-1]}"


first = log("first", {"loss/validation": 0.7, "loss": 0.5})
last = log("last", {"loss": 0.5, "loss/validation": 0.7})
print(f"group first: {first}\ngroup last: {last}")
assert first == "{'loss': 0.5}, validation.tsv has 0.7"
assert last == "AttributeError: 'float' object has no attribute 'copy', validation.tsv has 0.7"
PYTHON
