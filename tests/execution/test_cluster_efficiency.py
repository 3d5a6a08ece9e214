"""A cluster is kept busy: the scheduling is real, the workers and their time are simulated."""

import sys

import pytest

from tests.helpers import PROJECT, slow


@pytest.fixture
def benchmark(monkeypatch):
    monkeypatch.syspath_prepend(str(PROJECT / "benchmarks"))
    import cluster

    yield cluster
    sys.modules.pop("cluster")


@pytest.mark.parametrize(("trials", "workers"), [(2_000, 5), slow(50_000, 50)])
def test_a_cluster_works_nine_tenths_of_the_time(benchmark, trials, workers):
    done = benchmark.simulate(trials, workers)
    used = trials * benchmark.TRAINING / (workers * done.now)
    print(
        f"{trials:,} trials on {workers} workers: {done.stacks} stacks, {done.now:.0f} s, {used:.1%} of it in training"
    )
    assert 0.9 < used < 1.0
    assert done.stacks < 50_000
