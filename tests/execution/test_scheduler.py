"""Which cluster trains: what an option, Python and a sweep file may say of it."""

from __future__ import annotations

import pytest

import nnsweep
from nnsweep import sweepfile
from nnsweep.errors import SpecError
from nnsweep.execution.options import Options
from nnsweep.trainers import load
from nnsweep.trials.expand import expand
from tests.helpers import SMALL, call

ALLOWED = "`tcp://host:port`, the path of a scheduler file (`.json`), or `local:4`, which starts 4 workers here"


def in_file(scheduler):
    return f'{SMALL}\n[run]\nscheduler = "{scheduler}"\n'


@pytest.mark.parametrize("scheduler", ["local", "local:4", "tcp://host:8786", "tls://10.0.0.1:1", "a/s.json"])
def test_what_names_a_cluster(scheduler):
    assert Options(scheduler=scheduler).scheduler == scheduler
    assert sweepfile.loads(in_file(scheduler)).run.scheduler == scheduler


@pytest.mark.parametrize("scheduler", ["", "host", "host:8786", "local:0", "local:x", "tcp://", "tcp://a b"])
def test_what_names_none(scheduler):
    with pytest.raises(SpecError) as caught:
        Options(scheduler=scheduler)
    assert str(caught.value) == f"`scheduler`: found {scheduler!r}; allowed: {ALLOWED}"
    with pytest.raises(SpecError) as caught:
        sweepfile.loads(in_file(scheduler))
    assert str(caught.value) == f'grid.toml:20:1: `scheduler` in [run]: found "{scheduler}"; allowed: {ALLOWED}'


def test_ids_do_not_depend_on_it():
    trainer = load("mlp")
    texts = SMALL, in_file("local:4")
    here, there = ([trial.id for trial in expand(sweepfile.loads(text), trainer)] for text in texts)
    assert here == there


def test_a_cluster_and_a_number_of_workers_exclude_each_other():
    with pytest.raises(SpecError) as caught:
        Options(jobs=2, scheduler="local:2")
    said = "`jobs`: found 2 and a scheduler; allowed: one of them, for a cluster has its workers"
    assert str(caught.value) == said


def test_options_go_before_the_file():
    run = sweepfile.loads(in_file("local:4")).run
    assert Options().of_sweep(run).scheduler == "local:4"
    assert Options(scheduler="local:2").of_sweep(run).scheduler == "local:2"
    assert Options(jobs=2).of_sweep(run).scheduler is None


def test_a_missing_package_is_named(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("nnsweep.execution.backends.dask.is_installed", lambda: False)
    (tmp_path / "grid.toml").write_text(SMALL, encoding="utf-8")
    said = "a scheduler needs Dask, which is not installed; pip install 'nnsweep[dask]'"
    code, out, err = call(capsys, "grid.toml", "--no-figures", "--scheduler", "tcp://127.0.0.1:1")
    assert (code, out, err) == (2, "", f"Error: {said}\n")


def test_no_trial_needs_no_cluster(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "grid.toml").write_text(SMALL, encoding="utf-8")
    assert nnsweep.run("grid.toml", jobs=1, figures=False).trained == 48
    assert nnsweep.run("grid.toml", scheduler="tcp://127.0.0.1:1", figures=False).trained == 0
