"""How many threads the libraries of linear algebra use."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


def libraries() -> ThreadpoolController:
    """Find the loaded libraries that use threads. It is slow, so it is done again only after more imports."""
    from threadpoolctl import ThreadpoolController

    return _found(ThreadpoolController, len(sys.modules))


def one_thread() -> AbstractContextManager[object]:
    """Let these libraries use one thread: for small arrays, several mostly wait, and may give a sum other last bits."""
    return libraries().limit(limits=1)


@lru_cache(maxsize=1)
def _found(controller: type[ThreadpoolController], modules: int) -> ThreadpoolController:
    return controller()
