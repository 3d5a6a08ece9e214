"""The exporters, one file for each tracker."""
