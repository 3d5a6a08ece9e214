"""What the server answers: a page, a file, a stream of news, or why there is none."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from secrets import compare_digest
from typing import TypeVar
from urllib.parse import quote, urlencode

from nnsweep.errors import NnsweepError
from nnsweep.folder.artifacts import SavedArtifacts
from nnsweep.folder.notes import Notes, change_notes
from nnsweep.report.html.render import policy
from nnsweep.serve.asked import Asked
from nnsweep.serve.feed import SECONDS, Feed
from nnsweep.serve.jobs import Jobs
from nnsweep.serve.listing import ID, Listing, Row
from nnsweep.serve.pages import Cells, Pages
from nnsweep.serve.sweep import LiveSweep
from nnsweep.store.follow import stamp_of

T = TypeVar("T")

NOTHING = ":\n\n"
"""A line that browsers skip."""
ANEW = 'data: {"anew": true}\n\n'
"""The event that has a page loaded again: it shows another grid."""

QUIET = 15.0
"""Seconds after which a stream without news sends an empty line, so that a lost connection is noticed."""
TRIAL = re.compile(r"[0-9a-f]{16}")
FILES = {
    "tables": {".csv": "text/csv; charset=utf-8", ".parquet": "application/octet-stream"},
    "figures": {".png": "image/png", ".svg": "image/svg+xml", ".pdf": "application/pdf"},
}
"""The files of a results folder that can be read, besides its question, and their kinds."""
QUESTION = {"grid.toml": "text/plain; charset=utf-8", "resolved.json": "application/json"}
ALONE = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
"""A file may come from anywhere: a figure runs no script, and is no page of this server."""


@dataclass(frozen=True)
class Answer:
    """An answer: its text or the file that is sent, or where to go on."""

    body: str = ""
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    file: Path | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Shown:
    """What one page shows, so that it is sent only what has changed."""

    parts: dict[str, str] = field(default_factory=dict)
    cells: Cells = field(default_factory=dict)

    def update(self, parts: dict[str, str], cells: Cells) -> str:
        """Write an event, a line of JSON; empty if nothing has changed."""
        changed = {id: html for id, html in parts.items() if self.parts.get(id) != html}
        filled = [(number, *cell) for number, cell in cells.items() if self.cells.get(number) != cell]
        self.parts, self.cells = parts, cells
        return f"data: {json.dumps({'parts': changed, 'cells': filled})}\n\n" if changed or filled else ""


class Refused(NnsweepError):  # noqa: N818 - said in a page
    """A request that is not answered, with the status that says so; `again` is whether it may be later."""

    def __init__(self, status: int, message: str, again: bool = False) -> None:
        super().__init__(message)
        self.status, self.again = status, again


class Site:
    """All pages of a results folder."""

    def __init__(self, results: Path, token: str, seconds: float = SECONDS) -> None:
        self.results, self._token, self._seconds = results, token, seconds
        self.pages, self.listing, self._jobs = Pages(results, token), Listing(results), Jobs()
        self._feeds: dict[str, Feed] = {}
        self._has_ended = False

    def end(self) -> None:
        """Let all streams end, after their last news."""
        self._has_ended = True
        for feed in self._feeds.values():
            feed.end()

    async def index(self, query: Mapping[str, str]) -> Answer:
        """List all sweeps, or those that a search finds."""
        words = query.get("q", "")[:200]

        def page() -> Answer:
            rows, names = self._found(words)
            trials = self.listing.find_trials(words.strip().lower())
            if ID.fullmatch(words.strip().lower()) and len(trials) == 1 and not rows:
                ((name, id),) = trials
                return Answer(status=303, headers={"location": f"/sweeps/{quote(name)}/trials/{id}"})
            return Answer(self.pages.index(rows, trials, words, names, f"/events?{urlencode({'q': words})}"))

        return await asyncio.to_thread(page)

    def _found(self, words: str) -> tuple[list[Row], list[str]]:
        try:
            rows = self.listing.rows()
        except NnsweepError as error:
            raise Refused(404, str(error), again=True) from None
        return [row for row in rows if row.has(words.lower().split())], [row.name for row in rows]

    async def sweep(self, name: str, query: Mapping[str, str]) -> Answer:
        """Show one sweep."""

        def page() -> Answer:
            live = self._live(name)
            with live.lock:
                asked = _asked(query, live)
                return Answer(self.pages.sweep(live, asked, f"/sweeps/{quote(name)}/events{asked.link()}"))

        return await asyncio.to_thread(page)

    def _live(self, name: str) -> LiveSweep:
        try:
            live = self.listing.live(name)
        except NnsweepError as error:
            raise Refused(404, str(error), again=True) from None
        live.refresh()
        return live

    async def trial(self, name: str, id: str) -> Answer:
        """Show one trial."""
        _check_id(id)

        def page() -> Answer:
            live = self._live(name)
            with live.lock:
                return Answer(self.pages.trial(live, id))

        return await asyncio.to_thread(page)

    async def report(self, name: str) -> Answer:
        """Make the report of what is stored now."""
        live = await asyncio.to_thread(self._live, name)
        question = {"what": "report", "results": str(self.results), "name": name}
        found = await self._jobs.ask(("report", name, stamp_of(live.folder.store)), question)
        return Answer(found["html"], headers={"content-security-policy": f"{policy()}; frame-ancestors 'none'"})

    async def compare(self, query: Mapping[str, str]) -> Answer:
        """Compare two sweeps."""
        first, second, metric = (query.get(name, "") for name in ("first", "second", "metric"))
        sides = [await asyncio.to_thread(self._live, name) for name in (first, second)]
        question = {"what": "compare", "results": str(self.results), "first": first, "second": second, "metric": metric}
        stamps = [stamp_of(side.folder.store) for side in sides]
        found = await self._jobs.ask(("compare", first, second, metric, *stamps), question)
        return Answer(self.pages.compare(first, second, found))

    async def file(self, name: str, part: str, file: str) -> Answer:
        """Send a table, a figure or the question of a sweep."""
        kinds = QUESTION if not part else FILES.get(part, {})
        kind = kinds.get(file if not part else Path(file).suffix)

        def find() -> Answer:
            root = self._live(name).folder.root.resolve()
            path = root / part / file
            if kind is None or not file.isprintable() or path.resolve() != path or not path.is_file():
                raise Refused(404, f"no such file in {name}; allowed: its tables, figures, grid.toml and resolved.json")
            return Answer(file=path, kind=kind, headers=ALONE)

        return await asyncio.to_thread(find)

    async def saved(self, name: str, id: str, file: str) -> Answer:
        """Send a file that a trial saved, for a browser to keep and not to show. One that is damaged is told."""
        _check_id(id)

        def find() -> Answer:
            artifacts = SavedArtifacts(self._live(name).folder)
            if file not in artifacts.list(id):
                raise Refused(404, f"trial {id} of {name} saved no such file; its page lists those that it saved")
            kept = f'attachment; filename="{PurePosixPath(file).name}"'
            headers = {**ALONE, "content-disposition": kept}
            return Answer(file=artifacts.get(id, file), kind="application/octet-stream", headers=headers)

        return await asyncio.to_thread(find)

    async def remark(self, name: str, id: str, form: Mapping[str, str]) -> Answer:
        """Write a note on a sweep or a trial, or change its tags. Nothing else can be changed here."""
        if not compare_digest(form.get("token", "").encode(), self._token.encode()):
            raise Refused(403, "this form is not of a page of this server, or of an earlier one: load the page again")
        if id:
            _check_id(id)

        def change() -> None:
            live = self._live(name)
            change_notes(live.folder, lambda notes: _change(notes, form, [id] if id else []))

        await asyncio.to_thread(change)
        back = f"/sweeps/{quote(name)}/" + (f"trials/{id}" if id else "")
        return Answer(status=303, headers={"location": f"{back}#notes"})

    async def index_events(self, query: Mapping[str, str]) -> AsyncIterator[str]:
        """Give the list's news."""
        words, shown = query.get("q", "")[:200], Shown()

        def news() -> str:
            return shown.update(self.pages.index_parts(self._found(words)[0]), {})

        async for is_news in self._feed("", self._look_at_list).follow(QUIET):
            yield (is_news and await asyncio.to_thread(news)) or NOTHING

    def _look_at_list(self) -> list[Row]:
        with suppress(NnsweepError):
            return self.listing.rows()
        return []

    async def sweep_events(self, name: str, query: Mapping[str, str]) -> AsyncIterator[str]:
        """Give a sweep's news."""
        live = await asyncio.to_thread(self._live, name)
        asked = await asyncio.to_thread(_locked, live, lambda: _asked(query, live))
        form, shown = live.form, Shown()

        def news() -> str:
            if live.form != form:
                return ANEW
            return shown.update(*self.pages.sweep_parts(live, asked))

        def look() -> int:
            live.refresh()
            return live.version

        async for is_news in self._feed(name, look).follow(QUIET):
            yield (is_news and await asyncio.to_thread(_locked, live, news)) or NOTHING

    def _feed(self, name: str, look: Callable[[], object]) -> Feed:
        feed = self._feeds.setdefault(name, Feed(look, self._seconds))
        if self._has_ended:
            feed.end()
        return feed


def _asked(query: Mapping[str, str], live: LiveSweep) -> Asked:
    try:
        return Asked.read(query, live.trials)
    except NnsweepError as error:
        raise Refused(404, str(error)) from None


def _locked(live: LiveSweep, read: Callable[[], T]) -> T:
    with live.lock:
        return read()


def _check_id(id: str) -> None:
    if not TRIAL.fullmatch(id):
        raise Refused(404, "no such trial; allowed: an id of 16 hex digits")


def _change(notes: Notes, form: Mapping[str, str], ids: list[str]) -> None:
    """Write the note of a form, or add and remove its tags: `+new -old other`."""
    if form.get("tags", "").strip():
        tags = form["tags"].replace(",", " ").split()
        removed = [tag[1:] for tag in tags if tag.startswith("-")]
        notes.change_tags([tag.removeprefix("+") for tag in tags if not tag.startswith("-")], removed, ids)
    else:
        notes.add_note(form.get("note", "").replace("\r\n", "\n"), ids)
