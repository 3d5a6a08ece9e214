"""Tests that ask for `layout` run in both memory layouts."""

from tests.helpers.layouts import layout

__all__ = ["layout"]
