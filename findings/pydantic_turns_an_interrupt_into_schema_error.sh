#!/usr/bin/env bash
# pydantic 2.14.4, pydantic_core 2.50.5
#
# Behaviour: while pydantic builds a model, a KeyboardInterrupt, which Ctrl-C raises, may come out as a `SchemaError`, with the
# interrupt as a part of its text. That is an `Exception`: `except KeyboardInterrupt` does not see it, `except Exception`
# takes it, and whoever catches a SchemaError to go on without the model goes on after Ctrl-C. Models are built when they
# are defined, or, with `defer_build=True`, when they are used first, in the middle of a run.
#
# Output seen (300 first uses of a model of 60 fields, each interrupted at a random moment; counts vary):
#   built before the interrupt   about 160
#   KeyboardInterrupt            about 40
#   SchemaError                  about 100: Error building "model" validator: … KeyboardInterrupt
#
# An experiment that reads its settings by pydantic and is stopped just then ends with a traceback about its schema, or does
# not end. Handle the signal by a flag meanwhile, or send it again later.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "pydantic==2.14.4" "pydantic_core==2.50.5"
"$folder/venv/bin/python" - <<'PYTHON'
import random
import signal
import time
from collections import Counter
from typing import Literal

from pydantic import ConfigDict, create_model

CHOICES = Literal[tuple(f"choice {number}" for number in range(300))]
FIELDS = {f"field_{number}": (CHOICES, "choice 0") for number in range(60)}
signal.signal(signal.SIGALRM, signal.default_int_handler)  # as Ctrl-C, at a time that is known


def use_first(interrupt_after):
    """Build a model by using it; return how that ended, and the seconds."""
    model = create_model("Settings", __config__=ConfigDict(defer_build=True), **FIELDS)
    began = time.perf_counter()
    try:
        signal.setitimer(signal.ITIMER_REAL, interrupt_after)
        model()
        ended = "built"
    except BaseException as error:
        ended = type(error).__name__
        assert ended == "KeyboardInterrupt" or "KeyboardInterrupt" in str(error), error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return ended, time.perf_counter() - began


_, whole = use_first(60)
draw = random.Random(1)
counts = Counter(use_first(draw.uniform(0.0005, whole))[0] for _ in range(300))
print(dict(counts))
assert counts["SchemaError"] > 10, counts
PYTHON
