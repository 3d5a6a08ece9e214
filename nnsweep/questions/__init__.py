"""Questions that stored trials answer. Each question has a folder with its table, its result and its text."""
