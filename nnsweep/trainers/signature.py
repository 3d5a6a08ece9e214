"""A function's parameters as a pydantic model: names, types, defaults and descriptions from its signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, Optional, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model
from pydantic.fields import FieldInfo

from nnsweep.errors import NnsweepError

SEED = "seed"
SCALARS = bool, int, float, str
Scalar = bool | int | float | str
Seed = Annotated[int, Field(ge=0, lt=2**63, description="Draws what is random: the replicate.")]

STRICT = ConfigDict(strict=True, allow_inf_nan=False)
MODEL = ConfigDict(strict=True, allow_inf_nan=False, frozen=True, extra="forbid", protected_namespaces=())

ANNOTATIONS = "int, float, bool, str, Literal, and lists, tuples and unions of these"


def parameters_of(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    """Read a function's parameters, annotations evaluated.

    Raises:
        NnsweepError: the signature cannot be read, or a parameter cannot be given by name.
    """
    try:
        found = inspect.signature(function, eval_str=True).parameters
    except Exception as error:  # an annotation may raise anything
        raise NnsweepError(f"its signature cannot be read: {type(error).__name__}: {error}") from None
    for name, parameter in found.items():
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
            shown = f"`{stars}{name}`" if stars else f"`{name}` by its position only"
            raise NnsweepError(f"it takes {shown}; allowed: parameters that are given by name")
        if hasattr(BaseModel, name) or name.startswith("_"):
            raise NnsweepError(f"its parameter cannot be named `{name}`; allowed: another name")
    return found


def model_of(name: str, parameters: Mapping[str, inspect.Parameter]) -> type[BaseModel]:
    """Make a strict model of a function's parameters, to check a sweep file with.

    A parameter without annotation is what its default is, and without a default a number, a text, true or false. A
    default of None stays what it is where no file sets the parameter. `seed` is 0 where none does.

    >>> def train(alpha: Annotated[float, "step size"] = 0.1, hidden=(2,), seed=None): ...
    >>> model_of("train", parameters_of(train))(alpha=1)
    train(alpha=1.0, hidden=(2,), seed=0)

    Raises:
        NnsweepError: an annotation or a default is nothing that a sweep file can write.
    """
    fields: dict[str, Any] = {each: _field(parameter) for each, parameter in parameters.items()}
    return create_model(name, __config__=MODEL, **fields)


def wants_list(parameter: inspect.Parameter) -> bool:
    """Whether a function takes a list here; sweeps hold tuples, which cannot change."""
    return isinstance(_default(parameter), list) or _has_list(parameter.annotation)


def _has_list(annotation: Any) -> bool:
    return annotation is list or get_origin(annotation) is list or any(map(_has_list, get_args(annotation)))


def _default(parameter: inspect.Parameter) -> Any:
    """Give a parameter's default, which pydantic's `Field` may hold; of the seed, 0 stands for none."""
    default = parameter.default
    if isinstance(default, FieldInfo):
        default = parameter.empty if default.is_required() else default.get_default(call_default_factory=True)
    return 0 if parameter.name == SEED and (default is None or default is parameter.empty) else default


def _field(parameter: inspect.Parameter) -> tuple[Any, FieldInfo]:
    """Give a parameter's type, and what pydantic is to know besides."""
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
    kind = Optional[kind] if default is None else kind  # noqa: UP045 (pyright knows no `|` of such types)
    return kind, Field(_checked(parameter.name, kind, default), **known)


def _kind_of(parameter: inspect.Parameter, default: Any) -> Any:
    try:
        if parameter.annotation is not parameter.empty:
            return _kind(parameter.annotation)
        return Seed if parameter.name == SEED else _inferred(default)
    except TypeError as error:
        raise NnsweepError(f"parameter `{parameter.name}`: {error}; allowed: {ANNOTATIONS}") from None


def _kind(annotation: Any) -> Any:
    """Give the type of what a sweep holds for an annotation: lists are tuples, the rest is the same."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if annotation in (*SCALARS, None, type(None)):
        return annotation
    if annotation is Any:
        return Scalar
    if annotation in (list, tuple):
        return tuple[Scalar, ...]
    if origin in (list, Sequence):
        return tuple[_kind(inner[0]), ...]
    if origin is tuple:
        return tuple[tuple(each if each is ... else _kind(each) for each in inner)]
    if origin in (Union, UnionType):
        return Union[tuple(map(_kind, inner))]  # noqa: UP007 (of as many as there are)
    if origin is Annotated:
        return Annotated[_kind(inner[0]), *inner[1:]]
    if origin is Literal and all(type(each) in SCALARS for each in inner):
        return annotation
    raise TypeError(f"its annotation is {inspect.formatannotation(annotation)}")


def _inferred(default: Any) -> Any:
    if default is inspect.Parameter.empty:
        return Scalar
    if isinstance(default, list | tuple):
        return tuple[Union[tuple(map(_inferred, default))] if default else Scalar, ...]  # noqa: UP007
    if default is None:
        return Scalar
    for kind in SCALARS:
        if isinstance(default, kind):
            return kind
    raise TypeError(f"its default is of type {type(default).__name__}")


def _checked(name: str, kind: Any, default: Any) -> Any:
    """Give a default as a file's value would be kept, so that both make one id."""
    try:
        return TypeAdapter(kind, config=STRICT).validate_python(_tuples(default))
    except ValidationError:
        raise NnsweepError(f"parameter `{name}`: its default {default!r} is none of its annotation") from None


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list | tuple) else value
