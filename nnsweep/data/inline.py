"""Samples that are written in the sweep file itself."""

from __future__ import annotations

from hashlib import blake2b
from typing import Annotated, Self

import numpy as np
from pydantic import BeforeValidator, Field, field_validator, model_validator

from nnsweep.data.arrays import Data, by_content
from nnsweep.data.data_source import DataSource, Row

MOST = 1_000
"""Numbers of one data set in a sweep file, at most: every trial's row in the store repeats them."""

RowList = Annotated[list[Row], Field(min_length=1)]
Rows = Annotated[
    tuple[Row, ...],
    Field(min_length=1),
    BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value, json_schema_input_type=RowList),
]


class Inline(DataSource):
    """`{ inputs = [[0, 0, 1], [1, 1, 1]], targets = [0, 1] }`: a row of inputs and a target for each sample.

    >>> str(Inline(inputs=[[0, 0, 1], [1, 1, 1]], targets=[0, 1]))
    '2 samples of 3 inputs, 1cc624'
    """

    inputs: Rows = Field(description="A list of numbers for each sample.")
    targets: Rows = Field(description="A number, or a list of numbers, for each sample.")

    @field_validator("inputs", "targets")
    @classmethod
    def _equally_long(cls, rows: Rows) -> Rows:
        for place, row in enumerate(rows, start=1):
            if len(row) != len(rows[0]):
                raise ValueError(f"rows of one length; row 1 has {len(rows[0])}, row {place} has {len(row)}")
        if len(rows) * len(rows[0]) > MOST:
            raise ValueError(f"at most {MOST:,} numbers; more go in a CSV file")
        return rows

    @model_validator(mode="after")
    def _as_many(self) -> Self:
        if len(self.inputs) != len(self.targets):
            counts = f"here {len(self.inputs)} inputs and {len(self.targets)} targets"
            raise ValueError(f"as many rows of `targets` as of `inputs`; {counts}")
        return self

    def __str__(self) -> str:
        """Name the numbers of samples and inputs; the final digits distinguish sets of equal size."""
        many, wide = len(self.inputs), len(self.inputs[0])
        sizes = f"{many} sample{'s' * (many != 1)} of {wide} input{'s' * (wide != 1)}"
        return f"{sizes}, {blake2b(self.text.encode(), digest_size=3).hexdigest()}"

    def make(self) -> Data:
        """Make arrays of the numbers."""
        return by_content(np.array(self.inputs, dtype=np.float64), np.array(self.targets, dtype=np.float64))
