"""The notebooks run, on the public interface, and say what they said when they were committed."""

import json
import shutil

import pytest

from tests.helpers import PROJECT

NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(notebook, tmp_path, monkeypatch, capsys):
    shutil.copytree(PROJECT / "sweeps", tmp_path / "sweeps")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    names = {}
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        assert cell["outputs"], "committed with its output"
        exec(compile("".join(cell["source"]), notebook.name, "exec"), names)
        said = capsys.readouterr().out.splitlines()
        committed = [line for out in cell["outputs"] if out["output_type"] == "stream" for line in out["text"]]
        # The first line tells times, the last a folder.
        assert said[1:-1] == "".join(committed).splitlines()[1:-1]
