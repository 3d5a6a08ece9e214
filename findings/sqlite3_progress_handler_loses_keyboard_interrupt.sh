#!/usr/bin/env bash
# Python 3.11.7 with SQLite 3.40.1
#
# Behaviour: what a progress handler raises ends the query, which raises `OperationalError: interrupted`; the exception
# itself is dropped, and is neither its cause nor its context. This holds for KeyboardInterrupt too: Python runs the
# handler of Ctrl-C in whatever Python code comes next, which during a long query is the progress handler. A program that
# retries or reports database errors then goes on as if nobody had pressed Ctrl-C.
#
# Output seen:
#   OperationalError: interrupted; cause None, context None
#   the next query: 1
set -euo pipefail
python3 - <<'PYTHON'
import sqlite3


def interrupted():
    raise KeyboardInterrupt


connection = sqlite3.connect(":memory:")
connection.set_progress_handler(interrupted, 100)
numbers = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 10000) select count(*) from n"
try:
    connection.execute(numbers).fetchone()
except BaseException as error:
    found = error
else:
    raise SystemExit("the query came to its end")
print(f"{type(found).__name__}: {found}; cause {found.__cause__}, context {found.__context__}")
connection.set_progress_handler(None, 0)
print("the next query:", *connection.execute("select 1").fetchone())
assert type(found) is sqlite3.OperationalError and str(found) == "interrupted"
assert found.__cause__ is None and found.__context__ is None
PYTHON
