"""A trainer's parameters in all their spellings, and the check of their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, get_args
from unicodedata import normalize

from pydantic import AliasChoices, BaseModel, ValidationError, create_model
from pydantic.fields import FieldInfo

from nnsweep.data.users import raised
from nnsweep.design.table import NONE
from nnsweep.errors import NnsweepError
from nnsweep.sweepfile import wording
from nnsweep.sweepfile.problems import Path, Problem, show, show_name
from nnsweep.sweepfile.ranges import kind_of
from nnsweep.sweepfile.spaces import space_of
from nnsweep.trainers.protocol import Trainer


@dataclass(frozen=True)
class Parameters:
    """The parameters that [fixed], [axes] and cases may name. `single` checks one value on its own."""

    model: type[BaseModel]
    single: type[BaseModel]
    spellings: Spellings
    """The canonical name for each name and alias."""

    @classmethod
    def of(cls, trainer: Trainer) -> Parameters:
        """Read a trainer's model of its parameters."""
        model = trainer.parameters
        fields = model.model_fields
        names = {s: n for n in fields for s in spellings(n, fields[n])}
        return cls(model, _without_required(model), Spellings(names, model.model_config.get("extra") == "allow"))

    def is_value(self, name: str, raw: Any) -> bool:
        """Return whether a table is a value of a parameter, where it could also be a range or a space."""
        if not isinstance(raw, dict) or not raw:
            return False
        return raw == NONE or (kind_of(raw) is None and space_of(raw) is None and self._takes_tables(name))

    def _takes_tables(self, name: str) -> bool:
        field = self.model.model_fields.get(self.spellings.get(name, ""))
        if field is None:
            return name in self.spellings
        kinds = (field.annotation, *get_args(field.annotation))
        return any(isinstance(each, type) and issubclass(each, BaseModel) for each in kinds)

    @property
    def names(self) -> tuple[str, ...]:
        """All parameters, as messages list them: `learning_rate (alpha)`."""
        fields = self.model.model_fields
        return tuple(" ".join((n, *(f"({s})" for s in spellings(n, fields[n]) if s != n))) for n in fields)

    def check(self, name: str, value: Any, path: Path, what: str) -> tuple[Any, list[Problem]]:
        """Check one value of a parameter; return it as the trainer keeps it, and all problems with it."""
        parameter = self.spellings[name]
        checked, errors = self._checked(parameter, value)
        if value == NONE and errors and not self._checked(parameter, None)[1]:
            return None, []
        if any(each["type"] == "int_type" for each in errors):
            value = _whole(value)
            checked, errors = self._checked(parameter, value)
        if errors:
            return value, wording.of_value(errors, value, path, what)
        try:
            hash(checked)
        except TypeError:
            return value, [Problem(path, what, show(value), "numbers, text, true, false and lists of them")]
        return checked, []

    def _checked(self, parameter: str, value: Any) -> tuple[Any, list[Any]]:
        """Return one value as the trainer keeps it, and pydantic's errors."""
        try:
            model = _validate(self.single, {self._key(parameter): value})
        except ValidationError as failure:
            errors = failure.errors(include_url=False)
            return value, [each for each in errors if self._is_of(each["loc"], parameter)]
        return _positive_zero(_values(model, [parameter])[parameter]), []

    def complete(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Complete settings, by canonical name, with the defaults, in the order of the trainer's model.

        Raises:
            ValidationError: a parameter has neither a value nor a default, or some values are incompatible.
        """
        model = _validate(self.model, {self._key(name): value for name, value in settings.items()})
        others = sorted(model.model_extra or {})
        return _values(model, [*self.model.model_fields, *others])

    def default_of(self, parameter: str) -> Any:
        """Return the default of a parameter that has one."""
        return _values(_validate(self.single, {}), [parameter])[parameter]

    def _key(self, parameter: str) -> str:
        """Return the key under which the model takes a parameter's value."""
        field = self.model.model_fields.get(parameter)
        return parameter if field is None else spellings(parameter, field)[0]

    def lacking(self, failure: ValidationError, path: Path) -> list[Problem]:
        """Turn the errors of `complete` into problems: parameters without a value, or incompatible values."""
        return [self._lacking(error, path) for error in failure.errors(include_url=False)]

    def _lacking(self, error: Any, path: Path) -> Problem:
        if error["type"] == "missing":
            return Problem(path, f"parameter {show_name(error['loc'][0])} has no value, and the trainer no default")
        return Problem(path, f"these parameters do not go together; allowed: {wording.allowed(error)}")

    def _is_of(self, location: tuple[Any, ...], parameter: str) -> bool:
        return bool(location) and self.spellings.get(location[0]) == parameter


class Spellings(dict[str, str]):
    """The names that a file may use, with the parameter of each.

    Names are compared after NFKC normalisation, like names in Python: `µ` may be typed as either of two characters. A
    trainer may take `any_other` name, too.
    """

    def __init__(self, names: Mapping[str, str], any_other: bool) -> None:
        super().__init__({normalize("NFKC", spelling): name for spelling, name in names.items()})
        self.any_other = any_other

    def __missing__(self, name: str) -> str:
        plain = normalize("NFKC", name)
        if plain != name and plain in self:
            return self[plain]
        if self.any_other and plain.isidentifier() and not plain.startswith("_"):
            return plain
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return self.get(name) is not None

    def get(self, name: Any, default: Any = None) -> Any:
        """Look up a name like `[]`: `dict.get` would not call `__missing__`."""
        try:
            return self[name]
        except KeyError:
            return default


def spellings(name: str, field: FieldInfo) -> tuple[str, ...]:
    """List the spellings of a parameter in a file, its own name first if that is allowed."""
    alias = field.validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias or name]
    texts = [choice for choice in choices if isinstance(choice, str)]
    return tuple(sorted(texts, key=lambda text: text != name))


def as_value(item: Any) -> Any:
    """Convert lists to tuples, which parameters hold."""
    return tuple(as_value(each) for each in item) if isinstance(item, list) else item


def _validate(model: type[BaseModel], given: Mapping[str, Any]) -> BaseModel:
    """Check values by a trainer's model.

    Raises:
        ValidationError: some are wrong. NnsweepError: a validator of the user's raised something else.
    """
    try:
        return model.model_validate(given)
    except (ValidationError, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise NnsweepError(f"`{model.__name__}` cannot check its parameters: it raised {raised(error)}") from None


def _values(model: BaseModel, names: Iterable[str]) -> dict[str, Any]:
    """Return the parameters of a model by name, including those with the name of a method."""
    found = {**model.__dict__, **(model.model_extra or {})}
    return {name: found[name] for name in names}


def _whole(value: Any) -> Any:
    """Convert floats that are whole to integers: 1e3 is a float in TOML."""
    if isinstance(value, tuple):
        return tuple(map(_whole, value))
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _positive_zero(value: Any) -> Any:
    """Convert -0.0 to 0.0, which is equal."""
    if isinstance(value, tuple):
        return tuple(map(_positive_zero, value))
    return value + 0.0 if isinstance(value, float) else value


def _without_required(model: type[BaseModel]) -> type[BaseModel]:
    """Make every parameter optional, so that a single one can be checked."""
    required = {name: field for name, field in model.model_fields.items() if field.is_required()}
    if not required:
        return model
    optional: dict[str, Any] = {name: (field.annotation, _optional(field)) for name, field in required.items()}
    # pydantic up to 2.11 looks up the names of inherited annotations in the module of the new model
    return create_model(model.__name__, __base__=model, __module__=model.__module__, **optional)


def _optional(field: FieldInfo) -> FieldInfo:
    changed = copy(field)
    changed.default = None
    changed._attributes_set = {**field._attributes_set, "default": None}
    return changed
