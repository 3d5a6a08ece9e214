"""The compiled engine: the step of `Rows`, translated into one loop over trials and compiled by numba."""
