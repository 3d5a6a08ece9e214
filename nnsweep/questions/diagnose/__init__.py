"""Say why trials fail."""
