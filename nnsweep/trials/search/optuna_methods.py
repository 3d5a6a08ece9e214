"""Methods that learn from what is known: the samplers of Optuna, which are asked and told in batches."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import isfinite
from math import log as ln
from typing import Any, ClassVar

from nnsweep.design.search import Search
from nnsweep.design.sweep import Axis
from nnsweep.errors import NnsweepError
from nnsweep.trials.search.configurations import Configuration, Configurations
from nnsweep.trials.search.ordered import has_order
from nnsweep.trials.search.sampler import Answers, Method
from nnsweep.trials.search.spread import Sobol
from nnsweep.trials.search.worth import worths_of

START = 8
"""Points of a Sobol sequence with which a method begins that then learns."""
MISSING = "needs {}, which is not installed; to install it: pip install {}"


class OptunaMethod(Method, ABC):
    """Asks a sampler of Optuna for each configuration of a batch, and tells it their losses when all are known.

    Optuna never hears of a failure or of a number that is not finite: such a configuration is told as a bit worse than
    the worst so far. Its samplers are deterministic for a seed, as they are asked and told in one order.
    """

    packages: ClassVar[Mapping[str, str]] = {"optuna": '"nnsweep[search]"'}
    """The packages that the sampler needs, and what pip installs for each."""

    def __init__(self, configurations: Configurations, search: Search, batch: int) -> None:
        """Take the space, and how many configurations are asked for at once.

        Raises:
            NnsweepError: a package is not installed.
        """
        self._check_packages(search)
        import optuna  # pyright: ignore[reportMissingImports]

        self._space, self._worths = configurations, worths_of(configurations.sweep)
        self._told: list[list[float]] = []
        self._asked: list[Any] = []
        starts = Sobol(configurations, search.seed).shares(self.start).tolist() if self.start else []
        self._start = deque(starts)
        with _silenced(optuna):
            sampler = self.make(search.seed, batch)
            minimize = [optuna.study.StudyDirection.MINIMIZE] * len(self._worths)
            self._study = optuna.create_study(sampler=sampler, directions=minimize)

    def _check_packages(self, search: Search) -> None:
        from importlib.util import find_spec

        for package, wanted in self.packages.items():
            if find_spec(package) is None:
                raise NnsweepError(f"`{search.method}` in [search] {MISSING.format(package, wanted)}")

    @abstractmethod
    def make(self, seed: int, batch: int) -> Any:
        """Make the sampler of Optuna."""

    def ask(self, count: int) -> Sequence[Configuration]:
        """Choose some configurations, before anything is known of them."""
        import optuna  # pyright: ignore[reportMissingImports]

        found = []
        with _silenced(optuna):
            for _ in range(count):
                if self._start:
                    self._study.enqueue_trial(self._params(self._start.popleft()))
                self._asked.append(self._study.ask())
                found.append(self._space.of(self._suggest(self._asked[-1])))
        return found

    def _suggest(self, trial: Any) -> list[Any]:
        """Ask for a value on each axis, first on those without conditions, which the others need to know."""
        values: dict[str, Any] = {}
        for axis in sorted(self._space.axes, key=lambda axis: bool(axis.only_if)):
            values[axis.parameter] = _suggest(trial, axis) if axis.applies(values) else axis.default
        return [values[axis.parameter] for axis in self._space.axes]

    def _params(self, shares: Sequence[float]) -> dict[str, Any]:
        """Return the configuration at a share of each axis, as `_suggest` asks for it."""
        values = dict(zip((axis.parameter for axis in self._space.axes), self._space.values_at(shares), strict=True))
        found = [(axis, values[axis.parameter]) for axis in self._space.axes if axis.applies(values)]
        return {axis.name: value if axis.space else axis.values.index(value) for axis, value in found}

    def tell(self, configurations: Sequence[Configuration], outcomes: Answers) -> None:
        """Tell the losses of each configuration."""
        import optuna  # pyright: ignore[reportMissingImports]

        losses = [[worth.loss(each) for worth in self._worths] for each in outcomes]
        self._told += losses
        with _silenced(optuna):
            for trial, found in zip(self._asked, losses, strict=True):
                self._study.tell(trial, [_finite(loss, of) for loss, of in zip(found, self._columns, strict=True)])
        self._asked = []

    @property
    def _columns(self) -> list[list[float]]:
        """The losses so far of each objective."""
        return [list(column) for column in zip(*self._told, strict=True)]


def _finite(loss: float, losses: Sequence[float]) -> float:
    """Return a loss, or one that is a bit worse than all others if it is not finite."""
    if isfinite(loss):
        return loss
    known = [each for each in losses if isfinite(each)] or [0.0]
    return max(known) + (max(known) - min(known) or 1.0) / 10


def _suggest(trial: Any, axis: Axis) -> Any:
    """Ask for a value on an axis. Numbers of a list keep their order, other values of a list have none."""
    space, values = axis.space, axis.values
    if space is None:
        if has_order(axis):
            return values[trial.suggest_int(axis.name, 0, len(values) - 1)]
        return values[trial.suggest_categorical(axis.name, list(range(len(values))))]
    if space.whole:
        return trial.suggest_int(axis.name, int(space.low), int(space.high), log=space.log)
    return space.rounded(trial.suggest_float(axis.name, space.low, space.high, log=space.log))


def always_ordered(configurations: Configurations) -> list[Axis]:
    """List the axes whose values have an order, and which count in every configuration."""
    varied = (axis for axis in configurations.axes if axis.space is not None or len(axis.values) > 1)
    return [axis for axis in varied if has_order(axis) and not axis.only_if]


@contextmanager
def _silenced(optuna: Any) -> Iterator[None]:
    """Keep Optuna from printing, and from warning that an option may change."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)


class Tpe(OptunaMethod):
    """Compares where good and where bad configurations lie, after some points of a Sobol sequence.

    Source: Bergstra, Bardenet, Bengio and Kégl, NIPS 24, 2011.
    """

    start = START

    def make(self, seed: int, batch: int) -> Any:
        """Make the sampler: with a batch, configurations that are not known yet count as bad ones."""
        from optuna.samplers import TPESampler  # pyright: ignore[reportMissingImports]

        return TPESampler(n_startup_trials=START, seed=seed, multivariate=True, group=True, constant_liar=True)


class CmaEs(OptunaMethod):
    """Adapts a normal distribution; axes without order are drawn at random. A larger batch makes generations larger.

    The first generation is already drawn from the distribution, around the middle of the space. Optuna would draw it at
    random, as it learns the axes from trials that have ended.

    Source: Hansen and Ostermeier, Evolutionary Computation 9, 2001.
    """

    packages: ClassVar = {**OptunaMethod.packages, "cmaes": '"nnsweep[search]"'}

    def make(self, seed: int, batch: int) -> Any:
        """Make the sampler."""
        from optuna.samplers import CmaEsSampler  # pyright: ignore[reportMissingImports]

        space = {axis.name: _distribution(axis) for axis in always_ordered(self._space)}

        class Sampler(CmaEsSampler):
            def infer_relative_search_space(self, study: Any, trial: Any) -> Any:
                return space

        return Sampler(seed=seed, popsize=max(batch, generation(self._space)), n_startup_trials=0)


def generation(configurations: Configurations) -> int:
    """Return how many configurations a generation of CMA-ES has: 4 + 3 ln(axes).

    Source: Hansen, The CMA Evolution Strategy: a tutorial, arXiv:1604.00772, table 1.
    """
    return 4 + int(3 * ln(max(1, len(always_ordered(configurations)))))


def _distribution(axis: Axis) -> Any:
    """Return the distribution of Optuna of an axis with an order, as `_suggest` asks for it."""
    from optuna.distributions import FloatDistribution, IntDistribution  # pyright: ignore[reportMissingImports]

    if axis.space is None:
        return IntDistribution(0, len(axis.values) - 1)
    low, high, log = axis.space.low, axis.space.high, axis.space.log
    return IntDistribution(int(low), int(high), log) if axis.space.whole else FloatDistribution(low, high, log)


class Nsga2(OptunaMethod):
    """Breeds configurations that are good by several metrics; a batch is a generation.

    Source: Deb, Pratap, Agarwal and Meyarivan, IEEE Transactions on Evolutionary Computation 6, 2002.
    """

    def make(self, seed: int, batch: int) -> Any:
        """Make the sampler."""
        from optuna.samplers import NSGAIISampler  # pyright: ignore[reportMissingImports]

        return NSGAIISampler(seed=seed, population_size=batch)
