"""The verb `figure`: a kind of figure of a trial, or of a sweep."""

from nnsweep.cli.figure import of_sweep, of_trial  # each adds its kinds to the group

__all__ = ["of_sweep", "of_trial"]
