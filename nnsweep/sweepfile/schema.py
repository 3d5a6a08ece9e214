"""The JSON Schema of a sweep file, with which editors complete and check it."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from nnsweep.design.sweep import CASE
from nnsweep.sweepfile.model import File
from nnsweep.sweepfile.parameters import spellings
from nnsweep.sweepfile.ranges import Counted, Linear, Logarithmic, Steps
from nnsweep.sweepfile.spaces import Choices, Integers, LogUniform, Uniform
from nnsweep.trainers.protocol import Trainer

Schema = dict[str, Any]
DRAFT = "https://json-schema.org/draft/2020-12/schema"
REF = "#/$defs/{model}"

SECTIONS: dict[str, Schema] = {
    "fixed": {"$ref": REF.format(model="values")},
    "axes": {"$ref": REF.format(model="axes")},
    "cases": {"additionalProperties": {"$ref": REF.format(model="values")}},
    "include": {"items": {"$ref": REF.format(model="entry")}},
    "exclude": {"items": {"$ref": REF.format(model="entry")}},
}
"""The parts of a file that depend on the trainer."""


def json_schema(trainer: Trainer) -> Schema:
    """Describe sweep files for one trainer: its parameters under all their names, and its metrics.

    >>> from nnsweep import trainers
    >>> json_schema(trainers.load("mlp"))["required"]
    ['name']
    """
    schema = File.model_json_schema(ref_template=REF)
    ranges = TypeAdapter(Steps | Counted | Linear | Logarithmic).json_schema(ref_template=REF)
    values, definitions = _values(trainer)
    axes = {name: _axis(value) for name, value in values.items()}
    entries = {name: {"anyOf": [value, axes[name]]} for name, value in values.items()}
    entries[CASE] = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    open = trainer.parameters.model_config.get("extra") == "allow"  # a function that takes any name
    definitions |= {"values": _table(values, open), "axes": _table(axes, open)}
    spaces = TypeAdapter(Uniform | LogUniform | Integers | Choices).json_schema(ref_template=REF)
    definitions["entry"] = {**_table(entries, open), "minProperties": 1}
    schema["$defs"] = {**schema["$defs"], **ranges.pop("$defs"), **definitions, "range": ranges}
    schema["$defs"] |= {**spaces.pop("$defs"), "space": spaces}
    tables = schema["properties"]
    for section, changed in SECTIONS.items():
        tables[section] = {key: tables[section][key] for key in ("description", "type")} | changed
    _metric(schema["$defs"]["SuccessTable"], trainer)
    _search(schema["$defs"]["SearchTable"], trainer)
    return {"$schema": DRAFT, **schema}


def _values(trainer: Trainer) -> tuple[Schema, Schema]:
    """Return a reference to the value of each parameter under all its names, and the definitions."""
    schema = trainer.parameters.model_json_schema(by_alias=False, ref_template=REF)
    fields = trainer.parameters.model_fields
    definitions = {_definition(name): _plain(value) for name, value in schema.get("properties", {}).items()}
    values = {s: {"$ref": REF.format(model=_definition(n))} for n in fields for s in spellings(n, fields[n])}
    return values, schema.get("$defs", {}) | definitions


def _definition(parameter: str) -> str:
    return f"parameter_{parameter}"


def _plain(value: Schema) -> Schema:
    """Drop the default and the generated title of a parameter, which would mislead on an axis."""
    return {key: each for key, each in value.items() if key not in ("title", "default")}


def _axis(value: Schema) -> Schema:
    listed = {"type": "array", "items": value, "minItems": 1, "uniqueItems": True}
    return {"anyOf": [listed, {"$ref": REF.format(model="range")}, {"$ref": REF.format(model="space")}]}


def _table(properties: Schema, open: bool) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": open}


def _metric(success: Schema, trainer: Trainer) -> None:
    if trainer.metrics:
        success["properties"]["metric"] |= {"enum": list(trainer.metrics)}
    success["oneOf"] = [{"required": ["below"]}, {"required": ["above"]}]


def _search(search: Schema, trainer: Trainer) -> None:
    if trainer.metrics:
        search["properties"]["metric"] |= {"anyOf": [{"enum": list(trainer.metrics)}, {"type": "null"}]}
    search["anyOf"] = [{"required": [budget]} for budget in ("configurations", "trainings", "seconds")]
