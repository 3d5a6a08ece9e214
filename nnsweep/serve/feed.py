"""Looks for news about once a second while anybody listens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

SECONDS = 1.0
"""Between two looks, at least."""
SHARE = 50
"""A look that takes a second of a processor is followed by so many seconds without, but no more than `LONGEST`."""
LONGEST = 10
"""How many times longer than usual two looks are apart, at most."""


class Feed:
    """News of one thing, for any number of listeners: whenever `look`, which runs in a thread, gives something else."""

    def __init__(self, look: Callable[[], object], seconds: float = SECONDS) -> None:
        self._look, self._seconds, self._seen = look, seconds, object()
        self._turn, self._listeners = 0, 0
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._has_ended = False

    async def follow(self, quiet: float) -> AsyncIterator[bool]:
        """Give True at once, whenever there are news, and at the end; False after so many seconds without any."""
        self._listeners += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())
        turn = -1
        try:
            while not self._has_ended:
                if self._turn == turn:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._news.wait(), quiet)
                is_news, turn = self._turn != turn, self._turn
                yield is_news
            await asyncio.to_thread(self._look)
            yield True
        finally:
            self._listeners -= 1

    def end(self) -> None:
        """Let all listeners go, after a last look."""
        self._has_ended = True
        self._news.set()

    async def _watch(self) -> None:
        while self._listeners and not self._has_ended:
            found, took = await asyncio.to_thread(self._timed_look)
            if found != self._seen:
                self._seen = found
                self._turn += 1
                self._news.set()
                self._news = asyncio.Event()
            await asyncio.sleep(min(max(self._seconds, SHARE * took), LONGEST * self._seconds))

    def _timed_look(self) -> tuple[object, float]:
        began = time.thread_time()
        return self._look(), time.thread_time() - began
