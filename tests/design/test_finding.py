"""A value is found by how the file, a table or a figure writes it, and is never another one."""

from __future__ import annotations

import numpy as np
import pytest

from nnsweep.design.sweep import Axis, Sweep
from nnsweep.errors import NnsweepError

THIRD = 10**-1.5

AXES = {
    "levels": ("none", "1", "01", "1.0"),
    "versions": ("1.1", "1.10"),
    "codes": ("1000", "1e3"),
    "hidden": (2, 4, (8, 8)),
    "widths": ((2,), (4,), (8, 8)),
    "alpha": (0.001, THIRD, 0.1, 1e-5, -2e6),
    "flags": (True, False),
    "mixed": (1, "1", "true", True + 1),
    "words": (("relu", "tanh"), ("relu",), "a, b"),
    "cases": ("as posted", "+ standardised", "NA", "with,comma"),
    "counts": (1, 10, 2**53 + 1),
}

FOUND = [
    ("levels", "none", "none"),
    ("levels", "1", "1"),
    ("levels", "01", "01"),
    ("levels", "1.0", "1.0"),
    ("levels", "'01", "01"),
    ("levels", '"01"', "01"),
    ("versions", "1.1", "1.1"),
    ("versions", "1.10", "1.10"),
    ("codes", "1000", "1000"),
    ("codes", "1e3", "1e3"),
    ("hidden", "4", 4),
    ("hidden", "4.0", 4),
    ("hidden", "8-8", (8, 8)),
    ("hidden", "[8,8]", (8, 8)),
    ("hidden", "[8, 8]", (8, 8)),
    ("hidden", [8, 8], (8, 8)),
    ("hidden", np.int64(2), 2),
    ("widths", "2", (2,)),
    ("widths", "[2]", (2,)),
    ("widths", 2, (2,)),
    ("alpha", "0.001", 0.001),
    ("alpha", "1e-3", 0.001),
    ("alpha", ".1", 0.1),
    ("alpha", "+0.1", 0.1),
    ("alpha", "0.0316", THIRD),
    ("alpha", "0.03162", THIRD),
    ("alpha", "0.03162277660168379", THIRD),
    ("alpha", THIRD, THIRD),
    ("alpha", np.float64(0.1), 0.1),
    ("alpha", "1e−5", 1e-5),
    ("alpha", "−2e6", -2e6),
    ("flags", "true", True),
    ("flags", "True", True),
    ("flags", False, False),
    ("mixed", "1", 1),
    ("mixed", '"1"', "1"),
    ("mixed", "'true", "true"),
    ("words", "[relu,tanh]", ("relu", "tanh")),
    ("words", '["relu", "tanh"]', ("relu", "tanh")),
    ("words", "relu-tanh", ("relu", "tanh")),
    ("words", "relu", ("relu",)),
    ("words", "a, b", "a, b"),
    ("cases", "+ standardised", "+ standardised"),
    ("cases", "'+ standardised", "+ standardised"),
    ("cases", "NA", "NA"),
    ("cases", '"as posted"', "as posted"),
    ("cases", "with,comma", "with,comma"),
    ("counts", "9007199254740993", 2**53 + 1),
]


def axis(name: str) -> Axis:
    return Axis(name, name, AXES[name])


@pytest.mark.parametrize(("name", "said", "value"), FOUND)
def test_a_value_is_found(name, said, value):
    found = axis(name).find(said)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "said", "message"),
    [
        ("levels", "1.00", "no trial with levels = 1.00; allowed: none, '1, '01, '1.0; did you mean `'1.0`?"),
        ("versions", "1.100", "no trial with versions = 1.100; allowed: '1.1, '1.10; did you mean `'1.10`?"),
        ("codes", "1000.0", "no trial with codes = 1000.0; allowed: '1000, '1e3; did you mean `'1000`?"),
        ("hidden", "8", "no trial with hidden = 8; allowed: 2, 4, 8-8"),
        ("hidden", "8,8", "no trial with hidden = 8,8; allowed: 2, 4, 8-8; did you mean `8-8`?"),
        ("hidden", "[8", "no trial with hidden = [8; allowed: 2, 4, 8-8"),
        ("hidden", "", "no trial with hidden = ; allowed: 2, 4, 8-8"),
        ("hidden", "=", "no trial with hidden = =; allowed: 2, 4, 8-8"),
        ("hidden", "nan", "no trial with hidden = nan; allowed: 2, 4, 8-8"),
        ("flags", "1", "no trial with flags = 1; allowed: True, False"),
        ("flags", 1, "no trial with flags = 1; allowed: True, False"),
        ("counts", True, "no trial with counts = True; allowed: 1, 10, 9007199254740993"),
        (
            "alpha",
            "0.032",
            "no trial with alpha = 0.032; allowed: 0.001, 0.03162277660168379, 0.1, 1e-05, -2000000.0; "
            "did you mean `0.03162277660168379`?",
        ),
        ("cases", "as postd", "no trial with cases = as postd; allowed: as posted, '+ standardised, 'NA, with,comma; "
         "did you mean `as posted`?"),
    ],
)  # fmt: skip
def test_what_names_no_value_is_told_with_the_nearest(name, said, message):
    with pytest.raises(NnsweepError) as caught:
        axis(name).find(said)
    assert str(caught.value) == message


def test_digits_that_several_numbers_share_are_refused():
    near = Axis("alpha", "learning_rate", (0.03162277660168379, 0.0316499999, 0.1))
    with pytest.raises(NnsweepError) as caught:
        near.find("0.0316")
    assert str(caught.value) == ("alpha = 0.0316 may be one of 0.03162277660168379, 0.0316499999; write it in full")
    assert near.find("0.03162") == 0.03162277660168379
    assert Axis("alpha", "alpha", (*near.values, 0.0316)).find("0.0316") == 0.0316


def test_an_axis_of_many_values_lists_some():
    with pytest.raises(NnsweepError) as caught:
        Axis("seed", "seed", tuple(range(50))).find("99")
    assert str(caught.value) == f"no trial with seed = 99; allowed: {', '.join(map(str, range(20)))}, …"


def test_an_axis_has_the_name_of_the_file_and_that_of_its_parameter():
    rate, seed = Axis("alpha", "learning_rate", (0.1, 0.2)), Axis("seed", "seed", (0, 1))
    sweep = Sweep("s", "mlp", axes=(rate, seed))
    assert sweep.axis("alpha") == sweep.axis(" learning_rate ") == sweep.cell_axis("alpha") == rate
    assert sweep.axis("seed") == seed
    for find, name, allowed in ((sweep.axis, "alhpa", "alpha, seed"), (sweep.cell_axis, "seed", "alpha")):
        with pytest.raises(NnsweepError) as caught:
            find(name)
        meant = "; did you mean `alpha`?" if name == "alhpa" else ""
        assert str(caught.value) == f"no axis `{name}`; allowed: {allowed}{meant}"
