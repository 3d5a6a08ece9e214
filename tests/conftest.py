"""What tests of several rooms share."""

import signal
from pathlib import Path

import numpy as np
import pytest

from nnsweep.data.places import look_beside
from tests.helpers import SMALL

# A shell that starts the tests in the background has them ignore Ctrl-C, and the programs that they start, too.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def beside():
    """Look for no file beside the sweep file of the test before."""
    look_beside("")


@pytest.fixture(scope="session")
def oracle():
    """Twenty trials of the forum's network, computed independently of the project."""
    with np.load(Path(__file__).parent / "data" / "forum_oracle.npz") as file:
        return dict(file)


@pytest.fixture
def grid(tmp_path, monkeypatch):
    """A small sweep file, alone in the working directory."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "grid.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path
