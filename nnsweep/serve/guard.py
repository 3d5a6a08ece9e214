"""Who may ask, and what a browser may do with the answer.

The server listens on this machine only. Pages of other sites, which a browser on this machine may show too, must not
read it or change anything: a browser says in `Host`, `Origin` and `Sec-Fetch-Site` whose page asks.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]
"""An application as ASGI has it."""

READING = "GET", "HEAD"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""A page loads only files of this server, and runs no script or style that stands in it."""
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with less, browsers send no Origin with a form
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}


@dataclass(frozen=True)
class Guard:
    """Lets in requests of this server's own pages, and of a user who opens one of them."""

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """What a form must bring along: only this server's own pages know it."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names under which browsers may call this server: others may lead here from anywhere."""
        return tuple(f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]"))

    def problem(self, method: str, headers: Mapping[str, str]) -> tuple[int, str]:
        """Say why a request is refused, with the status of the answer; 200 and an empty text if it is not."""
        host, origin = headers.get("host", ""), headers.get("origin")
        if host not in self.hosts:
            return 403, f"this page is only at {' and '.join(self.hosts)}, not at the address that was asked for"
        if origin is not None and origin != f"http://{host}":
            return 403, "a page of another site asked for this; open it here yourself"
        site, mode = headers.get("sec-fetch-site", "none"), headers.get("sec-fetch-mode", "navigate")
        if site not in ("none", "same-origin") and mode != "navigate":
            return 403, "a page of another site asked for this; open it here yourself"
        if method in READING:
            return 200, ""
        if method != "POST":
            return 405, "allowed: GET, HEAD and POST"
        if origin is None:
            return 403, "a change needs the header Origin, which browsers send"
        return 200, ""


def guarded(application: Application, guard: Guard) -> Application:
    """Refuse what may not come in, and add the headers to every answer that does not have them."""

    async def guarding(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await application(scope, receive, send)
        names = [name.decode("latin-1").lower() for name, _ in scope["headers"]]
        headers = {name: value.decode("latin-1") for name, (_, value) in zip(names, scope["headers"], strict=True)}
        status, problem = guard.problem(scope["method"], headers)
        if names.count("host") != 1 or names.count("origin") > 1:
            status, problem = 400, "found several headers Host or Origin; allowed: one"

        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                known = {name.lower() for name, _ in message["headers"]}
                more = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message["headers"], *(pair for pair in more if pair[0] not in known)]
            await send(message)

        if problem:
            return await _refuse(status, problem, adding)
        return await application(scope, receive, adding)

    return guarding


async def _refuse(status: int, problem: str, send: Send) -> None:
    body = f"{problem}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
