"""A results folder: the names and the content of its files, and how it is opened."""
