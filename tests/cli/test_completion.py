"""The shell completes verbs and options, as the README tells; each verb of the store has a help with an example."""

import os
import re
import subprocess
import sys

import pytest

from tests.helpers import PROJECT, call

PROGRAM = [sys.executable, "-c", "from nnsweep.cli import main; main()"]


def ask(**variables: str) -> str:
    environment = {**os.environ, **variables}
    return subprocess.run(PROGRAM, env=environment, capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_readme_has_a_line_for_each_shell(shell):
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    (line,) = re.findall(rf"^{shell} +.*_NNSWEEP_COMPLETE=({shell}_source) nnsweep", readme, re.M)
    assert "_NNSWEEP_COMPLETE" in ask(_NNSWEEP_COMPLETE=line)


@pytest.mark.parametrize(
    ("words", "at", "expected"),
    [("nnsweep e", "1", "plain,export\n"), ("nnsweep ls --ver", "2", "plain,--verify\n")],
)
def test_words_are_completed(words, at, expected):
    assert ask(_NNSWEEP_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=at) == expected


@pytest.mark.parametrize("verb", ["ls", "export", "plan", "show", "best", "history", "note", "tag", "rm", "gc"])
def test_help_has_an_example(capsys, verb):
    code, out, err = call(capsys, verb, "--help")
    assert (code, err) == (0, "")
    assert f"  Example:\n    nnsweep {verb} " in out
