"""Questions that stored trials answer. A question has a folder: its table, its result and its text."""
