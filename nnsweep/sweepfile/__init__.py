"""Reads a sweep file into a frozen `Sweep`, and finds everything that is wrong with it."""

from nnsweep.sweepfile.load import from_python, load, loads

__all__ = ["from_python", "load", "loads"]
