"""A function's signature as a model of parameters."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import AliasChoices, Field, ValidationError

from nnsweep.errors import NnsweepError
from nnsweep.trainers.function_parameters import model_of, parameters_of, wants_list


def annotated(
    whole: int,
    real: float = 1,
    truth: bool = False,
    text: str = "a",
    word: Literal["a", "b"] = "a",
    either: int | float = 1,
    widths: int | list[int] = 4,
    pair: tuple[int, float] = (1, 2.0),
    deep: list[list[int]] = [[1], [2]],  # noqa: B006
    bare: list = [],  # noqa: B006
    optional: float | None = None,
    implicit: float = None,  # type: ignore[assignment]  # noqa: RUF013
    anything: Any = 0,
    *,
    seed: int = 3,
): ...


def inferred(anything, truth=True, whole=2, real=0.5, text="a", some=(1, 2.5), listed=[1], none=None, seed=None): ...  # noqa: B006


def model(function):
    return model_of(function.__name__, parameters_of(function))


def test_defaults_are_as_a_file_would_give_them():
    assert model(annotated)(whole=1).model_dump() == {
        "whole": 1,
        "real": 1.0,
        "truth": False,
        "text": "a",
        "word": "a",
        "either": 1,
        "widths": 4,
        "pair": (1, 2.0),
        "deep": ((1,), (2,)),
        "bare": (),
        "optional": None,
        "implicit": None,
        "anything": 0,
        "seed": 3,
    }
    assert isinstance(model(annotated)(whole=1).real, float)


RIGHT = [
    (annotated, {"real": 2, "either": 2.5, "widths": (1, 2), "pair": (3, 4), "deep": ((1, 2), ()), "bare": ("a", 1)}),
    (annotated, {"widths": 7, "optional": 1.5, "implicit": 2.5, "anything": "text"}),
    (inferred, {"anything": "text", "none": 3, "some": (1.5, 2, 3), "listed": (4, 5)}),
    (inferred, {"anything": True, "real": 3, "none": "text", "seed": 5}),
]


@pytest.mark.parametrize(("function", "given"), RIGHT)
def test_values_that_fit_are_kept(function, given):
    complete = model(function)(**({"whole": 1} if function is annotated else {}) | given)
    assert {name: getattr(complete, name) for name in given} == given


@pytest.mark.parametrize(
    ("function", "wrong"),
    [
        (annotated, {"whole": 1.5}),
        (annotated, {"whole": True}),
        (annotated, {"real": "1"}),
        (annotated, {"real": float("nan")}),
        (annotated, {"truth": 1}),
        (annotated, {"text": 1}),
        (annotated, {"word": "c"}),
        (annotated, {"either": "a"}),
        (annotated, {"widths": ("a",)}),
        (annotated, {"pair": (1,)}),
        (annotated, {"optional": "a"}),
        (annotated, {"more": 1}),
        (inferred, {"anything": (1, 2)}),
        (inferred, {"truth": 1}),
        (inferred, {"whole": 2.5}),
        (inferred, {"real": "a"}),
        (inferred, {"some": ("a",)}),
        (inferred, {"listed": (1.5,)}),
        (inferred, {"seed": -1}),
        (inferred, {"seed": 0.5}),
    ],
)
def test_values_that_do_not_fit_are_refused(function, wrong):
    with pytest.raises(ValidationError):
        model(function)(**{"whole": 1, **wrong} if function is annotated else {"anything": 1, **wrong})


def test_what_has_no_default_must_be_given():
    needed = {name for name, field in model(annotated).model_fields.items() if field.is_required()}
    assert needed == {"whole"}
    assert model(inferred)(anything=1).seed == 0  # None would draw other numbers each time


def test_lists_are_wanted_where_they_are_annotated_or_the_default():
    wanted = {name for f in (annotated, inferred) for name, each in parameters_of(f).items() if wants_list(each)}
    assert wanted == {"widths", "deep", "bare", "listed"}


def test_descriptions_bounds_and_other_names():
    def train(
        alpha: Annotated[float, "step size", Field(gt=0)],
        rate: float = Field(0.5, le=1, description="a share", validation_alias=AliasChoices("rate", "r")),
        width: int = Field(ge=1),
    ): ...

    fields = model(train).model_fields
    assert [fields[name].description for name in fields] == ["step size", "a share", None]
    assert model(train)(alpha=1, r=1, width=1).model_dump() == {"alpha": 1.0, "rate": 1.0, "width": 1}
    for wrong in ({"alpha": 0}, {"r": 2}, {"width": 0}):
        with pytest.raises(ValidationError):
            model(train)(**{"alpha": 1, "width": 1, **wrong})


def stars(*values): ...
def positional(alpha, /): ...
def hidden(_alpha=1): ...
def taken(model_config=1): ...
def inner(alpha: list[complex]): ...
def strange(alpha=object()): ...  # noqa: B008
def unknown(alpha: Nowhere): ...  # noqa: F821 # type: ignore[name-defined]
def unlike(alpha: float = "a"): ...  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (stars, "it takes `*values`; allowed: parameters that are given by name"),
        (positional, "it takes `alpha` by its position only; allowed: parameters that are given by name"),
        (hidden, "its parameter cannot be named `_alpha`; allowed: another name"),
        (taken, "its parameter cannot be named `model_config`; allowed: another name"),
        (
            inner,
            "parameter `alpha`: its annotation is complex; "
            "allowed: int, float, bool, str, None, Literal, dict, and lists, tuples and unions of these",
        ),
        (
            strange,
            "parameter `alpha`: its default is of type object; "
            "allowed: int, float, bool, str, None, Literal, dict, and lists, tuples and unions of these",
        ),
        (unknown, "its signature cannot be read: NameError: name 'Nowhere' is not defined"),
        (unlike, "parameter `alpha`: its default 'a' is none of its annotation"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_signatures_that_no_file_can_fill(function, message):
    with pytest.raises(NnsweepError) as caught:
        model(function)
    assert str(caught.value) == message
