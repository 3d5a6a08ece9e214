"""Neighbouring trials of a stack whose networks have one shape: measured and read together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.diagnostics import Screen, Single
from nnsweep.nn.engine.base import Engine, neighbours
from nnsweep.nn.evaluate import defined, evaluator
from nnsweep.nn.network import Array, Dataset, Layer, Trained, Training, TrainingState


class Group:
    """What is measured of the trials `span` of an engine: G networks of one shape."""

    def __init__(self, engine: Engine, span: slice, trainings: Sequence[Training], metrics: Sequence[str]) -> None:
        self._engine, self.span = engine, span
        self.network, self._metrics = trainings[0].network, tuple(metrics)
        runs = neighbours(trainings, lambda training: id(training.dataset))
        spans = [(within, same[0].dataset) for within, same in runs]
        self._measure = evaluator(self.network, spans, metrics, engine.counter)
        lengths = [within.stop - within.start for within, _ in spans]
        self._defined = np.repeat(defined(spans, metrics), lengths, axis=1)  # (M, G)
        self._units = _units([training.dataset for training in trainings], self.network.widths[-1])
        self._count = len(trainings)
        self._values: list[Array] = []
        self._finite: list[NDArray[np.bool_]] = []
        self._diagnostics: dict[str, list[Array]] = {}

    def screen(self, samples: Single, ranges: Single) -> None:
        """Choose the samples (G, I, N) that diagnostics look at, and the ranges of the targets, (G, O)."""
        self._screen = Screen(self.network, samples, ranges)

    def measure(self, changed: Array | None) -> None:
        """Record the metrics (M, G) after one more epoch, NaN for networks that are no longer finite.

        `changed` asks for the diagnostics too: it is each trial's share of steps that changed something, (T,).
        """
        parameters = self._read()
        values = self._measure(parameters)
        finite = (np.isfinite(values) | ~self._defined).all(axis=0)
        for array in (array for layer in parameters for array in layer):
            finite &= np.isfinite(array).reshape(len(array), -1).all(axis=1)
        self._values.append(np.where(finite, values, np.nan))
        self._finite.append(np.asarray(finite))
        if changed is not None:
            for name, found in {**self._screen(parameters), "changed": changed[self.span]}.items():
                self._diagnostics.setdefault(name, []).append(found)

    def trained(self, measured: tuple[int, ...], diagnosed_at: tuple[int, ...]) -> Iterator[Trained]:
        """Give what came of each training, in the order of the engine."""
        parameters, values, finite = self._read(), self._all_values(), self._all_finite()
        diagnostics = self._all_diagnostics()
        for g in range(self._count):
            history = {name: values[:, m, g].copy() for m, name in enumerate(self._metrics) if self._defined[m, g]}
            of_trial = {name: each[:, g] for name, each in diagnostics.items()}
            layers = tuple((w[g], b[g]) for w, b in parameters)
            yield Trained(measured, history, finite[:, g], layers, diagnosed_at, of_trial)

    def measurements(self) -> Iterator[tuple[Array, NDArray[np.bool_], dict[str, Array]]]:
        """Give each training's values, whether they were finite, and its diagnostics; see `TrainingState`."""
        values, finite, diagnostics = self._all_values(), self._all_finite(), self._all_diagnostics()
        for g in range(self._count):
            yield values[:, :, g].copy(), finite[:, g].copy(), {name: a[:, g].copy() for name, a in diagnostics.items()}

    def restore(self, states: Sequence[TrainingState]) -> None:
        """Go on with the measurements of each training."""
        self._values = list(np.stack([state.values for state in states], axis=-1))
        self._finite = list(np.stack([state.finite for state in states], axis=-1))
        names = states[0].diagnostics
        self._diagnostics = {n: list(np.stack([state.diagnostics[n] for state in states], axis=-1)) for n in names}

    def _all_values(self) -> Array:
        """Stack what was measured, (measured, M, G)."""
        return np.array(self._values).reshape(len(self._values), len(self._metrics), self._count)

    def _all_finite(self) -> NDArray[np.bool_]:
        return np.array(self._finite, dtype=bool).reshape(len(self._finite), self._count)

    def _all_diagnostics(self) -> dict[str, Array]:
        return {name: np.array(each, dtype=np.float64) for name, each in self._diagnostics.items()}

    def _read(self) -> list[Layer]:
        """Give the parameters. The last layer is rescaled, so that outputs have the units of the data."""
        *layers, last = self._engine.read(self.span)
        return [*layers, last if self._units is None else in_units(last, *self._units)]


def _units(datasets: Sequence[Dataset], outputs: int) -> tuple[Array, Array] | None:
    """Give the means and deviations of each training's targets, (G, O) each; None if all are learnt as they are."""
    if all(data.units is None for data in datasets):
        return None
    as_they_are = np.zeros(outputs), np.ones(outputs)
    means, deviations = zip(*(data.units or as_they_are for data in datasets), strict=True)
    return np.array(means), np.array(deviations)


def in_units(layer: Layer, mean: Array, deviation: Array) -> Layer:
    """Turn the outputs of a last layer without an activation, W a + b, into deviation · (W a + b) + mean.

    Weights are (…, O, I), biases, means and deviations (…, O).
    """
    weights, biases = layer
    return weights * deviation[..., None], biases * deviation + mean
