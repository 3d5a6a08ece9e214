"""Names that look like options: the commands that are printed work as they stand."""

import re
import shlex

import pytest

from tests.helpers import SMALL, call

NAME = "-rf"


@pytest.fixture
def ran(tmp_path, module, capsys):
    """Run a sweep of that name, of which a trial fails; return what was printed."""
    module("def train(alpha=0.1, seed=0):\n    return {'error': 1 / (alpha - seed)}\n", "option_like.py")
    grid = f'name = "{NAME}"\ntrainer = "option_like:train"\n[axes]\nalpha = [1, 2]\nseed = [1, 2, 3]\n'
    (tmp_path / "-grid.toml").write_text(grid, encoding="utf-8")
    return call(capsys, "run", "--jobs", "1", "--no-figures", "--", "-grid.toml")[1]


def commands(printed: str) -> list[list[str]]:
    """List the commands in a text, each to the end of its line or to a bracket."""
    return [shlex.split(found) for found in re.findall(r"nnsweep ([^()\n]*)", printed)]


def test_every_printed_command_works(ran, capsys):
    found = commands(ran)
    assert [words[0] for words in found] == ["best", "show", "retry"]
    assert found[0][1] == "results/-rf"
    assert found[1][1:] == ["./-grid.toml", "--failed"]
    for words in found:
        assert call(capsys, *words)[0] in (0, 1), words


def test_of_a_stored_name_too(ran, capsys):
    said = call(capsys, "retry", "--jobs", "1", "--no-figures", "--trainer", "option_like:train", "--", NAME)[1]
    found = commands(said)
    assert found[-1] == ["show", "results/-rf", "--failed", "--trainer", "option_like:train"]
    assert call(capsys, *found[-1])[0] == 0
    said = call(capsys, "diagnose", "--no-figures", "--", NAME)[1]
    for words in commands(said):
        assert call(capsys, *words)[0] == 0, words


def test_a_page_names_the_folder(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "grid.toml").write_text(SMALL.replace('"small"', f'"{NAME}"'), encoding="utf-8")
    assert call(capsys, "grid.toml", "--quiet")[0] == 0
    page = (tmp_path / "results" / NAME / "report.html").read_text(encoding="utf-8")
    assert f"nnsweep diagnose {NAME}" not in page
    assert f"nnsweep diagnose results/{NAME}" in page
    assert f"nnsweep compare results/{NAME} --on hidden=2,4" in page


def test_a_results_folder_whose_name_is_too_long(grid, capsys):
    long = "a" * 300
    assert call(capsys, "grid.toml", "--results", long) == (
        2,
        "",
        f"Error: {long}/small: cannot be written: File name too long\n",
    )
