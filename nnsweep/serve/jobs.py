"""Asks the process that makes reports and comparisons, one question at a time, and remembers the last answers."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import OrderedDict
from collections.abc import Hashable
from contextlib import suppress
from typing import Any

from nnsweep.errors import NnsweepError

WORK = "import sys; sys.path[:] = sys.argv[1:]; from nnsweep.serve.worker import work; work()"
PATIENCE = 300.0
"""Seconds that an answer may take."""
KEPT, LARGEST = 8, 4_000_000
"""Answers that are remembered, and the bytes of the largest of them."""


class Jobs:
    """Answers questions in a process of its own."""

    def __init__(self) -> None:
        self._one = asyncio.Semaphore(1)
        self._known: OrderedDict[Hashable, dict[str, Any]] = OrderedDict()

    async def ask(self, key: Hashable, question: dict[str, Any]) -> dict[str, Any]:
        """Answer a question; `key` changes with what the answer depends on.

        Raises:
            NnsweepError: there is no answer.
        """
        async with self._one:
            if key not in self._known:
                content = await _answer(json.dumps(question).encode())
                answer = json.loads(content)
                if len(content) <= LARGEST and "problem" not in answer:
                    self._known[key] = answer
                    while len(self._known) > KEPT:
                        self._known.popitem(last=False)
            else:
                answer = self._known[key]
        if "problem" in answer:
            raise NnsweepError(answer["problem"])
        return answer


async def _answer(question: bytes) -> bytes:
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    path = [os.path.abspath(each) for each in sys.path]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORK, *path, stdin=pipe, stdout=pipe, stderr=nothing, process_group=0
    )
    try:
        found, _ = await asyncio.wait_for(process.communicate(question), PATIENCE)
    except TimeoutError:
        raise NnsweepError(f"this takes more than {PATIENCE:.0f} s here; use the command line") from None
    finally:
        if process.returncode is None:  # the browser went away, or it took too long
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        raise NnsweepError("the process that makes this has died; try again, or use the command line")
    return found
