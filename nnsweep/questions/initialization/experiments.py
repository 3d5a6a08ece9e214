"""The experiment on initial weights: how untrained layers change random inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from nnsweep.errors import NnsweepError
from nnsweep.folder.paths import Folder
from nnsweep.format import count
from nnsweep.nn.initializers import Initial

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.figure import Figure

NAME = "activations"
"""The experiment's folder under results/."""

LARGEST = 100_000_000
"""The most activations that are kept in memory: 800 MB."""

INITIALISATIONS = {
    "deviation 1": Initial("normal", {"std": 1.0}),
    "deviation 0.01": Initial("normal", {"std": 0.01}),
    "Xavier": Initial("xavier"),
    "He": Initial("he"),
}


@dataclass(frozen=True)
class Activations:
    """The activations of untrained networks: `samples` inputs N(0, 1) through `layers` layers of `width` units."""

    activations: Sequence[str] = ("sigmoid", "relu", "tanh")
    samples: int = 1000
    width: int = 100
    layers: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse an experiment that is too large for memory.

        Raises:
            NnsweepError: there would be more than LARGEST activations.
        """
        networks = len(set(self.activations)) * len(INITIALISATIONS)
        size = networks * self.samples * self.width * self.layers
        if size > LARGEST:
            raise NnsweepError(
                f"{networks} networks × {count(self.layers, 'layer')} × {count(self.width, 'unit')} × "
                f"{count(self.samples, 'sample')} are {size:,} activations; allowed: at most {LARGEST:,}"
            )

    @cached_property
    def values(self) -> dict[tuple[str, str], np.ndarray]:
        """The activations of every layer, (layers, samples, width), by activation function and initialisation."""
        from nnsweep.nn.propagate import propagate

        size = self.samples, self.width, self.layers, self.seed
        return {
            (activation, name): propagate(activation, initial, *size)
            for activation in self.activations
            for name, initial in INITIALISATIONS.items()
        }

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per layer: mean, standard deviation, and the shares that are dead and saturated."""
        from nnsweep.questions.initialization.table import activations_table

        return activations_table(self.values)

    @property
    def title(self) -> str:
        """The title of the figure."""
        layers, units = count(self.layers, "layer"), count(self.width, "unit")
        inputs = count(self.samples, "input")
        return f"Activations before learning: {layers} of {units}, no biases, {inputs} N(0, 1), seed {self.seed}"

    def write(self, results: Path, figures: bool = True, formats: Sequence[str] = ("png",)) -> list[Path]:
        """Write the table and the histograms to `results/activations/`."""
        from nnsweep.files import write_file
        from nnsweep.folder.save_figures import write_figures
        from nnsweep.tables import write_csv

        folder = Folder(results / NAME)
        folder.make()
        paths = [folder.tables / f"{NAME}.csv"]
        write_file(paths[0], lambda path: write_csv(self.table, path))
        return paths + (write_figures(folder, {NAME: self._figure}, formats) if figures else [])

    def _figure(self) -> Figure:
        from nnsweep.figures.activations import activation_histograms
        from nnsweep.questions.initialization.table import histograms

        return activation_histograms(histograms(self.values), self.table, self.title)
