#!/usr/bin/env bash
# DuckDB 2.0.1, NumPy 2.4.6, SciPy 1.17.1, pandas 3.1.1
#
# Behaviour: `sem(loss)`, "the standard error of the mean", is the standard deviation of the POPULATION divided by √n, while
# `stddev(loss)` beside it is that of a sample. It is not `stddev(loss) / sqrt(count(loss))`, and not what SciPy and pandas call
# `sem`: it is too small by √(1 - 1/n), which is 29 % for two seeds and 18 % for three. Of one seed, where `stddev` is NULL and
# SciPy and pandas say NaN, it is 0.0: what was tried once looks as if it were known exactly.
#
# Output seen:
#   losses                     DuckDB sem  stddev / √n  SciPy  pandas
#   0.31                       0.0000      None         nan    nan
#   0.31 0.35                  0.0141      0.0200       0.0200 0.0200
#   0.31 0.35 0.27             0.0189      0.0231       0.0231 0.0231
#   0.31 0.35 0.27 0.30 0.34   0.0128      0.0144       0.0144 0.0144
#
# Its description in `duckdb_functions()` is those words, and says nothing of n or n - 1. Error bars drawn from it are too short,
# and a ranking by mean + 2 sem favours settings that were tried once. Write `stddev(loss) / sqrt(count(loss))`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "duckdb==2.0.1" "numpy==2.4.6" "scipy==1.17.1" "pandas==3.1.1"
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import math

import duckdb
import pandas as pd
from scipy import stats

QUERY = "select sem(loss), stddev(loss) / sqrt(count(loss)) from (select unnest($losses::double[]) as loss)"

print(f"{'losses':25}  DuckDB sem  stddev / √n  SciPy  pandas")
for losses in ([0.31], [0.31, 0.35], [0.31, 0.35, 0.27], [0.31, 0.35, 0.27, 0.30, 0.34]):
    sem, expected = duckdb.execute(QUERY, {"losses": losses}).fetchone()
    others = [float(stats.sem(losses)), float(pd.Series(losses).sem())]
    texts = ["None" if each is None else f"{each:.4f}" for each in (sem, expected, *others)]
    print(f"{' '.join(f'{each:.2f}' for each in losses):25}  {texts[0]:10}  {texts[1]:11}  {texts[2]:6} {texts[3]}")
    if len(losses) == 1:
        assert sem == 0.0 and expected is None and all(map(math.isnan, others)), "sem of one seed is missing by now"
    else:
        assert all(math.isclose(each, expected, rel_tol=1e-9) for each in others)
        assert math.isclose(sem, expected * math.sqrt(1 - 1 / len(losses)), rel_tol=1e-9), "sem is that of a sample by now"
PYTHON
