"""Everything that a page shows, as a plain dict: the template lays it out and computes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnsweep.folder.commands import command
from nnsweep.format import percent
from nnsweep.report.html.answer import answer
from nnsweep.report.html.asked import asked, cases, links, provenance
from nnsweep.report.html.explore import CELLS, TRIALS, a_cell, explored, places
from nnsweep.report.html.found import Found
from nnsweep.report.html.judged import judged
from nnsweep.report.html.measures import measures
from nnsweep.report.html.ranked import ranked
from nnsweep.report.html.view import view
from nnsweep.tables.failure_patterns import MEANINGS

if TYPE_CHECKING:
    import pandas as pd


def page(found: Found) -> dict[str, Any]:
    """Gather what was asked, what was answered, and where it comes from."""
    signatures = _signatures(found)
    counts = signatures.sum().sort_values(ascending=False, kind="stable")
    shown, best, compared = list(measures(found, signatures)), ranked(found), judged(found)
    data = explored(found, shown)
    return {
        "name": found.sweep.name,
        "description": found.sweep.description,
        "asked": asked(found),
        "cases": cases(found),
        "answer": answer(found, best, compared, counts),
        "measure": shown[0] if shown else None,
        "view": view(found.layout, found.labels, data["at"] or places(found), shown[0], "s") if shown else None,
        "cell": a_cell(found),
        "left_out": left_out(found),
        "best": best,
        "judged": compared,
        "signatures": [
            (name, f"{count:,}", percent(count / counts.sum()), MEANINGS.get(str(name), ""))
            for name, count in counts.items()
        ],
        "diagnosing": command("diagnose", found.sweep.name, results=found.folder.parent),
        "failures": found.failures,
        "provenance": provenance(found.record),
        "links": links(found),
        "data": data,
    }


def _signatures(found: Found) -> pd.DataFrame:
    """Count, for each cell, the trials with each signature."""
    import numpy as np
    import pandas as pd

    from nnsweep.tables.summary import number_cells

    if not found.signed:
        return pd.DataFrame(index=found.summary.index)
    cell, first = number_cells(found.trials, list(found.axes))
    signature = found.trials["signature"].to_numpy()
    return pd.DataFrame(
        {
            name: np.bincount(cell[signature == name], minlength=len(first))
            for name in sorted({each for each in signature if each})
        },
        index=found.summary.index,
    )


def left_out(found: Found) -> str:
    """Say what is too much for the page, and where it is instead; empty if all of it is there."""
    if len(found.summary) > CELLS:
        return f"{len(found.summary):,} cells are more than this page can hold ({CELLS:,}): tables/summary.csv has all."
    if len(found.trials) > TRIALS:
        return (
            f"{len(found.trials):,} trials are more than this page can hold ({TRIALS:,}): it has every cell, and "
            "tables/trials.csv every trial."
        )
    return ""
