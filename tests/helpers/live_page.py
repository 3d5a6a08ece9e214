"""The live page, served in this process, and a sweep whose trials are stored one after another."""

from __future__ import annotations

import http.client
import json
import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from nnsweep.folder.paths import Folder
from nnsweep.results import Results
from nnsweep.serve import server
from nnsweep.store import Store, lock
from nnsweep.trials.grid import Grid

FORM = "application/x-www-form-urlencoded"


class Reply(NamedTuple):
    """An answer: its status, headers and text."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def line(self) -> str:
        """What a page says that tells what is wrong."""
        return " ".join(re.findall(r'<p class="problem">(.*?)</p>', self.text, re.S))


class Client:
    """Asks a server as a browser does."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, path: str, method: str = "GET", body: str | None = None, **headers: str) -> Reply:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.putheader("Content-Length", str(len(body or "")))
            connection.endheaders((body or "").encode())
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, found, answer.read().decode())

    def send(self, path: str, token: str | None = None, **form: str) -> Reply:
        """Send a form as the page at `path` does."""
        page = self.ask(path).text
        token = re.findall(r'name="token" value="([^"]+)"', page)[0] if token is None else token
        action = path.rstrip("/") + "/notes" if "trials" in path else path + "notes"
        return self.ask(
            action,
            "POST",
            urlencode({"token": token, **form}),
            Origin=f"http://127.0.0.1:{self.port}",
            Content_Type=FORM,
        )

    @contextmanager
    def events(self, path: str) -> Iterator[Iterator[dict[str, Any]]]:
        """Follow a stream of news: each has all parts as they are then, and the cells that have changed."""
        parts = dict[str, str]()

        def shown(event: dict[str, Any]) -> dict[str, Any]:
            parts.update(event.get("parts", {}))
            return {**event, "parts": dict(parts)}

        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            assert (answer.status, answer.getheader("content-type")) == (200, "text/event-stream; charset=utf-8")
            yield (shown(json.loads(line[6:])) for line in iter(answer.readline, b"") if line.startswith(b'data: {"'))


@contextmanager
def served(results: Path, port: int = 0) -> Iterator[Client]:
    """Serve a folder; it looks for news a hundred times a second."""
    listening, ends = threading.Event(), list[Any]()
    bound = server.bind(port)
    client = Client(bound.getsockname()[1])

    ready, started = (lambda _: listening.set()), ends.append
    thread = threading.Thread(target=server.run, args=(results, bound, ready, started, 0.01))
    thread.start()
    try:
        assert listening.wait(30)
        yield client
    finally:
        ends[0]()
        thread.join()
        bound.close()


class Growing:
    """A copy of a sweep's results as a run makes it: described, locked, and with as many trials as asked for."""

    def __init__(self, done: Results, results: Path) -> None:
        self.done, self.folder = done, Folder(results / done.sweep.name)
        with Store.read(Folder(done.folder).store) as store:
            self.rows = store.rows(id for id in (trial.id for trial in done._trials))
            environment = json.loads(store.runs()[0]["environment"])
        self._store = Store.open(self.folder.store)
        self._run = self._store.begin_run(environment, "nnsweep run grid.toml")
        self._store.describe(done.sweep, done.metrics, Grid.of(done._trials))
        self._lock = lock(self.folder.root)
        self._lock.__enter__()

    def store(self, count: int) -> None:
        """Store that many more trials."""
        rows, self.rows = self.rows[:count], self.rows[count:]
        self._store.insert(self._run, rows)

    def end(self) -> None:
        """End the run."""
        self._store.end_run(self._run, 1, 1.0)
        self.kill()

    def kill(self) -> None:
        """Leave everything as it is."""
        self._store.close()
        self._lock.__exit__(None, None, None)
