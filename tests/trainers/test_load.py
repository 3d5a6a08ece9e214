"""Finding trainers by name."""

import pytest

from nnsweep.errors import NnsweepError
from nnsweep.trainers import load


def test_the_same_name_gives_the_same_trainer():
    assert load("mlp") is load("mlp")
    assert load("nnsweep.trainers.mlp:Mlp").name == "mlp"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("svm", "unknown trainer `svm`; allowed: `mlp`, or `package.module:attribute`"),
        ("a:", "unknown trainer `a:`; allowed: `mlp`, or `package.module:attribute`"),
        (
            "no_such_module:f",
            "trainer `no_such_module:f` cannot be imported: ModuleNotFoundError: No module named 'no_such_module'",
        ),
        ("math:pi", "trainer `math:pi` is a float, not a nnsweep.trainers.Trainer"),
    ],
)
def test_names_of_no_trainer(name, message):
    with pytest.raises(NnsweepError) as caught:
        load(name)
    assert str(caught.value) == message
