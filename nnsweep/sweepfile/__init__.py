"""Reads a sweep file into a frozen `Sweep`, and finds everything that is wrong with it."""

from nnsweep.sweepfile.load import from_python, load, loads
from nnsweep.sweepfile.outline import Outline, outline
from nnsweep.sweepfile.reference import file_markdown, markdown
from nnsweep.sweepfile.schema import json_schema

__all__ = ["Outline", "file_markdown", "from_python", "json_schema", "load", "loads", "markdown", "outline"]
