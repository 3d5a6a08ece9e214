"""Look at one trial: its numbers, its network, and a repeated training."""
