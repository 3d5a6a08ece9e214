"""Logic gates with any number of inputs, as truth tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nnsweep.data.arrays import Array, Data, by_content
from nnsweep.data.data_source import DataSource

GateName = Literal["and", "or", "xor", "nand", "nor", "xnor"]
Bits = NDArray[np.bool_]

GATES: dict[GateName, Callable[[Bits], Any]] = {
    "and": lambda rows: rows.all(axis=1),
    "or": lambda rows: rows.any(axis=1),
    "xor": lambda rows: rows.sum(axis=1) % 2 == 1,
    "nand": lambda rows: ~rows.all(axis=1),
    "nor": lambda rows: ~rows.any(axis=1),
    "xnor": lambda rows: rows.sum(axis=1) % 2 == 0,
}
"""Each gate as a function of rows (N, I); xor of more than two inputs is their parity."""


def truth_table(gate: GateName, inputs: int = 2, constants: int = 0) -> tuple[Array, Array]:
    """List a gate's inputs (2^n, n + constants) and outputs (2^n, 1); rows count up in binary, constants are 1.

    >>> rows, outputs = truth_table("xor", constants=1)
    >>> rows.tolist()
    [[0.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 1.0]]
    >>> outputs.ravel().tolist()
    [0.0, 1.0, 1.0, 0.0]
    """
    rows = (np.arange(2**inputs)[:, None] >> np.arange(inputs)[::-1]) % 2 == 1
    columns = np.column_stack([rows, np.ones((2**inputs, constants))])
    return columns.astype(np.float64), GATES[gate](rows)[:, None].astype(np.float64)


class Gate(DataSource):
    """`{ gate = "xor", inputs = 3, constants = 1 }`: a logic gate's truth table.

    >>> str(Gate(gate="xor", inputs=3, constants=1))
    'xor, 3 inputs, 1 constant'
    """

    gate: GateName = Field(description="The gate; xor of more than two inputs is their parity.")
    inputs: int = Field(2, ge=1, le=16, description="How many inputs: the rows are all combinations of 0 and 1.")
    constants: int = Field(0, ge=0, le=16, description="How many columns of 1 stand after the inputs.")

    def __str__(self) -> str:
        """Name the gate and the options that differ from their defaults."""
        words = [self.gate]
        if self.inputs != 2:
            words.append(f"{self.inputs} input{'s' * (self.inputs != 1)}")
        if self.constants:
            words.append(f"{self.constants} constant{'s' * (self.constants != 1)}")
        return ", ".join(words)

    def make(self) -> Data:
        """Make the truth table."""
        return by_content(*truth_table(self.gate, self.inputs, self.constants))
