"""Look at networks before they are trained."""
