"""The methods of searches, by name."""

from __future__ import annotations

from collections.abc import Callable

from nnsweep.design.search import Search
from nnsweep.design.sweep import Sweep
from nnsweep.trainers.protocol import Trainer
from nnsweep.trials.grid import Grid
from nnsweep.trials.search.candidates import sketch
from nnsweep.trials.search.configurations import Configurations
from nnsweep.trials.search.gaussian_process import GaussianProcess
from nnsweep.trials.search.halving import halving_sampler, hyperband_sampler
from nnsweep.trials.search.optuna_methods import CmaEs, Nsga2, Tpe, generation
from nnsweep.trials.search.racing import race_sampler
from nnsweep.trials.search.sampler import Method, PointSampler, SearchSampler
from nnsweep.trials.search.spread import LatinHypercube, Random, Sobol, Spread

MOST = 1024
"""Configurations that are asked for at once, at most, by a method for which this number changes nothing."""
SOON = 16
"""Configurations that are asked for at once where the budget is a time, which is looked at after each batch."""
BATCH = 16
"""Configurations of a hypercube."""
FEW = 4
"""Configurations of a batch of a method that learns from each: with more, it chooses worse."""
GENERATION = 32
"""Configurations of a generation of NSGA-II: fewer have too few parents."""
DRAWN = 12345
"""The seed with which trials for an estimate are drawn."""

Make = Callable[[Sweep, Trainer], SearchSampler]


def _spread(kind: type[Spread], batch: Callable[[Search], int]) -> Make:
    def make(sweep: Sweep, trainer: Trainer) -> SearchSampler:
        assert sweep.search is not None
        space = Configurations(sweep, trainer)
        return PointSampler(space, kind(space, sweep.search.seed), batch(sweep.search))

    return make


def _learning(
    kind: Callable[[Configurations, Search, int], Method], size: int | Callable[[Configurations], int]
) -> Make:
    def make(sweep: Sweep, trainer: Trainer) -> SearchSampler:
        assert sweep.search is not None
        space = Configurations(sweep, trainer)
        batch = sweep.search.batch or (size(space) if callable(size) else size)
        return PointSampler(space, kind(space, sweep.search, batch), batch)

    return make


def _at_once(search: Search) -> int:
    """Choose as many at once as the budget allows: the configurations do not depend on it."""
    return SOON if search.seconds is not None else min(MOST, search.configurations or MOST)


SAMPLERS: dict[str, Make] = {
    "random": _spread(Random, _at_once),
    "sobol": _spread(Sobol, _at_once),
    "latin_hypercube": _spread(LatinHypercube, lambda search: BATCH),
    "tpe": _learning(Tpe, FEW),
    "gp": _learning(GaussianProcess, FEW),
    "cmaes": _learning(CmaEs, generation),
    "nsga2": _learning(Nsga2, GENERATION),
}
STOPPING_SAMPLERS = {"racing": race_sampler, "halving": halving_sampler, "hyperband": hyperband_sampler}
SAMPLERS |= STOPPING_SAMPLERS
"""A function for each method of `METHODS`, which makes the sampler of a sweep."""


def sampler_of(sweep: Sweep, trainer: Trainer) -> SearchSampler:
    """Make the sampler of a searched sweep.

    Raises:
        NnsweepError: the method needs a package that is not installed.
    """
    assert sweep.search is not None
    return SAMPLERS[sweep.search.method](sweep, trainer)


def sketch_of(sweep: Sweep, trainer: Trainer) -> SearchSampler:
    """Make a sampler for a plan, which draws no more configurations than somebody asks for."""
    assert sweep.search is not None
    make = STOPPING_SAMPLERS.get(sweep.search.method)
    return sampler_of(sweep, trainer) if make is None else make(sweep, trainer, sketch)


def drawn_trials(sweep: Sweep, trainer: Trainer, count: int) -> Grid:
    """Draw about so many trials of a searched sweep at random, for an estimate of what others like them cost."""
    space = Configurations(sweep, trainer)
    size = max(1, len(space.seeds))
    return space.trials(space.rows(dict.fromkeys(Random(space, DRAWN).ask(-(-count // size)))))
