"""What is said of a comparison."""

import pandas as pd

from nnsweep.questions.compare.text import format_along


def along(values, differences, p):
    return pd.DataFrame({"axis": values, "difference": differences, "p_adjusted": p})


def test_neighbouring_numbers_are_named_together():
    found = along([1, 2, 3, 4, 5, 6], [0.1, 0.2, 0.3, 0.1, -0.2, -0.3], [0.01, 0.01, 0.04, 0.5, 0.02, 0.03])
    assert format_along(found) == (
        "along axis, over all other axes, by more than chance: more often at 1 to 3; less often at 5 and 6"
    )


def test_names_are_no_range():
    found = along(["a", "b", "c", "d"], [0.1, 0.2, 0.3, 0.4], [0.01] * 4)
    assert format_along(found) == "along axis, over all other axes, by more than chance: more often at a, b, c and d"


def test_where_nothing_holds_or_nothing_varies():
    assert format_along(along([1, 2], [0.1, 0.2], [0.5, 0.06])) == ""
    assert format_along(along([1], [0.5], [0.001])) == ""
