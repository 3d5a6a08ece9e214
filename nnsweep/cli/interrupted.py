"""What is said after Ctrl-C: what a verb has done by then stays, where it does its work piece by piece."""

from __future__ import annotations

from collections.abc import Sequence

from nnsweep.cli.group import VERBS

INFORMING = "--help", "-h", "--version"
GO_ON = "run the same command to go on"
KEPT = {
    "run": "What was trained is stored",
    "retry": "What was trained is stored",
    "settle": "What was trained is stored",
    "best": "What was trained is stored",
    "merge": "What was merged is stored",
    "import": "What was imported is stored",
    "rm": "What was removed is gone",
    "gc": "What was removed is gone",
}
"""By verb. The others leave nothing behind that another call would go on from."""


def what_is_kept(args: Sequence[str]) -> str:
    """Say what the command that was interrupted leaves behind."""
    first = args[0] if args else "--help"
    verb = first if first in (*VERBS, *INFORMING) else "run"
    kept = KEPT.get(verb, "")
    if verb == "export" and any(word == "--to" or word.startswith("--to=") for word in args):
        kept = "What was exported stays there"
    if verb == "best" and not any(word.startswith("--confirm") for word in args):
        kept = ""
    return f"Interrupted. {kept}; {GO_ON}." if kept else "Interrupted."
