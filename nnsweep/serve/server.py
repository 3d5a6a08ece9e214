"""Runs the server until Ctrl-C, and opens the browser."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any

from nnsweep.errors import NnsweepError
from nnsweep.folder.select import names
from nnsweep.serve.app import application
from nnsweep.serve.feed import SECONDS
from nnsweep.serve.guard import Guard
from nnsweep.serve.site import Site

HOST = "127.0.0.1"
"""This machine alone."""
PORT = 8321
"""The port, unless another one is asked for."""
NEXT = 50
"""Ports that are tried to name a free one."""
NICE = 5
"""The server waits for training, where the processor has not enough for both."""
LIBRARIES = "starlette", "uvicorn"
OPTIONS: dict[str, Any] = {
    "http": "h11",
    "ws": "none",
    "lifespan": "off",
    "loop": "asyncio",
    "log_config": None,
    "access_log": False,
    "proxy_headers": False,
    "server_header": False,
    "limit_concurrency": 256,  # of more requests at once, the server says that it is busy
    "timeout_graceful_shutdown": 2,
}
"""The options of uvicorn."""
End = Callable[[], object]
"""Ends the server, from any thread."""


def check_installed() -> None:
    """Make sure that the server's libraries are installed.

    Raises:
        NnsweepError: one is not.
    """
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        raise NnsweepError(f"the live page needs {' and '.join(missing)}; install: pip install 'nnsweep[serve]'")


def bind(port: int) -> socket.socket:
    """Take a port of this machine; 0 is any.

    Raises:
        NnsweepError: it is taken, or not allowed.
    """
    try:
        return _bound(port)
    except OSError as error:
        free = _free(port)
        told = f"; free: --port {free}" if free else ""
        raise NnsweepError(f"port {port} cannot be used: {(error.strerror or str(error)).lower()}{told}") from None


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere, this would let two programs have one port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((HOST, port))
        bound.listen(128)
    except BaseException:
        bound.close()
        raise
    return bound


def _free(port: int) -> int:
    for other in range(max(port, 1024) + 1, min(65536, max(port, 1024) + NEXT)):
        with suppress(OSError):
            _bound(other).close()
            return other
    return 0


def free_port() -> int:
    """Give the usual port, or 0, which is any, if it is taken."""
    with suppress(OSError):
        _bound(PORT).close()
        return PORT
    return 0


def serve(results: Path, port: int, ready: Callable[[str], object]) -> None:
    """Answer until Ctrl-C, or until the process is told to end. `ready` gets the address when the server listens.

    Raises:
        NnsweepError: there is no such folder, the port is taken, or the server's libraries are not installed.
    """
    check_installed()
    names(results)  # raises where there is no such folder
    run(results, bind(port), ready)


def run(
    results: Path,
    bound: socket.socket,
    ready: Callable[[str], object],
    started: Callable[[End], object] = lambda end: None,
    seconds: float = SECONDS,
) -> None:
    """Answer until a signal, or until somebody calls what `started` gets, from any thread.

    The server looks for news once in so many seconds. The folder may come later.
    """
    import asyncio

    with suppress(OSError, AttributeError):
        os.nice(NICE)
    with bound, suppress(KeyboardInterrupt):  # Ctrl-C, after which the server has ended in peace
        asyncio.run(_run(results, bound, ready, started, seconds))


async def _run(
    results: Path,
    bound: socket.socket,
    ready: Callable[[str], object],
    started: Callable[[End], object],
    seconds: float,
) -> None:
    import asyncio

    import uvicorn  # pyright: ignore[reportMissingImports]

    guard = Guard(bound.getsockname()[1])
    site = Site(results, guard.token, seconds)

    class Server(uvicorn.Server):
        """Ends streams before it waits for all answers: they would go on for ever."""

        def end(self) -> None:
            site.end()
            self.should_exit = True

        def handle_exit(self, sig: int, frame: Any) -> None:
            site.end()
            super().handle_exit(sig, frame)

        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            ready(f"http://{HOST}:{guard.port}/")

    server, loop = Server(uvicorn.Config(application(site, guard), **OPTIONS)), asyncio.get_running_loop()
    started(lambda: loop.call_soon_threadsafe(server.end))
    await server.serve([bound])


def open_browser(address: str) -> None:
    """Open the page in the user's browser, if there is a screen; in a thread, for some browsers take their time."""
    import webbrowser

    if sys.platform not in ("win32", "darwin") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return  # a browser in the terminal would take it from this program
    Thread(target=webbrowser.open, args=(address,), daemon=True).start()
