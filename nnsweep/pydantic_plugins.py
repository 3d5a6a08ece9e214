"""Load pydantic's plug-ins for users' code alone: to find them, pydantic reads a file of every installed package."""

import os

VARIABLE = "PYDANTIC_DISABLE_PLUGINS"
ALL = "__all__"

_left_out: list[str] = []


def leave_out() -> None:
    """Have pydantic load no plug-ins for our own models, unless the user has set which ones it loads."""
    if VARIABLE not in os.environ:
        os.environ[VARIABLE] = ALL
        _left_out.append(ALL)


def load_again() -> None:
    """Have pydantic load its plug-ins from now on, as users' code may need them."""
    if _left_out and os.environ.get(VARIABLE) == _left_out.pop():
        del os.environ[VARIABLE]
