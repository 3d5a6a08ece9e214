"""Run a sweep: plan what is missing, have it trained, and store it."""
