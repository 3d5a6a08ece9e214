"""What a search found: how soon, from which values, on which axes it depends, and what was stopped."""
