"""Places where stacks are trained: in this process, or in worker processes."""
