"""Engines: how the steps of a stack's training are computed."""
