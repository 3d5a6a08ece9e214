"""How many threads the libraries of linear algebra use."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


def libraries() -> ThreadpoolController:
    """Find the loaded libraries that use threads. It is slow, so it is done again only after more imports."""
    from threadpoolctl import ThreadpoolController

    return _found(ThreadpoolController, len(sys.modules))


@lru_cache(maxsize=1)
def _found(controller: type[ThreadpoolController], modules: int) -> ThreadpoolController:
    return controller()
