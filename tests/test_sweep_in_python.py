"""Sweeps made in Python: the same checks and messages as a file's."""

import numpy as np
import pytest

import nnsweep
from nnsweep import sweepfile
from nnsweep.errors import SpecError
from tests.helpers import SMALL

TABLES = {
    "fixed": {"train_size": 50, "test_size": 100, "update": "sequential"},
    "axes": {"alpha": [0.01, 0.05], "epochs": {"from": 1, "to": 3}, "hidden": [2, 4], "seed": {"count": 4}},
    "success": {"metric": "error", "below": 0.3},
}


def without_text(sweep):
    from dataclasses import replace

    return replace(sweep, source="", folder="")


def test_it_is_the_sweep_that_a_file_gives():
    sweep = nnsweep.sweep("small", **TABLES)
    assert without_text(sweep) == without_text(sweepfile.loads(SMALL))
    assert without_text(sweepfile.loads(sweep.source)) == without_text(sweep)
    assert without_text(sweepfile.from_python({"name": "small", **TABLES})) == without_text(sweep)


def test_tuples_arrays_and_ranges_are_lists():
    axes = {"alpha": np.linspace(0.1, 0.3, 2), "hidden": ((2,), (8, 8)), "seed": range(3), "epochs": np.int64(2)}
    axes["epochs"] = [np.int64(1), np.int32(2)]
    sweep = nnsweep.sweep("mine", axes=axes, fixed={"train_size": np.int64(50), "standardize": np.True_})
    assert [axis.values for axis in sweep.axes] == [(0.1, 0.3), ((2,), (8, 8)), (1, 2), (0, 1, 2)]
    assert (sweep.fixed["train_size"], sweep.fixed["standardize"]) == (50, True)


def test_enumerations_are_what_they_stand_for():
    import enum

    class Rate(float, enum.Enum):
        LOW = 0.1

    class Name(str, enum.Enum):  # noqa: UP042 (of which `str` gives another text)
        RELU = "relu"

    sweep = nnsweep.sweep("mine", axes={"alpha": [Rate.LOW]}, fixed={"activation": Name.RELU})
    assert (sweep.axes[0].values, sweep.fixed["activation"]) == ((0.1,), "relu")


MISTAKES = {
    "several": (
        {"axes": {"alpha": [0.1, "a"], "sede": [1]}, "fixed": {"momentum": -1}, "succes": {}},
        ["fixed", 'axes["alpha"][1]', 'axes["sede"]', "succes"],
    ),
    "nothing that a file holds": ({"axes": {"alpha": [0.1, object()]}}, ['axes["alpha"][1]']),
    "a name": ({"axes": {1: [0.1]}}, ["axes"]),
}


@pytest.mark.parametrize(("tables", "places"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_told_with_their_place(tables, places):
    with pytest.raises(SpecError) as caught:
        nnsweep.sweep("mine", **tables)
    found = [line.partition(": ")[0] for line in str(caught.value).splitlines()]
    assert {place.partition("[")[0] for place in found} == {place.partition("[")[0] for place in places}
    assert len(found) == len(places)


def test_whole_messages():
    with pytest.raises(SpecError) as caught:
        nnsweep.run({"name": "mine", "axes": {"sede": [1], "alpha": [0.1, "a"]}})
    assert str(caught.value).splitlines()[0].startswith('axes["sede"]: unknown parameter `sede`')
    with pytest.raises(SpecError) as caught:
        nnsweep.sweep("mine", axes={"alpha": [0.1, object()]})
    assert str(caught.value) == (
        'axes["alpha"][1]: `alpha`: found a value of type object; '
        "allowed: numbers, text, true, false, and lists and dicts of them"
    )
    with pytest.raises(SpecError) as caught:
        nnsweep.sweep("mine", trainer=3)
    assert str(caught.value) == "trainer: found `int`; allowed: a name, a function of parameters, or a Trainer"
    with pytest.raises(SpecError) as caught:
        nnsweep.sweep("mine", overrides=["alfa=1"])
    assert str(caught.value).startswith("overrides: alfa=1: unknown parameter `alfa`")


def test_a_dict_is_run_planned_and_tried_again(tmp_path):
    tables = {"name": "small", **TABLES}
    assert nnsweep.plan(tables, tmp_path).new == 48
    assert nnsweep.run(tables, tmp_path, figures=False).trained == 48
    assert nnsweep.retry(tables, tmp_path, statuses=["ok"], figures=False).trained == 48
    assert (tmp_path / "small" / "grid.toml").read_text(encoding="utf-8").startswith('name = "small"\n')
