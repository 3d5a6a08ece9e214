"""Stand-ins for other trackers' packages, so that a script that logs to one of them is a trainer."""
