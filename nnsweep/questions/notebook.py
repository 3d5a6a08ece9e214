"""What a notebook shows of a run and of a comparison, as HTML: sentences, and a table of a few cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from nnsweep.format import INTERVAL, p_value, signed, signed_percent, whole_percent, with_interval
from nnsweep.questions.cells import LISTED, chosen_cells, rate
from nnsweep.tables.trials import count_statuses, ends

if TYPE_CHECKING:
    import pandas as pd

    from nnsweep.design.sweep import Sweep
    from nnsweep.tables import Columns, Layout


def sweep_html(sweep: Sweep, trials: Columns, summary: Columns, layout: Layout) -> str:
    """Show how a sweep's trials ended, and its cells. If there are many cells, show the best of each panel."""
    title = f"<strong>{escape(sweep.name)}</strong>" + (f": {escape(sweep.description)}" if sweep.description else "")
    lead = f"<p>{title}<br>{escape(ends(count_statuses(trials)))}"
    if sweep.success is None:
        return f"{lead}</p>"
    cells = chosen_cells(sweep, trials, summary, layout)
    what = "The best cells" if len(summary["n"]) > LISTED else "Every cell"
    rows = [_names(cell, layout.values) | _rate(cell) for cell in cells]
    if sweep.search is not None:  # its seeds have chosen
        rows = [{name: text for name, text in row.items() if name != INTERVAL} for row in rows]
    return f"{lead}. {what}; success is {escape(str(sweep.success))}.</p>{_table(rows)}"


def comparison_html(text: str, table: pd.DataFrame, names: tuple[str, str], axes: list[str], metric: str) -> str:
    """Show the text of a comparison, and its cells. If there are many cells, show those that differ most."""
    cells, note = table.to_dict("records"), ""
    if len(cells) > LISTED:
        gap = "difference" if "difference" in table else f"{metric}_difference"
        cells = sorted(cells, key=lambda cell: -abs(cell[gap]))[:LISTED]
        note = f"<p>The {LISTED} of {len(table):,} cells that differ most.</p>"
    rows = [_names(cell, axes) | _difference(cell, names, metric) for cell in cells]
    return f"<p>{escape(text).replace(chr(10), '<br>')}</p>{note}{_table(rows)}"


def _names(cell: dict[Any, Any], axes: Iterable[str]) -> dict[str, str]:
    return {name: str(cell[name]) for name in axes}


def _rate(cell: dict[Any, Any]) -> dict[str, str]:
    if not cell["finished"]:
        return {"successes": rate(cell), "rate": "", INTERVAL: ""}
    share, low, high = (whole_percent(cell[name]) for name in ("rate", "rate_low", "rate_high"))
    return {
        "successes": f"{cell['successes']} of {cell['finished']}",
        "rate": f"{share} %",
        INTERVAL: f"{low} to {high} %",
    }


def _difference(cell: dict[Any, Any], names: tuple[str, str], metric: str) -> dict[str, str]:
    return (_success(cell, names) if "difference" in cell else {}) | _metric(cell, metric)


def _success(cell: dict[Any, Any], names: tuple[str, str]) -> dict[str, str]:
    gap, low, high = (signed_percent(cell[name]) for name in ("difference", "low", "high"))
    return {
        **{name: f"{cell[f'successes_{side}']} of {cell['pairs']}" for name, side in zip(names, "ab", strict=True)},
        f"difference ({INTERVAL})": f"{gap} % ({low} to {high} %)",
        "p (adjusted)": p_value(cell["p_adjusted"]),
    }


def _metric(cell: dict[Any, Any], metric: str) -> dict[str, str]:
    middle, low, high = (cell[f"{metric}_{name}"] for name in ("difference", "low", "high"))
    return {
        f"median {metric} difference": with_interval(middle, low, high, lambda number: signed(number, ".3g")),
        "its p (adjusted)": p_value(cell[f"{metric}_p_adjusted"]),
    }


def _table(rows: Sequence[dict[str, str]]) -> str:
    import pandas as pd

    return pd.DataFrame(rows).to_html(index=False, border=0)
