"""Which code a sweep may name: found before it is imported, and refused with a line."""

import sys
from pathlib import Path

import pytest

import nnsweep
from nnsweep.data import trust
from nnsweep.data.trust import check_function, check_module
from nnsweep.errors import NnsweepError
from nnsweep.sweepfile.outline import outline
from tests.helpers import call

CODE = "from pathlib import Path\nPath('ran').touch()\ndef train(alpha=1.0, seed=0): return {'loss': alpha}\n"
GRID = 'name = "x"\ntrainer = "TRAINER"\n[axes]\nalpha = [1.0, 2.0]\nseed = { count = 3 }\n'


@pytest.fixture
def places(tmp_path, monkeypatch):
    """A folder of sweeps, a working directory and a folder elsewhere, which Python's path names."""
    for name in ("sweeps", "work", "elsewhere"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "elsewhere")])
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("file", "trainer"),
    [
        ("sweeps/trust_beside.py", "trust_beside:train"),
        ("sweeps/trust_below/mine.py", "trust_below.mine:train"),
        ("sweeps/exp/trust_named.py", "exp/trust_named.py:train"),
        ("work/trust_here.py", "trust_here:train"),
    ],
)
def test_code_beside_the_sweep_and_in_the_working_directory_is_imported(capsys, places, file, trainer):
    write(places / file, CODE)
    grid = write(places / "sweeps" / "grid.toml", GRID.replace("TRAINER", trainer))
    code, out, err = call(capsys, "plan", grid)
    assert (code, out.splitlines()[0], err) == (0, "x: 6 trials: 6 new, 0 stored", "")
    assert Path("ran").exists()


@pytest.mark.parametrize(
    ("file", "trainer"),
    [
        ("trust_path.py", "trust_path:train"),
        ("trust_package/__init__.py", "trust_package:train"),
        ("trust_space/mine.py", "trust_space.mine:train"),
        ("trust_file.py", "../elsewhere/trust_file.py:train"),
    ],
)
def test_code_from_elsewhere_asks_for_trust_before_it_is_imported(capsys, places, file, trainer):
    found = write(places / "elsewhere" / file, CODE)
    place = found.parent if file == "trust_space/mine.py" else found
    grid = write(places / "sweeps" / "grid.toml", GRID.replace("TRAINER", trainer))
    assert call(capsys, "plan", grid) == (
        2,
        "",
        f"Error: {grid}:2:1: trainer `{trainer}`: would be imported from {place}, outside the sweep file's folder, the "
        "working directory and the installed packages; if you trust it, add --trust\n",
    )
    assert not Path("ran").exists()
    assert call(capsys, "plan", grid, "--trust")[0] == 0
    assert Path("ran").exists()
    assert call(capsys, "run", grid, "--no-figures", "--trust")[0] == 0


def test_a_link_beside_the_sweep_leads_elsewhere(capsys, places):
    (places / "sweeps" / "trust_link.py").symlink_to(write(places / "elsewhere" / "trust_target.py", CODE))
    grid = write(places / "sweeps" / "grid.toml", GRID.replace("TRAINER", "trust_link:train"))
    code, _, err = call(capsys, "plan", grid)
    assert (code, err.count("if you trust it, add --trust")) == (2, 1)
    assert not Path("ran").exists()


def test_python_does_not_ask(places):
    write(places / "elsewhere" / "trust_python.py", CODE)
    grid = write(places / "sweeps" / "grid.toml", GRID.replace("TRAINER", "trust_python:train"))
    assert nnsweep.load(grid).trainer == "trust_python:train"


def test_a_trainer_that_the_user_names_is_trusted(places):
    write(places / "elsewhere" / "trust_told.py", CODE)
    trust.limit()
    with pytest.raises(NnsweepError, match=r"^would be imported from .*; if you trust it, add --trust$"):
        check_module("trust_told:train", "trust_told", [])
    trust.let_in("trust_told:train")
    check_module("trust_told:train", "trust_told", [])


def test_what_is_installed_is_trusted(tmp_path, monkeypatch):
    copy = tmp_path / "copy"
    copy.mkdir()
    (tmp_path / "x.pth").write_text(f"import os\n# a comment\n{copy}\n{tmp_path / 'gone'}\n")
    assert trust._working_copies(str(tmp_path)) == [str(copy)]
    trust.limit()
    check_module("numpy:sin", "numpy", [])


@pytest.mark.parametrize("module", ["os", "time", "subprocess", "builtins", "json.decoder", "importlib"])
def test_the_standard_library_has_no_trainers(module):
    message = f"{module.partition('.')[0]} is of Python's standard library; allowed: a module of yours or of a package"
    with pytest.raises(NnsweepError) as caught:
        check_module(f"{module}:x", module, ["/"])
    assert str(caught.value) == message


def test_a_function_of_the_standard_library_has_none_under_another_name(capsys, places):
    write(places / "work" / "trust_alias.py", "from os import getcwd as train\nfrom os import getpid as rings\n")
    grid = write(places / "work" / "grid.toml", GRID.replace("TRAINER", "trust_alias:train"))
    instead = "is of Python's standard library; allowed: a function of yours"
    said = f"Error: {grid}:2:1: trainer `trust_alias:train`: `posix.getcwd` {instead}\n"
    assert call(capsys, "plan", grid) == (2, "", said)
    grid.write_text('name = "x"\n[fixed]\ndata = "trust_alias:rings"\n')
    assert call(capsys, "plan", grid) == (2, "", f"Error: {grid}:3:1: trust_alias:rings: `posix.getpid` {instead}\n")


def test_other_functions_are_let_in():
    class Trainer:
        def __call__(self, alpha: float = 1.0) -> None: ...

    for found in (Trainer(), Trainer().__call__, test_other_functions_are_let_in, nnsweep.run, lambda: None):
        check_function(found)


def test_an_outline_imports_nothing(capsys, places):
    write(places / "work" / "trust_sly.py", CODE)
    own = write(places / "work" / "own.toml", GRID.replace("TRAINER", "trust_sly:train"))
    data = write(places / "work" / "data.toml", 'name = "y"\n[axes]\ndata = ["xor", "trust_sly:rings"]\n')
    unknown = "whether its parameters fit and which trials are stored is not known without it"
    said = f"x: 6 trials\nnot imported: trainer `trust_sly:train`; {unknown}\n"
    assert call(capsys, "plan", own, "--no-code") == (0, said, "")
    said = f"y: 2 trials\nnot imported: data `trust_sly:rings`; {unknown}\n"
    assert call(capsys, "plan", data, "--no-code") == (0, said, "")
    code, out, _ = call(capsys, "plan", own, "--no-code", "--json", "--set", "gamma=1,2")
    assert (code, outline(own, ["gamma=1,2"]).to_json()["trials"]) == (0, 12)
    assert '"not_imported": [\n    "trainer `trust_sly:train`"\n  ]' in out
    assert call(capsys, "schema", "trust_sly:train", "--no-code")[0] == 0
    assert not Path("ran").exists()
    assert "trust_sly" not in sys.modules


def test_code_that_an_option_names_is_not_imported_either(capsys, places):
    write(places / "work" / "trust_option.py", CODE)
    grid = write(places / "work" / "grid.toml", 'name = "x"\n[axes]\nalpha = [0.1]\n')
    code, out, err = call(capsys, "plan", grid, "--no-code", "--set", "data=trust_option:rings")
    assert (code, out.splitlines()[1].partition(";")[0], err) == (0, "not imported: data `trust_option:rings`", "")
    assert not Path("ran").exists()


def test_a_plan_without_code_is_whole_where_there_is_none(capsys, places):
    grid = write(places / "work" / "grid.toml", 'name = "x"\n[axes]\nseed = { count = 2 }\n')
    assert call(capsys, "plan", grid, "--no-code") == call(capsys, "plan", grid)
    grid.write_text('name = "x"\n[axes]\nalfa = [0.1]\n')
    code, _, err = call(capsys, "plan", grid, "--no-code")
    assert (code, err.split("; ")[0]) == (2, f"Error: {grid}:3:1: unknown parameter `alfa` in [axes]")


def test_recommended_commands_trust_what_was_trusted(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("raises.py").write_text("def train(alpha=1.0, seed=0): raise ValueError\n", encoding="utf-8")
    Path("grid.toml").write_text(GRID.replace("TRAINER", "raises:train"), encoding="utf-8")
    for options, trusting in ((["--trust"], " --trust"), ([], "")):
        code, said, _ = call(capsys, "run", "grid.toml", "--no-figures", "--jobs", "1", *options)
        assert code == 1
        assert said.splitlines()[-2:] == [
            f"to see what failed: nnsweep show grid.toml --failed{trusting}",
            f"to train again what failed: nnsweep retry grid.toml{trusting}",
        ]
