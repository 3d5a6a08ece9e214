"""How numbers are written on a page; those in heatmaps are written as in figures."""

from __future__ import annotations


def percent(share: float) -> str:
    """Write a share: `18 %`, and one decimal below a tenth.

    >>> percent(0.18), percent(0.0152), percent(0.0)
    ('18 %', '1.5 %', '0 %')
    """
    decimals = 1 if 0 < share < 0.0995 else 0
    return f"{100 * share:.{decimals}f} %"


def signed(number: int) -> str:
    """Write a difference: `+4`, `−4`, `0`."""
    return f"{number:+d}".replace("-", "−") if number else "0"


def p_value(value: float) -> str:
    """Write a p-value: two digits, and none below a thousandth.

    >>> p_value(0.0312), p_value(1.0), p_value(2e-9)
    ('0.031', '1', '< 0.001')
    """
    return "< 0.001" if value < 0.001 else f"{value:.2g}"
