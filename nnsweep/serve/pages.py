"""The pages as HTML, and those parts of them that change while they are looked at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nnsweep.errors import NnsweepError
from nnsweep.folder.commands import replay_command
from nnsweep.format import printable
from nnsweep.questions.trial.text import format_size
from nnsweep.report.html.render import WEB as OF_REPORT
from nnsweep.report.html.render import style, templates
from nnsweep.serve import content
from nnsweep.serve.asked import Asked
from nnsweep.serve.curves import Chart, Series, chart
from nnsweep.serve.listing import Row
from nnsweep.serve.searches import searched
from nnsweep.serve.sweep import LiveSweep
from nnsweep.store import Store
from nnsweep.trainers.protocol import EPOCH, Outcome

if TYPE_CHECKING:
    from jinja2 import Environment

WEB = Path(__file__).parent / "web"
CHARTS = 12
"""The most quantities of a trial that are drawn."""
LONGEST = 2_000
"""The most characters of a parameter's value that are shown."""

Cells = dict[int, tuple[str, str]]
"""The style and the text of each cell that a page shows, by its number."""


class Pages:
    """Writes pages. `token` is what their forms bring along."""

    def __init__(self, results: Path, token: str) -> None:
        self.results, self._token = results, token

    @cached_property
    def _templates(self) -> Environment:
        return templates(WEB, OF_REPORT)

    def _page(self, template: str, /, **values: Any) -> str:
        return self._templates.get_template(f"{template}.html.j2").render(values)

    def _part(self, name: str, *values: Any) -> str:
        """Write one part of a page as its template does."""
        return str(getattr(self._templates.get_template("parts.html.j2").module, name)(*values))

    @property
    def style(self) -> str:
        """The style sheet: the report's, and what live pages add."""
        return style() + (WEB / "serve.css").read_text(encoding="utf-8")

    @property
    def script(self) -> str:
        """The script."""
        return (WEB / "live.js").read_text(encoding="utf-8")

    def problem(self, title: str, text: str, again: bool) -> str:
        """Write a page that says what is wrong, and is loaded `again` where that may help."""
        return self._page("problem", title=title, lines=text.splitlines(), again=again)

    def index(self, rows: list[Row], trials: list[tuple[str, str]], query: str, names: list[str], events: str) -> str:
        """Write the list of all sweeps, or of those that a search found."""
        found = {"found": rows, "trials": trials, "query": query, "names": names, "events": events}
        return self._page("index", results=f"{self.results}/", **found)

    def index_parts(self, rows: list[Row]) -> dict[str, str]:
        """Write what of the list may have changed."""
        return {"sweeps": self._part("rows", rows)}

    def sweep(self, live: LiveSweep, asked: Asked, events: str) -> str:
        """Write the page of a sweep."""
        described = live.trials.sweep.description if live.trials else ""
        return self._page(
            "sweep",
            name=live.name,
            base=_base(live),
            description=described,
            asked=asked,
            state=content.state(live),
            searched=searched(live),
            explored=content.explored(live, asked),
            cell=content.cell(live, asked),
            curves=content.curves(live, asked),
            failures=content.failures(live),
            remarks=live.notes.of(),
            files=content.files(live),
            token=self._token,
            events=events,
        )

    def sweep_parts(self, live: LiveSweep, asked: Asked) -> tuple[dict[str, str], Cells]:
        """Write what of the page of a sweep may have changed, without the cells of its heatmaps, and these."""
        base = _base(live)
        parts = {
            "state": self._part("state", content.state(live)),
            "drawn": self._part("curves", content.curves(live, asked)),
            "failed": self._part("failures", content.failures(live), base),
            "remarks": self._part("remarks", live.notes.of()),
        }
        found = searched(live)
        if found is not None:
            parts["found"] = self._part("searched", found)
        explored = content.explored(live, asked)
        if explored["maps"] is None:
            return parts, {}
        parts["legend"] = self._part("legend", explored["maps"].measure)
        chosen = content.cell(live, asked)
        if chosen is not None:
            parts["cell"] = self._part("cell", chosen, asked, base)
        return parts, explored["maps"].cells

    def trial(self, live: LiveSweep, id: str) -> str:
        """Write the page of a trial.

        Raises:
            NnsweepError: no trial of this id is stored. StoreError: the store is damaged.
        """
        with Store.read(live.folder.store) as store:
            outcome, asked, printed = store.outcomes([id]).get(id), store.asked([id]), store.printed(id)
            saved = store.saved([id]).get(id, [])
        if outcome is None:
            raise NnsweepError(f"no trial `{id}` is stored in {live.folder.root}")
        trainer, params = asked[id]
        name = _settings(live, id)
        return self._page(
            "trial",
            name=live.name,
            id=id,
            settings=name,
            outcome=_facts(outcome),
            failure=printable(outcome.failure or "") if outcome.status not in ("ok", "diverged") else "",
            charts=_charts(Series(name or id, outcome.status, outcome.history, id)),
            printed=printable(printed),
            files=[(file.name, format_size(file.size)) for file in saved],
            remarks=live.notes.of(id),
            params=[("trainer", trainer), *((key, _value(value)) for key, value in params.items())],
            replay=replay_command(id, trainer, live.folder.root.parent),
            token=self._token,
        )

    def compare(self, first: str, second: str, found: Mapping[str, Any]) -> str:
        """Write a comparison of two sweeps."""
        return self._page("compare", first=first, second=second, **found)


def _base(live: LiveSweep) -> str:
    return f"/sweeps/{quote(live.name)}/"


def _settings(live: LiveSweep, id: str) -> str:
    trials = live.trials
    row = None if trials is None else trials.find(id)
    return "" if trials is None or row is None else trials.trial_name(row)


def _charts(series: Series) -> list[Chart]:
    """Draw each quantity of a trial by itself."""
    names = [name for name in series.history if name != EPOCH][:CHARTS]
    return [made for name in names if (made := chart([series], [name])) is not None]


def _facts(outcome: Outcome) -> list[tuple[str, str]]:
    facts = [("status", outcome.status), *((name, f"{value:.6g}") for name, value in outcome.metrics.items())]
    facts += [(name, f"{value:.6g}") for name, value in outcome.diagnosis.items()]
    return [*facts, ("seconds", f"{outcome.seconds:.3g}")]


def _value(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
