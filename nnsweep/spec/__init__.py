"""From a sweep file to a frozen `Sweep`: everything that can be wrong with a sweep is found here."""

from nnsweep.spec.load import from_python, load, loads
from nnsweep.spec.reference import file_markdown, markdown
from nnsweep.spec.schema import json_schema
from nnsweep.spec.sweep import CASE, SEED, Axis, Report, Success, Sweep, label

__all__ = [
    "CASE",
    "SEED",
    "Axis",
    "Report",
    "Success",
    "Sweep",
    "file_markdown",
    "from_python",
    "json_schema",
    "label",
    "load",
    "loads",
    "markdown",
]
