"""Names and choices of the command line that other rooms use too. Imports little, so that `--help` is fast."""

from typing import Literal, get_args

RESULTS = "results"
"""The folder of the results folders, unless `--results` names another."""
EXPORT_FORMATS = ("csv", "json", "parquet", "xlsx")
"""The formats of `nnsweep export`."""
FigureFormat = Literal["png", "svg", "pdf"]
FIGURE_FORMATS: tuple[FigureFormat, ...] = get_args(FigureFormat)
"""The formats in which figures are saved."""
IMPORTED = "imported"
"""The trainer of runs that were trained elsewhere: none that can train."""
STORE = "trials.db"
"""The name of the store in a results folder."""
ARTIFACTS = "artifacts"
"""The folder, in a results folder, of the files that trials saved."""

SCHEDULER = r"local(:[1-9]\d{0,3})?|[a-z]+://\S+|.*\.json"
"""Where a Dask cluster is, or is to be started."""
SCHEDULERS = "`tcp://host:port`, the path of a scheduler file (`.json`), or `local:4`, which starts 4 workers here"

AUTO, NUMPY, COMPILED = ENGINES = "auto", "numpy", "compiled"
"""What computes the stacks of a run."""
