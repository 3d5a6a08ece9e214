"""What tests of several rooms share."""

import compileall
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import seaborn  # noqa: F401 - so that figures are drawn in this process, as where any have been drawn
from hypothesis import HealthCheck, settings

import nnsweep
from nnsweep.data import trust
from nnsweep.data.places import look_beside
from nnsweep.execution import progress
from nnsweep.report import missing_figures
from nnsweep.trainers import load, plugins
from tests.helpers import FILES, PROJECT, SMALL
from tests.helpers.user_modules import UserModules

collect_ignore = ["helpers/new_entries.py"]
"""Importing it, as a search for doctests does, adds to the tables that all tests share."""

HELPERS = Path(__file__).parent / "helpers"

# How long examples take, and to draw them, is no property of the code: the machine may be busy. Fixtures are those of
# all examples.
UNCHECKED = HealthCheck.too_slow, HealthCheck.function_scoped_fixture
settings.register_profile("many", deadline=None, suppress_health_check=UNCHECKED)  # a hundred
settings.register_profile("few", settings.get_profile("many"), max_examples=30)
settings.load_profile("few")  # unless the command line says --hypothesis-profile=many

# Nor is how far a run is after some seconds: no line tells it, unless a test is of these lines.
progress.SECONDS_BETWEEN_LINES = missing_figures.BETWEEN_LINES = 1e6

# A shell that starts the tests in the background has them ignore Ctrl-C, and the programs that they start, too.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile what the programs that tests start import: where Python writes no bytecode, each would do so again."""
    if not hasattr(session.config, "workerinput"):  # the workers of pytest-xdist start after this
        for folder in (PROJECT / "nnsweep", HELPERS):
            compileall.compile_dir(folder, quiet=2)


@pytest.fixture(autouse=True)
def beside():
    """Look for no file beside the sweep file of the test before, and let in any code, as Python does.

    Trainers that tests define have not changed since: each sweep that is read would read them again.
    """
    look_beside("")
    for name in [name for name in plugins._sources if name.startswith("tests.")]:
        del plugins._sources[name]
    trust.limit(False)
    trust._named.clear()


@pytest.fixture(scope="session")
def oracle():
    """Twenty trials of the forum's network, computed independently of the project."""
    with np.load(FILES / "forum_oracle.npz") as file:
        return dict(file)


@pytest.fixture
def grid(tmp_path, monkeypatch):
    """A small sweep file, alone in the working directory."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "grid.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def ran_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small sweep's file, and the results of its run without figures: for tests to copy."""
    folder = tmp_path_factory.mktemp("ran")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("grid.toml").write_text(SMALL, encoding="utf-8")
        nnsweep.run("grid.toml", figures=False)
    return folder


@pytest.fixture
def small(ran_once: Path, grid: Path) -> Path:
    """The file of the small sweep, in the working directory, where it ran without figures."""
    shutil.copytree(ran_once, grid.parent, dirs_exist_ok=True)
    return grid


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[UserModules]:
    """Write modules into the working directory; what is imported of them is forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    modules = UserModules(tmp_path)
    yield modules
    modules.forget()


@pytest.fixture
def started(monkeypatch):
    """The epochs of the trainings that were started, and not continued."""
    trainer, found = load("mlp"), []
    start = trainer.start
    monkeypatch.setattr(trainer, "start", lambda stack: found.extend(each["epochs"] for each in stack) or start(stack))
    return found
