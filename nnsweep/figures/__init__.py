"""Figures: a DataFrame in, a matplotlib Figure out. Tables compute the numbers; pyplot is not used.

Nothing is imported here: what needs the text of a number or the ends of a scale need not wait for matplotlib.
"""
