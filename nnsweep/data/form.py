"""What the tables that name a data set have in common."""

from __future__ import annotations

import json
import os
from abc import ABC, abstractmethod
from functools import cached_property
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr

from nnsweep.data import places
from nnsweep.data.arrays import Data


class Form(BaseModel, ABC):
    """A table such as `{ gate = "xor", inputs = 3 }`: one way to name a data set.

    Its text (`str`) names it in tables and figures: no two forms that differ have the same.
    """

    # Built when a file first has one: few do, and four models take as long as expanding a thousand trials.
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    PLACE: ClassVar[str] = ""
    """The key that names a file or folder, of those that do."""
    _beside: str = PrivateAttr(default_factory=places.beside)
    """The folder of the sweep file that names it: its files are looked for there first."""

    @abstractmethod
    def __str__(self) -> str:
        """Name it in tables and figures."""

    @abstractmethod
    def make(self) -> Data:
        """Make or read the data set.

        Raises:
            DataError: it cannot be read.
        """

    @cached_property
    def text(self) -> str:
        """Its JSON without defaults, made once: what it is compared by, thousands of times in a sweep."""
        return json.dumps(self.model_dump(mode="json", exclude_defaults=True), sort_keys=True)

    @property
    def identity(self) -> Form:
        """What stands for it in ids: its file without its folder, as the content is told besides."""
        name = os.path.basename(os.path.normpath(self.place)) if self.PLACE else ""
        return self if name == self.place else self.named(name)

    @property
    def place(self) -> str:
        """The file or folder that it names; "" if none."""
        return getattr(self, self.PLACE) if self.PLACE else ""

    def named(self, place: str) -> Form:
        """The same, of another file or folder."""
        return type(self).model_validate({**self.model_dump(exclude_defaults=True), self.PLACE: place})

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Form) and (self.text, self._beside) == (other.text, other._beside)


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
"""One name, or a list of them."""

Number = Annotated[float, Field(allow_inf_nan=False)]
NumberList = Annotated[list[Number], Field(min_length=1)]
Row = Annotated[
    tuple[Number, ...], Field(min_length=1), BeforeValidator(_one_or_more, json_schema_input_type=Number | NumberList)
]
"""Numbers of one sample; a row of one may be written without its brackets."""
