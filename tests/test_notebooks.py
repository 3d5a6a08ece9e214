"""The notebooks run, on the public interface, say what they said when they were committed, and their prose holds."""

import re
from itertools import pairwise

import pytest

from tests.helpers import PROJECT

nbformat = pytest.importorskip("nbformat", reason='needs pip install -e ".[notebooks]"')
NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))


def read(path):
    return nbformat.read(path, as_version=4)


def said(cell):
    """What a cell put out: its texts, and which kinds of pictures."""
    texts = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        texts += [output.get("text", ""), data.get("text/html", data.get("text/plain", ""))]
        texts += [kind for kind in data if kind.startswith("image/")]
    return "\n".join(texts)


LONG = {"forum_answer", "three_questions"}
"""Notebooks that train for a third of a minute."""


@pytest.mark.parametrize(
    "path", [pytest.param(path, marks=[pytest.mark.slow] * (path.stem in LONG), id=path.stem) for path in NOTEBOOKS]
)
def test_a_notebook_says_what_it_said(path, tmp_path):
    committed = read(path)
    code = [cell for cell in committed.cells if cell.cell_type == "code"]
    if any("sklearn" in cell.source for cell in code):
        pytest.importorskip("sklearn", reason='needs pip install "nnsweep[digits]"')
    found = execute(path, tmp_path)
    again = [cell for cell in found.cells if cell.cell_type == "code"]
    assert [said(cell) for cell in again] == [said(cell) for cell in code]
    assert found.metadata == committed.metadata


def execute(path, folder):
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("execute", PROJECT / "notebooks" / "execute.py")
    script = module_from_spec(spec)
    spec.loader.exec_module(script)
    return script.execute(path, folder)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_number_in_the_prose_was_put_out(path):
    cells = read(path).cells
    shown = " ".join(re.sub(r"<[^>]+>", " ", said(cell)) + cell.source for cell in cells if cell.cell_type == "code")
    for cell in cells:
        if cell.cell_type == "markdown":
            prose = re.sub(r"`[^`]*`|^#+ \d+\.", "", cell.source, flags=re.MULTILINE)
            missing = set(numbers(prose)) - set(numbers(shown))
            missing |= {each for each in re.findall(r"[+-]\d+ to [+-]\d+", prose) if each not in shown}
            assert not missing, f"{missing} in: {cell.source}"


def numbers(text):
    return [float(number.replace(",", "")) for number in re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?", text)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_small_and_names_no_machine(path):
    text = path.read_text(encoding="utf-8")
    assert len(text) < 300_000
    assert not re.search(r"/home/|/Users/|/tmp|/root|localhost", text)
    cells = read(path).cells
    counts = [cell.execution_count for cell in cells if cell.cell_type == "code"]
    assert all(after == before + 1 for before, after in pairwise([0, *counts])), "executed in order"
    for cell in cells:
        if "import" in cell.source and cell.cell_type == "code":
            assert not re.search(r"(from|import) nnsweep\.", cell.source), "the public interface alone"
