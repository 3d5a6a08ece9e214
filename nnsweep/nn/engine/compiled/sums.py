"""Sums of numbers as expressions, in the order in which NumPy adds them up.

NumPy leaves matrix products to OpenBLAS. Its kernels for processors with fused multiply-add round a product and its sum
once, in an order that depends on the shape alone. Whether these are the orders on this machine is checked: see
`accepts`.
"""

from __future__ import annotations

from collections.abc import Sequence

BLOCK, ACCUMULATORS = 128, 8
"""NumPy's sum takes up to so many numbers at a time, in so many sums."""
LANES = 4
"""Numbers that OpenBLAS's product of a matrix and a vector takes at a time."""

PAIRWISE = """
@njit
def pairwise0(terms, first, count):
    if count < 8:
        total = 0.0
        for k in range(first, first + count):
            total += terms[k]
        return total
    r0, r1, r2, r3 = terms[first], terms[first + 1], terms[first + 2], terms[first + 3]
    r4, r5, r6, r7 = terms[first + 4], terms[first + 5], terms[first + 6], terms[first + 7]
    end = first + count - count % 8
    for k in range(first + 8, end, 8):
        r0 += terms[k]
        r1 += terms[k + 1]
        r2 += terms[k + 2]
        r3 += terms[k + 3]
        r4 += terms[k + 4]
        r5 += terms[k + 5]
        r6 += terms[k + 6]
        r7 += terms[k + 7]
    total = ((r0 + r1) + (r2 + r3)) + ((r4 + r5) + (r6 + r7))
    for k in range(end, first + count):
        total += terms[k]
    return total
"""
"""The sum of up to `BLOCK` numbers of an array, as in NumPy: of eight sums."""
HALVES = """
@njit
def pairwise{level}(terms, first, count):
    if count <= 128:
        return pairwise0(terms, first, count)
    half = count // 2
    half -= half % 8
    return pairwise{below}(terms, first, half) + pairwise{below}(terms, first + half, count - half)
"""
"""The sum of more numbers, as in NumPy: of two halves (Higham 1993).

Each level of halves has a function of its own: code of numba's that calls itself crashes when it comes from the cache
(0.68).
"""


def of_array(array: str, first: int, count: int) -> str:
    """Add up numbers of an array, as NumPy does, by `functions`."""
    return f"pairwise{_levels(count)}({array}, {first}, {count})"


def _levels(count: int) -> int:
    """How often a sum of so many numbers is halved, at most."""
    half = count // 2 // ACCUMULATORS * ACCUMULATORS
    return 0 if count <= BLOCK else 1 + _levels(count - half)


def functions(text: str) -> str:
    """Write the functions that a text calls for sums of arrays."""
    levels = [int(call.partition("(")[0]) for call in text.split("pairwise")[1:]]
    several = (HALVES.format(level=level, below=level - 1) for level in range(1, max(levels, default=0) + 1))
    return PAIRWISE + "".join(several) if levels else ""


def pairwise(terms: Sequence[str]) -> str:
    """Add up as many terms as NumPy takes at a time, as `PAIRWISE` does."""
    assert len(terms) <= BLOCK, "more terms are a loop"
    whole = len(terms) // ACCUMULATORS * ACCUMULATORS
    if not whole:
        return " + ".join(terms)
    r = [" + ".join(terms[start:whole:ACCUMULATORS]) for start in range(ACCUMULATORS)]
    pairs = [f"(({r[k]}) + ({r[k + 1]}))" for k in range(0, ACCUMULATORS, 2)]
    total = f"({pairs[0]} + {pairs[1]}) + ({pairs[2]} + {pairs[3]})"
    return " + ".join([f"({total})", *terms[whole:]])


def written(weights: Sequence[str], inputs: Sequence[str]) -> str:
    """Add up products from the first one on, each rounded: the order of training, and of portable products."""
    return " + ".join(f"{w} * {x}" for w, x in zip(weights, inputs, strict=True))


def chain(weights: Sequence[str], inputs: Sequence[str]) -> str:
    """Add up products from the first one on, each in one rounding with its sum: a product of two matrices."""
    total = f"{weights[0]} * {inputs[0]}"
    for w, x in zip(weights[1:], inputs[1:], strict=True):
        total = f"fma({w}, {x}, {total})"
    return total


def by_lanes(weights: Sequence[str], inputs: Sequence[str]) -> str:
    """Add up products four at a time, then what is left: a product of a matrix and a vector."""
    whole = len(weights) // LANES * LANES
    left = list(zip(weights[whole:], inputs[whole:], strict=True))
    a, b, c, d = (chain(weights[k:whole:LANES], inputs[k:whole:LANES]) if whole else "" for k in range(LANES))
    total = f"(({a} + {c}) + ({b} + {d}))"
    if not left:
        return total
    if whole and len(left) == 1:
        return f"fma({left[0][0]}, {left[0][1]}, {total})"
    # The compiler of OpenBLAS joins the first product with the sum of it and the second one.
    first, *others = left[1::-1]
    rest = chain(*zip(first, *others, *left[2:], strict=True))
    return f"{total} + {rest}" if whole else rest
