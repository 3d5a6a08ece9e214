"""The memory layouts of networks, for tests that hold in both."""

import pytest

from nnsweep.nn.engine import rows

FROM_NOUGHT_TO_ALL = {"rows": 10**9, "matrices": 0}


@pytest.fixture(params=FROM_NOUGHT_TO_ALL)
def layout(request, monkeypatch):
    """Lay networks of any size out this way, if it can be: what mixes units or samples is never in rows."""
    monkeypatch.setattr(rows, "ROWS_UP_TO", FROM_NOUGHT_TO_ALL[request.param])
    return request.param
