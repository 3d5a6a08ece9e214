"""How a run is ended. Imports nothing, so that Ctrl-C is handled before anything else is loaded."""

ENDING_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGXCPU")
"""Signals that end a run, which stores what is trained: Ctrl-C, a terminal that closes (unless the run was started by
`nohup`, which ignores that), and those by which clusters warn of a time limit."""
