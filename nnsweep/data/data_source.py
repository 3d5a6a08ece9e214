"""The base class of tables that describe a data set."""

from __future__ import annotations

import json
import os
from abc import ABC, abstractmethod
from functools import cached_property
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr

from nnsweep.data import places
from nnsweep.data.arrays import Data


class DataSource(BaseModel, ABC):
    """A table such as `{ gate = "xor", inputs = 3 }` that describes a data set.

    Its text (`str`) names it in tables and figures: two data sources that differ have different texts.
    """

    # `defer_build`: few files have such a table, and building four models takes as long as expanding a thousand trials.
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    PLACE: ClassVar[str] = ""
    """The key whose value is a file or folder; "" if there is none."""
    _beside: str = PrivateAttr(default_factory=places.beside)
    """The folder of the sweep file, in which files are searched first."""

    @abstractmethod
    def __str__(self) -> str:
        """Return its name in tables and figures."""

    @abstractmethod
    def make(self) -> Data:
        """Make or read the data set.

        Raises:
            DataError: it cannot be read.
        """

    @cached_property
    def text(self) -> str:
        """Its JSON without defaults. It is made once, because a sweep compares it thousands of times."""
        return json.dumps(self.model_dump(mode="json", exclude_defaults=True), sort_keys=True)

    @property
    def identity(self) -> DataSource:
        """What ids contain: the file's name without its folder. The fingerprint covers the content."""
        name = os.path.basename(os.path.normpath(self.place)) if self.PLACE else ""
        return self if name == self.place else self.named(name)

    @property
    def place(self) -> str:
        """Its file or folder; "" if there is none."""
        return getattr(self, self.PLACE) if self.PLACE else ""

    def named(self, place: str) -> DataSource:
        """Return a copy with another file or folder."""
        return type(self).model_validate({**self.model_dump(exclude_defaults=True), self.PLACE: place})

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DataSource) and (self.text, self._beside) == (other.text, other._beside)


def _one_or_more(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("text without control characters")
    return text


Name = Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(_printable)]
NameList = Annotated[list[Name], Field(min_length=1)]
Names = Annotated[
    tuple[Name, ...], Field(min_length=1), BeforeValidator(_one_or_more, json_schema_input_type=Name | NameList)
]
"""One name, or a list of names."""

Number = Annotated[float, Field(allow_inf_nan=False)]
NumberList = Annotated[list[Number], Field(min_length=1)]
Row = Annotated[
    tuple[Number, ...], Field(min_length=1), BeforeValidator(_one_or_more, json_schema_input_type=Number | NumberList)
]
"""The numbers of one sample; a single number needs no brackets."""
