"""The command that started this process."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

PROGRAM = "nnsweep"


def command() -> str:
    """Write the command as it would be typed. With `python -m nnsweep`, `sys.argv` holds a path instead of the name."""
    program = Path(sys.argv[0]).name
    return shlex.join([PROGRAM if program == "__main__.py" else program, *sys.argv[1:]])
