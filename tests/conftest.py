"""What tests of several rooms share."""

from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def oracle():
    """Twenty trials of the forum's network, computed independently of the project."""
    with np.load(Path(__file__).parent / "data" / "forum_oracle.npz") as file:
        return dict(file)
