"""A trainer's parameters as sweep files may spell them, and the check of their values."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import AliasChoices, BaseModel, ValidationError, create_model
from pydantic.fields import FieldInfo

from nnsweep.spec import wording
from nnsweep.spec.problems import Path, Problem, show, show_name
from nnsweep.trainers.protocol import Trainer


@dataclass(frozen=True)
class Parameters:
    """What [fixed], [axes] and cases may name. `single` checks one value, whatever the others are."""

    model: type[BaseModel]
    single: type[BaseModel]
    spellings: Mapping[str, str]
    """Each name and alias, with the canonical name."""

    @classmethod
    def of(cls, trainer: Trainer) -> Parameters:
        """Read a trainer's model of its parameters."""
        model = trainer.parameters
        fields = model.model_fields
        return cls(model, _without_required(model), {s: n for n in fields for s in spellings(n, fields[n])})

    def takes_tables(self, name: str) -> bool:
        """Whether a single value of a parameter may be a table."""
        annotation = self.model.model_fields[self.spellings[name]].annotation
        return any(isinstance(each, type) and issubclass(each, BaseModel) for each in get_args(annotation))

    @property
    def names(self) -> tuple[str, ...]:
        """Every parameter as messages list it: `learning_rate (alpha)`."""
        fields = self.model.model_fields
        return tuple(" ".join((n, *(f"({s})" for s in spellings(n, fields[n]) if s != n))) for n in fields)

    def check(self, name: str, value: Any, path: Path, what: str) -> tuple[Any, list[Problem]]:
        """Check one value of a parameter and return it as the trainer keeps it, with all that is wrong with it."""
        parameter = self.spellings[name]
        try:
            checked = getattr(self.single.model_validate({name: value}), parameter)
            hash(checked)
            return checked, []
        except TypeError:
            return value, [Problem(path, what, show(value), "numbers, text, true, false and lists of them")]
        except ValidationError as failure:
            errors = [e for e in failure.errors(include_url=False) if self._is_of(e["loc"], parameter)]
            return value, wording.of_value(errors, value, path, what) if errors else []

    def complete(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Fill settings by canonical name up with the defaults, in the order of the trainer's model.

        Raises:
            ValidationError: if a parameter has neither a value nor a default, or some do not go together.
        """
        fields = self.model.model_fields
        named = {spellings(name, fields[name])[0]: value for name, value in settings.items()}
        model = self.model.model_validate(named)
        return {name: getattr(model, name) for name in fields}

    def lacking(self, failure: ValidationError, path: Path) -> list[Problem]:
        """Say what `complete` found wrong: parameters without a value, or values that do not go together."""
        return [self._lacking(error, path) for error in failure.errors(include_url=False)]

    def _lacking(self, error: Any, path: Path) -> Problem:
        if error["type"] == "missing":
            return Problem(path, f"parameter {show_name(error['loc'][0])} has no value, and the trainer no default")
        return Problem(path, f"these parameters do not go together; allowed: {wording.allowed(error)}")

    def _is_of(self, location: tuple[Any, ...], parameter: str) -> bool:
        return bool(location) and self.spellings.get(location[0]) == parameter


def spellings(name: str, field: FieldInfo) -> tuple[str, ...]:
    """How a file may write a parameter, its own name first where that is allowed."""
    alias = field.validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias or name]
    texts = [choice for choice in choices if isinstance(choice, str)]
    return tuple(sorted(texts, key=lambda text: text != name))


def as_value(item: Any) -> Any:
    """Make lists of a file into tuples, as parameters hold them."""
    return tuple(as_value(each) for each in item) if isinstance(item, list) else item


def _without_required(model: type[BaseModel]) -> type[BaseModel]:
    """Make every parameter optional, so that one can be checked alone."""
    required = {name: field for name, field in model.model_fields.items() if field.is_required()}
    if not required:
        return model
    optional: dict[str, Any] = {name: (field.annotation, _optional(field)) for name, field in required.items()}
    return create_model(model.__name__, __base__=model, **optional)


def _optional(field: FieldInfo) -> FieldInfo:
    changed = copy(field)
    changed.default = None
    changed._attributes_set = {**field._attributes_set, "default": None}
    return changed
