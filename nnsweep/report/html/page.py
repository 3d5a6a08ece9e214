"""The content of a page as a plain dict. The template only lays it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnsweep.confidence import LEVEL
from nnsweep.folder.commands import command
from nnsweep.format import SURE, percent
from nnsweep.report.html.answer import answer
from nnsweep.report.html.comparison import comparison
from nnsweep.report.html.context import ReportData
from nnsweep.report.html.explore import CELLS, TRIALS, a_cell, explored
from nnsweep.report.html.measures import Measure, measures
from nnsweep.report.html.ranking import ranking
from nnsweep.report.html.search import search_parts
from nnsweep.report.html.settings import cases, links, provenance, settings
from nnsweep.report.html.view import View, view
from nnsweep.tables import columns
from nnsweep.tables.failure_patterns import MEANINGS

if TYPE_CHECKING:
    import pandas as pd


def page(report: ReportData) -> dict[str, Any]:
    """Collect the settings, the answer and the provenance."""
    signatures = _signatures(report)
    counts = signatures.sum().sort_values(ascending=False, kind="stable")
    shown = [] if report.is_no_grid else list(measures(report, signatures))
    best, compared = ranking(report), comparison(report)
    data = explored(report, shown)
    return {
        "name": report.sweep.name,
        "description": report.sweep.description,
        "noted": report.noted,
        "settings": settings(report),
        "cases": cases(report),
        "answer": answer(report, best, compared, counts),
        "measure": shown[0] if shown else None,
        "view": _view(report, shown[0]) if shown else None,
        "cell": a_cell(report),
        "searched": [] if report.search is None else search_parts(report.search, report.is_no_grid),
        "left_out": left_out(report),
        "best": best,
        "sure": SURE,
        "level": percent(LEVEL),
        "comparison": compared,
        "signatures": [
            (name, f"{count:,}", percent(count / counts.sum()), MEANINGS.get(str(name), ""))
            for name, count in counts.items()
        ],
        "diagnosing": command("diagnose", report.sweep.name, results=report.folder.parent),
        "failures": report.failures,
        "provenance": provenance(report.record),
        "links": links(report),
        "data": data,
    }


def _view(report: ReportData, measure: Measure) -> View:
    return view(report.layout, report.labelled, columns(report.summary.loc[:, list(report.axes)]), measure, "s")


def _signatures(report: ReportData) -> pd.DataFrame:
    """Count the trials with each signature in each cell."""
    import numpy as np
    import pandas as pd

    from nnsweep.tables.summary import number_cells

    if not report.has_signatures:
        return pd.DataFrame(index=report.summary.index)
    cell, first = number_cells(report.columns, list(report.axes))
    signature = report.columns["signature"]
    return pd.DataFrame(
        {
            name: np.bincount(cell[signature == name], minlength=len(first))
            for name in sorted(filter(None, set(signature.tolist())))
        },
        index=report.summary.index,
    )


def left_out(report: ReportData) -> str:
    """Say what the page leaves out, and which file has it; empty if the page has everything."""
    if len(report.summary) > CELLS:
        return (
            f"{len(report.summary):,} cells are more than this page can hold ({CELLS:,}): tables/summary.csv has all."
        )
    if len(report.trials) > TRIALS:
        return (
            f"{len(report.trials):,} trials are more than this page can hold ({TRIALS:,}): it has every cell, and "
            "tables/trials.csv every trial."
        )
    return ""
