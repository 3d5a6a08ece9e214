"""The server's addresses, in Starlette's words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, quote

from nnsweep.errors import NnsweepError
from nnsweep.serve.guard import Application, Guard, guarded
from nnsweep.serve.site import Answer, Refused, Site

LONGEST = 100_000
"""Bytes of a form that is read."""
MISSING, CONFLICT = 404, 409
AGAIN = 2000
"""Milliseconds after which a browser that has lost the connection tries again."""


def application(site: Site, guard: Guard) -> Application:
    """Make the application that answers for a site."""
    from starlette.applications import Starlette  # pyright: ignore[reportMissingImports]
    from starlette.routing import Route  # pyright: ignore[reportMissingImports]

    def page(path: str, answer: Callable[[Any], Awaitable[Answer]], method: str = "GET") -> Any:
        async def endpoint(request: Any) -> Any:
            return await _answered(site, answer(request))

        return Route(path, endpoint, methods=[method])

    def stream(path: str, events: Callable[[Any], AsyncIterator[str]]) -> Any:
        async def endpoint(request: Any) -> Any:
            return await _streamed(site, events(request))

        return Route(path, endpoint, methods=["GET"])

    async def remark(request: Any) -> Answer:
        return await site.remark(_name(request), request.path_params.get("id", ""), await _form(request))

    routes = [
        page("/", lambda request: site.index(request.query_params)),
        stream("/events", lambda request: site.index_events(request.query_params)),
        page("/compare", lambda request: site.compare(request.query_params)),
        page("/web/page.css", lambda _: _text(site.pages.style, "text/css; charset=utf-8")),
        page("/web/live.js", lambda _: _text(site.pages.script, "text/javascript; charset=utf-8")),
        page("/sweeps/{name}", lambda request: _go_to(f"/sweeps/{quote(_name(request))}/")),
        page("/sweeps/{name}/", lambda request: site.sweep(_name(request), request.query_params)),
        stream("/sweeps/{name}/events", lambda request: site.sweep_events(_name(request), request.query_params)),
        page("/sweeps/{name}/report.html", lambda request: site.report(_name(request))),
        page("/sweeps/{name}/trials/{id}", lambda request: site.trial(_name(request), request.path_params["id"])),
        page("/sweeps/{name}/trials/{id}/files/{file:path}", lambda request: site.saved(*_saved(request))),
        page("/sweeps/{name}/notes", remark, "POST"),
        page("/sweeps/{name}/trials/{id}/notes", remark, "POST"),
        page("/sweeps/{name}/{file}", lambda request: site.file(_name(request), "", request.path_params["file"])),
        page("/sweeps/{name}/{part}/{file}", lambda request: site.file(*_parts(request))),
    ]

    async def missing(request: Any, error: Exception) -> Any:
        return _problem(site, Refused(MISSING, "no such page"))

    made = Starlette(routes=routes, exception_handlers={404: missing})
    made.router.redirect_slashes = False
    return guarded(made, guard)


def _name(request: Any) -> str:
    return request.path_params["name"]


def _parts(request: Any) -> tuple[str, str, str]:
    return _name(request), request.path_params["part"], request.path_params["file"]


def _saved(request: Any) -> tuple[str, str, str]:
    return _name(request), request.path_params["id"], request.path_params["file"]


async def _go_to(address: str) -> Answer:
    return Answer(status=303, headers={"location": address})


async def _text(text: str, kind: str) -> Answer:
    return Answer(text, kind=kind)


async def _form(request: Any) -> dict[str, str]:
    """Read a form that a page has sent.

    Raises:
        Refused: it is too long, or no form.
    """
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > LONGEST:
            raise Refused(413, f"found more than {LONGEST:,} bytes; allowed: at most {LONGEST:,}")
    try:
        return dict(parse_qsl(content.decode(), keep_blank_values=True, max_num_fields=10, errors="strict"))
    except ValueError:
        raise Refused(400, "this is no form of a page of this server") from None


async def _answered(site: Site, answer: Awaitable[Answer]) -> Any:
    from starlette.responses import FileResponse, Response  # pyright: ignore[reportMissingImports]

    try:
        found = await answer
    except (NnsweepError, OSError) as error:
        return _problem(site, error)
    if found.file is not None:
        return FileResponse(found.file, media_type=found.kind, headers=dict(found.headers))
    body = found.body.encode("utf-8", "replace")  # a message may contain a lone surrogate
    return Response(body, found.status, dict(found.headers), found.kind)


def _problem(site: Site, error: Exception) -> Any:
    """Say in a page what is wrong; OSError: a file went away while it was read."""
    from starlette.responses import HTMLResponse  # pyright: ignore[reportMissingImports]

    status = error.status if isinstance(error, Refused) else CONFLICT
    title = "Not here" if status == MISSING else "Not possible"
    again = isinstance(error, Refused) and error.again
    return HTMLResponse(site.pages.problem(title, str(error), again), status)


async def _streamed(site: Site, events: AsyncIterator[str]) -> Any:
    """Send events as they come. What is wrong with the first one is the answer; later, the stream ends."""
    from starlette.responses import StreamingResponse  # pyright: ignore[reportMissingImports]

    try:
        first = await anext(events)
    except (NnsweepError, OSError) as error:
        return _problem(site, error)

    async def all_of_them() -> AsyncIterator[str]:
        yield f"retry: {AGAIN}\n{first}"
        with suppress(NnsweepError, OSError):
            async for event in events:
                yield event
            yield "event: end\ndata: {}\n\n"

    return StreamingResponse(all_of_them(), media_type="text/event-stream")
