"""What the success depends on: shares of variance by hand."""

import numpy as np
import pandas as pd
import pytest

from nnsweep.questions.rank.importance import importance


def grid(function):
    rows = [{"a": a, "b": b, "c": c, "rate": function(a, b, c)} for a in (0, 1) for b in ("x", "y") for c in (1, 2, 3)]
    return pd.DataFrame(rows).sample(frac=1, random_state=0)


def shares(table):
    return dict(zip(table["axes"].tolist(), table["share"].tolist(), strict=True))


def test_axes_and_pairs_are_named_and_the_rest_is_what_is_left():
    """y = a + (c = 3) where b is y: of the variance, a and the pair b × c are told apart from b and c alone."""
    found = shares(importance(grid(lambda a, b, c: a + 0.0 * c), ["a", "b", "c"], "rate"))
    assert found == pytest.approx({"a": 1, "b": 0, "c": 0, "a × b": 0, "a × c": 0, "b × c": 0, "rest": 0}, abs=1e-12)
    table = importance(grid(lambda a, b, c: float(b == "y" and c == 3)), ["a", "b", "c"], "rate")
    # A product of two Bernoullis, p = 1/2 and 1/3: Var 5/36; b alone 1/36, c alone 1/18, together the rest.
    assert shares(table) == pytest.approx(
        {"a": 0, "b": 1 / 5, "c": 2 / 5, "a × b": 0, "a × c": 0, "b × c": 2 / 5, "rest": 0}, abs=1e-12
    )
    assert table["share"].tolist()[:-1] == sorted(table["share"].tolist()[:-1], reverse=True)


@pytest.mark.parametrize(
    "cells",
    [
        grid(lambda a, b, c: a).iloc[1:],
        grid(lambda a, b, c: 0.5),
        grid(lambda a, b, c: np.nan if c == 1 and a else 0.1 * c),
        grid(lambda a, b, c: a).iloc[:1],
        grid(lambda a, b, c: a).iloc[:0],
    ],
    ids=["a hole", "nothing varies", "no value", "one cell", "no cell"],
)
def test_where_nothing_can_be_divided(cells):
    assert importance(cells, ["a", "b", "c"], "rate") is None


def test_without_axes():
    assert importance(pd.DataFrame({"rate": [0.1]}), [], "rate") is None
