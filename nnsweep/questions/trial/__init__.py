"""Look at one trial: its numbers, its network, and training it again."""
