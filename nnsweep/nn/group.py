"""Neighbouring trials of a stack whose networks have one shape: measured and read together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat

import numpy as np

from nnsweep.nn.diagnostics import Screen, Single
from nnsweep.nn.engine.base import Engine, neighbours
from nnsweep.nn.evaluate import Mask, defined, evaluator, finite_values
from nnsweep.nn.network import Array, Dataset, Layer, Trained, Training, TrainingState


class Group:
    """What is measured of the trials `span` of an engine: G networks of one shape."""

    def __init__(
        self,
        engine: Engine,
        span: slice,
        trainings: Sequence[Training],
        metrics: Sequence[str],
        measures: bool = True,
    ) -> None:
        """Prepare to read the networks, and if the group `measures`, not the engine, to measure them."""
        self._engine, self.span = engine, span
        self.network, self._metrics = trainings[0].network, tuple(metrics)
        runs = neighbours(trainings, lambda training: id(training.dataset))
        spans = [(within, same[0].dataset) for within, same in runs]
        if measures:
            self._measure = evaluator(self.network, spans, metrics, engine.counter)
        lengths = [within.stop - within.start for within, _ in spans]
        self._defined = np.repeat(defined(spans, metrics), lengths, axis=1)  # (M, G)
        self._units = _units([training.dataset for training in trainings], self.network.widths[-1])
        self._count = len(trainings)
        self._readings: list[tuple[Array, Mask]] = []
        self._diagnostics: dict[str, list[Array]] = {}

    def screen(self, samples: Single, ranges: Single) -> None:
        """Choose the samples (G, I, N) that diagnostics look at, and the ranges of the targets, (G, O)."""
        self._screen = Screen(self.network, samples, ranges)

    def measure(self) -> None:
        """Record the metrics (M, G) after one more epoch, NaN for networks that are no longer finite."""
        parameters = self._read()
        values, finite = finite_values(self._measure(parameters), parameters, self._defined)
        self.record(values.T[..., None], finite[:, None])

    def record(self, values: Array, finite: Mask) -> None:
        """Take what was measured after some epochs, (G, M, epochs), and whether all was finite, (G, epochs)."""
        self._readings.append((values, finite))

    def diagnose(self, changed: Array) -> None:
        """Record the diagnostics; `changed` is each trial's share of steps that changed something, (T,)."""
        for name, found in {**self._screen(self._read()), "changed": changed[self.span]}.items():
            self._diagnostics.setdefault(name, []).append(found)

    def trained(self, measured: tuple[int, ...], diagnosed_at: tuple[int, ...]) -> Iterator[Trained]:
        """Give what came of each training, in the order of the engine."""
        parameters, (values, finite) = self._read(), self._all_readings()
        layers = zip(*(zip(weights, biases, strict=True) for weights, biases in parameters), strict=True)
        diagnostics = self._all_diagnostics()
        of_trials = zip(*(each.T for each in diagnostics.values()), strict=True) if diagnostics else repeat(())
        everywhere = bool(self._defined.all())
        for g, (of_layers, by_metric, ends, found) in enumerate(zip(layers, values, finite, of_trials, strict=False)):
            history = dict(zip(self._metrics, by_metric, strict=True))
            if not everywhere:
                history = {
                    name: history[name] for name, there in zip(self._metrics, self._defined[:, g], strict=True) if there
                }
            of_trial = dict(zip(diagnostics, found, strict=True))
            yield Trained(measured, history, ends, of_layers, diagnosed_at, of_trial)

    def measurements(self) -> Iterator[tuple[Array, Mask, dict[str, Array]]]:
        """Give each training's values, whether they were finite, and its diagnostics; see `TrainingState`."""
        (values, finite), diagnostics = self._all_readings(), self._all_diagnostics()
        for g in range(self._count):
            yield values[g].T.copy(), finite[g].copy(), {name: a[:, g].copy() for name, a in diagnostics.items()}

    def restore(self, states: Sequence[TrainingState]) -> None:
        """Go on with the measurements of each training."""
        values, finite = (np.stack([each.values.T for each in states]), np.stack([each.finite for each in states]))
        self._readings = [(values, finite)]
        names = states[0].diagnostics
        self._diagnostics = {n: list(np.stack([state.diagnostics[n] for state in states], axis=-1)) for n in names}

    def _all_readings(self) -> tuple[Array, Mask]:
        """Join what was measured, (G, M, measured), and whether it was finite, (G, measured)."""
        if len(self._readings) != 1:
            none = np.empty((self._count, len(self._metrics), 0)), np.empty((self._count, 0), np.bool_)
            values, finite = zip(none, *self._readings, strict=True)
            self._readings = [(np.concatenate(values, axis=2), np.concatenate(finite, axis=1))]
        return self._readings[0]

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
