#!/usr/bin/env bash
# pyarrow 26.0.1, DuckDB 2.0.1
#
# Behaviour: Parquet's statistics of a column leave NaN out, and both readers take them for bounds of all values. Where the
# statistics decide a filter for a whole row group, rows with NaN are lost or let in:
# - pyarrow drops rows from a file that the same filter keeps in memory;
# - DuckDB finds `loss < 1` true of every row, NaN too (in its tables NaN is the largest number), and `isnan(loss)` of none.
# The same filters on the same columns give other rows once a second row group or a larger value makes the statistics
# undecided. A null in place of NaN is counted in the statistics, and is filtered the same everywhere.
#
# Output seen (ids; the row 2 has the NaN):
#   pyarrow  not loss < 1    memory [2]        file []
#   pyarrow  loss != 0.5     memory [2]        file []
#   duckdb   loss < 1        memory [1, 3]     file [1, 2, 3]
#   duckdb   isnan(loss)     memory [2]        file []
#
# Who keeps the losses of trainings as Parquet, and asks which diverged, is told: none; and the best of those below a
# bound may be one that diverged.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pyarrow==26.0.1" "duckdb==2.0.1" "numpy==2.4.6"
cd "$folder"
venv/bin/python - <<'PYTHON'
import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

table = pa.table({"id": [1, 2, 3], "loss": [0.5, float("nan"), 0.5]})
parquet.write_table(table, "trials.parquet")
seen = []
loss = pc.field("loss")
for text, condition in {"not loss < 1": ~(loss < 1), "loss != 0.5": loss != 0.5}.items():
    memory = table.filter(condition)["id"].to_pylist()
    file = parquet.read_table("trials.parquet", filters=condition)["id"].to_pylist()
    seen.append(("pyarrow", text, memory, file))
duckdb.sql("create table trials as from 'trials.parquet'")
for text in ("loss < 1", "isnan(loss)"):
    rows = [duckdb.sql(f"select id from {source} where {text}").fetchall() for source in ("trials", "'trials.parquet'")]
    seen.append(("duckdb", text, *[[row[0] for row in each] for each in rows]))
for library, text, memory, file in seen:
    print(f"{library:<8} {text:<15} memory {memory!s:<10} file {file}")
assert [each[2:] for each in seen] == [([2], []), ([2], []), ([1, 3], [1, 2, 3]), ([2], [])]
PYTHON
