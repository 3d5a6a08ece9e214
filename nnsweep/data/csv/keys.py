"""The keys of the table of a sweep file that describes a CSV file."""

from __future__ import annotations

import json
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from nnsweep.data.data_source import DataSource, Name, Names
from nnsweep.data.words import first_twice, quoted


def _delimiter(text: str) -> str:
    if len(text) != 1 or text.isalnum() or text in "\"'\r\n+-._":
        raise ValueError("one character between cells, such as `;`; a space stands for any run of spaces and tabs")
    return text


def _thousands(text: str) -> str:
    if len(text) != 1 or text not in ",.' _\u00a0\u202f":
        raise ValueError("one character between groups of three digits, such as `,`")
    return text


def _encoding(name: str) -> str:
    try:
        "".encode(name)
    except (LookupError, ValueError):
        raise ValueError("an encoding of text that Python knows, such as utf-8, latin-1, cp1252 or utf-16") from None
    return name


def _header(value: Any) -> Any:
    if isinstance(value, list | tuple) and len(set(map(str, value))) < len(value):
        raise ValueError("each name once")
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, bool | tuple):
        return value
    raise ValueError("true, false, or a list of names")


def _on_missing(value: Any) -> Any:
    if value in ("drop", "mean", "median") or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise ValueError("drop, mean, median, or a number")


class CsvKeys(DataSource):
    """The keys that describe a CSV file: what is in it, and how it is written."""

    PLACE: ClassVar[str] = "csv"

    csv: Name = Field(
        description="The file, plain or packed by gzip: beside the sweep file, or else in the working directory."
    )
    target: Names = Field(description="The column to learn, or a list of columns. Texts are names of classes.")
    inputs: Names | None = Field(None, description="The columns to learn from; left out, all but the target.")
    classes: bool = Field(False, description="Whether the target's numbers are classes rather than amounts.")
    categories: Names | None = Field(
        None, description="Inputs of texts or codes: each becomes a column of 0 and 1 for each of its values."
    )
    drop: Names | None = Field(None, description="Columns that are left out.")
    missing: tuple[str, ...] | None = Field(
        None,
        strict=False,
        max_length=100,
        description="Texts that stand for a missing value, besides an empty cell. "
        "Left out, these are NA, N/A, NaN, null, None and ?, in small letters too.",
    )
    on_missing: (
        Annotated[
            Literal["drop", "mean", "median"] | float,
            BeforeValidator(_on_missing, json_schema_input_type=Literal["drop", "mean", "median"] | float),
        ]
        | None
    ) = Field(
        None,
        description="What becomes of missing values: drop leaves out their rows; mean and median take those of the "
        "input's column over the samples that train; a number stands for each.",
    )
    header: (
        Annotated[
            bool | tuple[Name, ...],
            BeforeValidator(_header, json_schema_input_type=bool | list[Name]),
        ]
        | None
    ) = Field(
        None,
        description="Whether the first row names the columns, or the names where none does. "
        'Without names, columns are named "column 1", "column 2", ….',
    )
    skip: int = Field(0, ge=0, le=1_000, description="Lines above the header, or above the first row, left out.")
    delimiter: Annotated[str, AfterValidator(_delimiter)] | None = Field(
        None, description="The character between cells; a space is any run of spaces and tabs."
    )
    decimal: Literal[".", ","] | None = Field(None, description="The decimal mark.")
    thousands: Annotated[str, AfterValidator(_thousands)] | None = Field(
        None, description="The character between groups of three digits."
    )
    comment: Annotated[Name, Field(max_length=10)] | None = Field(None, description="Lines that begin so are left out.")
    encoding: Annotated[Name, AfterValidator(_encoding)] | None = Field(
        None, description="The encoding of the text; left out, UTF-8, or what the file's first bytes say."
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        columns = [*self.target, *(self.inputs or ()), *(self.drop or ())]
        twice = first_twice(columns)
        if twice is not None:
            raise ValueError(f"each column once, as an input or as a target; {quoted(twice)} is named twice")
        others, inputs = {*self.target, *(self.drop or ())}, set(self.inputs or self.categories or ())
        for name in self.categories or ():
            if name in others or name not in inputs:
                raise ValueError(f"categories that are inputs; {quoted(name)} is none")
        if self.thousands is not None and self.thousands == (self.decimal or "."):
            raise ValueError("a decimal mark and thousands that differ")
        return self

    def __str__(self) -> str:
        """Name the file, the columns, and all other keys that are given."""
        inputs = f" from {', '.join(self.inputs)}" if self.inputs else ""
        said = f"{self.csv}: {', '.join(self.target)}{inputs}{' as classes' if self.classes else ''}"
        others = self.model_dump(mode="json", exclude_defaults=True)
        for key in ("csv", "target", "inputs", "classes"):
            others.pop(key, None)
        return said + "".join(f"; {key.replace('_', ' ')} {_short(value)}" for key, value in others.items())


def _short(value: Any) -> str:
    return value if isinstance(value, str) and value.isalnum() else json.dumps(value, ensure_ascii=False)
