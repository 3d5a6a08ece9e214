"""The frozen question: a sweep, its axes and their values. It knows no file, no trainer and no store."""

from nnsweep.design.sweep import CASE, SEED, Axis, Report, Success, Sweep, label

__all__ = ["CASE", "SEED", "Axis", "Report", "Success", "Sweep", "label"]
