"""References in Markdown, made from the models that check sweep files: parameters, metrics and keys of the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nnsweep.design.spelling import spell
from nnsweep.sweepfile.parameters import spellings
from nnsweep.sweepfile.schema import REF, json_schema
from nnsweep.trainers.protocol import Trainer

LISTED = "a list of these"


def markdown(trainer: Trainer) -> str:
    """Describe every parameter with its values and default, and every metric."""
    schema = trainer.parameters.model_json_schema(by_alias=False)
    fields = trainer.parameters.model_fields
    required = schema.get("required", [])
    lines = [
        f"# Parameters of `{trainer.name}`",
        "",
        "Any of them may stand in `[fixed]`, in `[axes]` or in a case. Made by "
        f"`nnsweep schema {trainer.name} --markdown`.",
        "",
        "| parameter | values | default | what it is |",
        "|---|---|---|---|",
    ]
    for name, value in schema.get("properties", {}).items():
        named = ", ".join(f"`{spelling}`" for spelling in spellings(name, fields[name]))
        default = "" if name in required else f"`{_written(value.get('default'))}`"
        allowed = _cell("; ".join(_allowed(value, schema.get("$defs", {}))))
        lines.append(f"| {named} | {allowed} | {default} | {_cell(value.get('description', ''))} |")
    lines += ["", "## Metrics", ""]
    if not trainer.metrics:
        return "\n".join([*lines, "Those that its trials return."])
    lines += ["| metric | what it is |", "|---|---|"]
    lines += [f"| `{name}` | {_cell(meaning)} |" for name, meaning in trainer.metrics.items()]
    return "\n".join(lines)


def file_markdown(trainer: Trainer) -> str:
    """Describe every key of a sweep file and of its tables."""
    schema = json_schema(trainer)
    tables = {name: each for name, each in schema["$defs"].items() if "title" in each and "properties" in each}
    named = {value["anyOf"][0]["$ref"]: key for key, value in schema["properties"].items() if "anyOf" in value}
    lines = ["### The file", "", *_keys(schema, tables)]
    for name, each in tables.items():
        key = named.get(REF.format(model=name))
        shape, _, meaning = (f"`[{key}]`: {each['description']}" if key else each["description"]).partition(": ")
        lines += ["", f"### {shape}", "", _cell(_sentence(meaning.partition("\n\n")[0])), "", *_keys(each, tables)]
    return "\n".join(lines)


def _keys(table: dict[str, Any], definitions: dict[str, Any]) -> Iterator[str]:
    yield from ("| key | values | default | what it is |", "|---|---|---|---|")
    required = table.get("required", [])
    for name, value in table["properties"].items():
        default = "required" if name in required else _default(value.get("default"))
        allowed = list(_allowed(value, definitions))
        told = "a list" if allowed == [LISTED] else "; ".join(allowed)
        yield f"| `{name}` | {_cell(told)} | {default} | {_cell(_sentence(value['description']))} |"


def _default(value: Any) -> str:
    return "" if value in (None, "") else f"`{_written(value)}`"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _allowed(value: dict[str, Any], definitions: dict[str, Any]) -> Iterator[str]:
    """Describe in words what a JSON Schema allows."""
    if "anyOf" in value:
        for each in value["anyOf"]:
            yield from _allowed(each, definitions)
    elif value.get("type") == "object":
        yield "a table"
    elif "$ref" in value:
        model = definitions[value["$ref"].rpartition("/")[2]]
        keys = ", ".join(name for name in model["properties"])
        yield f"a table of {keys}"
    elif "enum" in value:
        yield ", ".join(f"`{name}`" for name in value["enum"])
    elif "const" in value:
        yield f"`{value['const']}`"
    elif value.get("type") == "array":
        yield LISTED
    elif value.get("type") != "null":
        yield _kind(value)


def _kind(value: dict[str, Any]) -> str:
    bounds = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    limits = [f"{sign} {value[key]:,}" for key, sign in bounds.items() if value.get(key) not in (None, 2**63)]
    kinds = {"integer": "a whole number", "number": "a number", "boolean": "`true` or `false`", "string": "a text"}
    kind = (
        "`package.module:function`" if ":" in value.get("pattern", "") else kinds.get(value.get("type", ""), "a value")
    )
    return " ".join([kind, ", ".join(limits)]).strip()


def _written(default: Any) -> str:
    return spell(default)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
