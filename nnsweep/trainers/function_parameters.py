"""Make a pydantic model of a function's parameters: names, types, defaults and descriptions from its signature."""

from __future__ import annotations

import inspect
import warnings
from collections import abc
from collections.abc import Callable, Mapping, Sequence
from math import isnan
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Optional, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    create_model,
)
from pydantic.fields import FieldInfo

from nnsweep.design.table import NONE, AnyTable
from nnsweep.errors import NnsweepError

SEED = "seed"


def _number(value: float) -> float:
    if isnan(value):
        raise ValueError("a number")
    return value


Real = Annotated[float, AfterValidator(_number)]
"""A number, which may be infinite. NaN is refused: it does not equal itself, so its trials could not be found again."""
SCALARS = {bool: bool, int: int, float: Real, str: str}
Scalar = bool | int | Real | str
Seed = Annotated[int, Field(ge=0, lt=2**63, description="Draws what is random: the replicate.")]
Free = Annotated[
    Scalar | tuple[Scalar | tuple[Scalar, ...], ...] | AnyTable | None,
    BeforeValidator(lambda value: None if value == NONE else value),
]
"""The values of a parameter that the signature does not name, but accepts by `**kwargs`."""

STRICT = ConfigDict(strict=True)
MODEL = ConfigDict(strict=True, frozen=True, extra="forbid", protected_namespaces=())

ANNOTATIONS = "int, float, bool, str, None, Literal, dict, and lists, tuples and unions of these"


class Open(BaseModel):
    """The base of a model whose function accepts further parameters with any name."""

    model_config = MODEL | ConfigDict(extra="allow")

    # pydantic checks further values by this annotation
    __pydantic_extra__: dict[str, Free] = Field(init=False)  # pyright: ignore[reportIncompatibleVariableOverride]


def parameters_of(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    """Read a function's parameters with evaluated annotations.

    Raises:
        NnsweepError: the signature cannot be read, or a parameter cannot be passed by name.
    """
    try:
        found = inspect.signature(function, eval_str=True).parameters
    except Exception as error:  # evaluating an annotation may raise anything
        raise NnsweepError(f"its signature cannot be read: {type(error).__name__}: {error}") from None
    for name, parameter in found.items():
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
            shown = f"`*{name}`" if parameter.kind is parameter.VAR_POSITIONAL else f"`{name}` by its position only"
            raise NnsweepError(f"it takes {shown}; allowed: parameters that are given by name")
        if name.startswith("_") or (name.startswith("model_") and hasattr(BaseModel, name)):
            raise NnsweepError(f"its parameter cannot be named `{name}`; allowed: another name")
    return found


def model_of(name: str, parameters: Mapping[str, inspect.Parameter]) -> type[BaseModel]:
    """Make a strict model of a function's parameters, which checks the values of a sweep file.

    A parameter without annotation has the type of its default; without a default it is a number, a text, true or false.
    A default of None stays None unless a file sets the parameter. Without a default, `seed` is 0 and a dict is empty.

    >>> def train(alpha: Annotated[float, "step size"] = 0.1, hidden=(2,), seed=None): ...
    >>> model_of("train", parameters_of(train))(alpha=1)
    train(alpha=1.0, hidden=(2,), seed=0)

    Raises:
        NnsweepError: a sweep file cannot write values of an annotation or a default.
    """
    named = {each: parameter for each, parameter in parameters.items() if parameter.kind is not parameter.VAR_KEYWORD}
    fields: dict[str, Any] = {each: _field(parameter) for each, parameter in named.items()}
    with warnings.catch_warnings():
        # A parameter may have the name of a method of pydantic's models, such as `copy`, which is not called here.
        warnings.filterwarnings("ignore", "Field name .* shadows an attribute", UserWarning)
        if rest(parameters):
            return create_model(name, __base__=Open, **fields)
        return create_model(name, __config__=MODEL, **fields)


def rest(parameters: Mapping[str, inspect.Parameter]) -> str:
    """Name the parameter that takes values with any other name: `**kwargs`, else the first dict, else empty."""
    stars = [name for name, each in parameters.items() if each.kind is each.VAR_KEYWORD]
    return next(iter([*stars, *(name for name, each in parameters.items() if _is_table(each))]), "")


def _is_table(parameter: inspect.Parameter) -> bool:
    if parameter.annotation is parameter.empty:
        return isinstance(_default(parameter), dict)
    kinds = (parameter.annotation, *get_args(parameter.annotation))
    return any(each is dict or get_origin(each) in (dict, abc.Mapping) for each in kinds)


def is_untyped(parameter: inspect.Parameter) -> bool:
    """Whether a signature leaves the type of a parameter open, so that 1 and 1.0 are the same value."""
    if parameter.kind is parameter.VAR_KEYWORD:
        return False
    if parameter.annotation is not parameter.empty:
        return parameter.annotation is Any or _is_table(parameter)
    default = _default(parameter)
    return default in (None, parameter.empty) or default in ([], ()) or isinstance(default, dict)


def wants_list(parameter: inspect.Parameter) -> bool:
    """Whether a function expects a list here. Sweeps hold tuples, because these cannot change."""
    return isinstance(_default(parameter), list) or _has_list(parameter.annotation)


def _has_list(annotation: Any) -> bool:
    return annotation is list or get_origin(annotation) is list or any(map(_has_list, get_args(annotation)))


def _default(parameter: inspect.Parameter) -> Any:
    """Return a parameter's default, also from a pydantic `Field`. A seed without a default has 0."""
    default = parameter.default
    if isinstance(default, FieldInfo):
        default = parameter.empty if default.is_required() else default.get_default(call_default_factory=True)
    if default is parameter.empty and parameter.annotation is not parameter.empty and _is_table(parameter):
        return {}
    return 0 if parameter.name == SEED and (default is None or default is parameter.empty) else default


def _field(parameter: inspect.Parameter) -> tuple[Any, FieldInfo]:
    """Return a parameter's type, and the field that pydantic needs."""
    default, known = _default(parameter), {}
    kind = _kind_of(parameter, default)
    if isinstance(parameter.default, FieldInfo):
        given = parameter.default
        kind = Annotated[kind, *given.metadata] if given.metadata else kind  # its bounds
        known = {name: getattr(given, name) for name in ("description", "validation_alias", "alias")}
    texts = [each for each in getattr(parameter.annotation, "__metadata__", ()) if isinstance(each, str)]
    known |= {"description": texts[0]} if texts else {}
    known = {name: value for name, value in known.items() if value is not None}
    if default is parameter.empty:
        return kind, Field(**known)
    kind = _or_none(kind) if default is None else kind
    return kind, Field(_checked(parameter.name, kind, default), **known)


def _kind_of(parameter: inspect.Parameter, default: Any) -> Any:
    try:
        if parameter.annotation is not parameter.empty:
            return _kind(parameter.annotation)
        return Seed if parameter.name == SEED else _inferred(default)
    except TypeError as error:
        raise NnsweepError(f"parameter `{parameter.name}`: {error}; allowed: {ANNOTATIONS}") from None


def _kind(annotation: Any) -> Any:
    """Return the type that a sweep uses for an annotation, with tuples in place of lists."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if annotation is Any:
        return Scalar
    if annotation in (None, NoneType):
        return _or_none(None)
    if annotation in SCALARS:
        return SCALARS[annotation]
    if annotation is dict or origin in (dict, abc.Mapping):
        return AnyTable
    if annotation in (list, tuple):
        return tuple[Scalar, ...]
    if origin in (list, Sequence):
        return tuple[_kind(inner[0]), ...]
    if origin is tuple:
        return tuple[tuple(each if each is ... else _kind(each) for each in inner)]
    if origin in (Union, UnionType):
        kinds = [_kind(each) for each in inner if each is not NoneType]
        union = Union[tuple(kinds)] if kinds else None  # noqa: UP007 (of as many as there are)
        return _or_none(union) if NoneType in inner else union
    if origin is Annotated:
        return Annotated[_kind(inner[0]), *inner[1:]]
    if origin is Literal and all(type(each) in SCALARS for each in inner):
        return annotation
    raise TypeError(f"its annotation is {inspect.formatannotation(annotation)}")


def _or_none(kind: Any) -> Any:
    """Allow None too. A file writes it as a table, or as a word if the parameter is no text."""
    words = [NONE] if _takes(kind, "none") else [NONE, "none"]
    read = BeforeValidator(lambda value: None if value in words else value)
    return Annotated[Optional[kind], read]  # noqa: UP045 (pyright knows no `|` of such types)


def _takes(kind: Any, value: Any) -> bool:
    try:
        _read(kind, value)
    except ValidationError:
        return False
    return True


def _read(kind: Any, value: Any) -> Any:
    """Check a value as a strict model does, in a tuple, because pydantic takes no settings for a bare model."""
    one: Any = tuple.__class_getitem__(kind)
    return TypeAdapter(one, config=STRICT).validate_python((value,))[0]


def _inferred(default: Any) -> Any:
    if default is inspect.Parameter.empty:
        return Scalar
    if isinstance(default, list | tuple):
        return tuple[Union[tuple(map(_inferred, default))] if default else Scalar, ...]  # noqa: UP007
    if default is None:
        return Scalar
    if isinstance(default, dict):
        return AnyTable
    for kind, held in SCALARS.items():
        if isinstance(default, kind):
            return held
    raise TypeError(f"its default is of type {type(default).__name__}")


def _checked(name: str, kind: Any, default: Any) -> Any:
    """Convert a default to the form of a file's value, so that both have the same id."""
    try:
        return _read(kind, _tuples(default))
    except ValidationError:
        raise NnsweepError(f"parameter `{name}`: its default {default!r} is none of its annotation") from None


def _tuples(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(map(_tuples, value))
    return value + 0.0 if isinstance(value, float) else value  # -0.0 becomes 0.0, which equals it
