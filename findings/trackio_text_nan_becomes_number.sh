#!/usr/bin/env bash
# Trackio 0.43.0
#
# Behaviour: Trackio stores NaN and infinity as the texts "NaN" and "Infinity", because JSON has neither, and turns such
# texts into numbers when it reads a config or a metric. A setting that is the text "NaN" or "Infinity" therefore comes
# back as a number. Within a nested table it is the other way round: a number NaN comes back as a text.
#
# Output seen:
#   fill    'NaN' -> nan
#   limit   'Infinity' -> inf
#   number  nan -> nan
#   table   {'number': nan, 'text': 'NaN'} -> {'number': 'NaN', 'text': 'NaN'}
#
# A sweep over ways to fill gaps that names one of them "NaN" is listed with a number in place of that name.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "trackio==0.43.0"
TRACKIO_DIR="$folder/runs" "$folder/venv/bin/python" - <<'PYTHON'
import math

import trackio

nan = math.nan
given = {"fill": "NaN", "limit": "Infinity", "number": nan, "table": {"number": nan, "text": "NaN"}}
trackio.init(project="gaps", name="run", config=given, embed=False, auto_log_gpu=False, auto_log_cpu=False)
trackio.log({"loss": 0.5})
trackio.finish()
(run,) = trackio.Api().runs("gaps")
for name, value in given.items():
    print(f"{name:<7} {value!r} -> {run.config[name]!r}")
assert math.isnan(run.config["fill"]) and run.config["limit"] == math.inf
assert run.config["table"] == {"number": "NaN", "text": "NaN"}
PYTHON
