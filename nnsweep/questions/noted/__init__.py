"""What is noted of a sweep and of its trials."""
