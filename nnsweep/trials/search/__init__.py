"""Searches: samplers that choose the configurations of a sweep whose axes have spaces."""
