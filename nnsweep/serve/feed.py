"""Looks for news about once a second while anybody listens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

SECONDS = 1.0
"""Between two looks, at least."""
SHARE = 50
"""A look that takes a second is followed by so many seconds without: looking takes at most 2 % of a processor."""


class Feed:
    """News of one thing, for any number of listeners. `look` says whether there are any; it runs in a thread."""

    def __init__(self, look: Callable[[], bool], seconds: float = SECONDS) -> None:
        self._look, self._seconds = look, seconds
        self._turn, self._listeners = 0, 0
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._last: BaseException | None = None

    async def follow(self, quiet: float) -> AsyncIterator[bool]:
        """Give True at once, then whenever there are news, and False after so many seconds without any."""
        self._listeners += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())
        try:
            yield True
            turn = self._turn
            while True:
                if self._turn == turn:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._news.wait(), quiet)
                yield self._turn != turn
                turn = self._turn
        finally:
            self._listeners -= 1

    async def _watch(self) -> None:
        while self._listeners:
            began = time.perf_counter()
            if await asyncio.to_thread(self._look):
                self._turn += 1
                self._news.set()
                self._news = asyncio.Event()
            took = time.perf_counter() - began
            await asyncio.sleep(max(self._seconds, SHARE * took))
