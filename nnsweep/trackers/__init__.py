"""Other experiment trackers: stored trials go to them, and runs that they have become sweeps."""
