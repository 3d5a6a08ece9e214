"""End a process when the one that started it ends."""

from __future__ import annotations

import os
import signal
import sys


def end_with_parent(parent: int) -> None:
    """End when the process `parent`, which started this one, ends, and ignore Ctrl-C, which that one answers."""
    if sys.platform == "linux":
        import ctypes

        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.getppid() != parent:  # it may have ended before Linux was asked, and other systems cannot be asked
        os._exit(1)
