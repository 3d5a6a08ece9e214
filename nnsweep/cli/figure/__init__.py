"""The verb `figure`: draw a figure of a trial or of a sweep."""

from nnsweep.cli.figure import of_sweep, of_trial  # importing them adds their figures to the group

__all__ = ["of_sweep", "of_trial"]
