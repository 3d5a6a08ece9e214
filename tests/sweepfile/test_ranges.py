from __future__ import annotations

import math
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nnsweep.sweepfile.ranges import Counted, Linear, Logarithmic, Range, Steps


def steps(start: float, stop: float, step: float = 1) -> Steps:
    return Steps.model_validate({"from": start, "to": stop, "step": step})


@pytest.mark.parametrize(
    ("made", "values"),
    [
        (steps(1, 6), [1, 2, 3, 4, 5, 6]),
        (steps(0.1, 0.3, 0.1), [0.1, 0.2, 0.3]),
        (steps(0, 0.3, 0.1), [0.0, 0.1, 0.2, 0.3]),
        (steps(1, 6, 2), [1, 3, 5]),
        (steps(3, 1, -1), [3, 2, 1]),
        (steps(5, 5), [5]),
        (steps(1e300, 3e300, 1e300), [1e300, 2e300, 3e300]),
        (Counted(count=3), [0, 1, 2]),
        (Counted(count=2, start=-1), [-1, 0]),
        (Linear(linspace=[0, 1], num=5), [0.0, 0.25, 0.5, 0.75, 1.0]),
        (Linear(linspace=[1, 9], num=5), [1, 3, 5, 7, 9]),
        (Linear(linspace=[0.3, 0.1], num=3), [0.3, 0.2, 0.1]),
        (Linear(linspace=[0.5, 2], num=1), [0.5]),
        (Logarithmic(logspace=[0.001, 1], num=4), [0.001, 0.01, 0.1, 1.0]),
        (Logarithmic(logspace=[1, 2], num=1), [1.0]),
        (Logarithmic(logspace=[8, 1], num=4), [8.0, 4.0, 2.0, 1.0]),
    ],
)
def test_values_are_those_a_person_would_type(made: Range, values: list[Any]) -> None:
    assert made.values() == values
    assert [type(value) for value in made.values()] == [type(value) for value in values]
    assert made.size == len(values)


@pytest.mark.parametrize(
    ("kind", "table"),
    [
        (Steps, {"from": 6, "to": 1}),
        (Steps, {"from": 1, "to": 6, "step": 0}),
        (Steps, {"from": 1, "to": True}),
        (Counted, {"count": 0}),
        (Linear, {"linspace": [0, 1, 2], "num": 2}),
        (Linear, {"linspace": [0, 1], "num": 0}),
        (Logarithmic, {"logspace": [0, 1], "num": 2}),
        (Logarithmic, {"logspace": [-1, 1], "num": 2}),
    ],
)
def test_ranges_that_lead_nowhere_are_refused(kind: type[Range], table: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        kind.model_validate(table)


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**4), st.integers(0, 200), st.integers(0, 6))
def test_decimal_steps_come_back_as_typed(start: int, step: int, n: int, places: int) -> None:
    typed = [float(Decimal(start + i * step).scaleb(-places)) for i in range(n + 1)]
    made = steps(typed[0], typed[-1], float(Decimal(step).scaleb(-places)))
    assert made.values() == typed
    assert made.size == n + 1


@given(st.integers(-300, 290), st.integers(1, 10))
def test_powers_of_ten_come_back_as_typed(first: int, n: int) -> None:
    typed = [float(f"1e{first + i}") for i in range(n + 1)]
    assert Logarithmic(logspace=[typed[0], typed[-1]], num=n + 1).values() == typed


@given(st.floats(-1e100, 1e100), st.floats(-1e100, 1e100), st.integers(2, 50))
def test_linear_ends_are_exact_and_order_holds(a: float, b: float, num: int) -> None:
    values = Linear(linspace=[a, b], num=num).values()
    assert (values[0], values[-1], len(values)) == (a, b, num)
    assert values == sorted(values, reverse=b < a)


@given(st.floats(1e-300, 1e300), st.floats(1e-300, 1e300), st.integers(2, 30))
def test_logarithmic_neighbours_have_one_ratio(a: float, b: float, num: int) -> None:
    values = Logarithmic(logspace=[a, b], num=num).values()
    assert (values[0], values[-1]) == (a, b)
    gaps = [math.log(after) - math.log(before) for before, after in pairwise(values)]
    assert max(gaps) - min(gaps) < 1e-10
