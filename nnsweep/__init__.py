"""nnsweep"""
