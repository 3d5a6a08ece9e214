"""Errors that a user can fix. Every message says where, what was found and what is allowed."""

from __future__ import annotations


class NnsweepError(Exception):
    """An error that the user can fix. It is shown as its message, without a traceback."""

    exit_code = 2


class SpecError(NnsweepError):
    """A sweep file, or an option that changes one, is wrong. The message lists every problem, a line each."""


class StoreError(NnsweepError):
    """A results folder or its `trials.db` cannot be used as it is."""


class DataError(NnsweepError):
    """A data set cannot be made or read as the parameters ask."""
