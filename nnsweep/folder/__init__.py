"""A results folder: the names of its files, what it holds, and how it is opened again."""
