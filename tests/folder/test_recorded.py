"""resolved.json and env.json of others: a line, and the default."""

from __future__ import annotations

import json
import os

import pytest

from nnsweep.errors import StoreError
from nnsweep.folder.paths import Folder
from nnsweep.folder.recorded import Environment, read_environment
from tests.helpers import PROJECT, SWEEPS, call

DEFAULT = "the axes of tables and the formats of figures are the default ones"


@pytest.fixture
def small(small):
    return Folder(small.parent / "results" / "small")


@pytest.mark.parametrize(
    ("report", "said"),
    [
        ({"formats": ["../../outside"]}, "Input should be 'png', 'svg' or 'pdf' at `report.formats.0`"),
        ({"formats": []}, "List should have at least 1 item after validation, not 0 at `report.formats`"),
        ({"formats": "png"}, "Input should be a valid array at `report.formats`"),
        ([], "Input should be an object at `report`"),
        ({"rows": "beta"}, "`report` names no axes of the sweep, or one twice"),
        ({"rows": "alpha", "panels": "learning_rate"}, "`report` names no axes of the sweep, or one twice"),
    ],
)
def test_a_report_that_is_none(small, capsys, report, said):
    found = json.loads(small.resolved.read_text(encoding="utf-8"))
    small.resolved.write_text(json.dumps(found | {"report": report}), encoding="utf-8")
    before = {path for path in small.root.parent.parent.rglob("*") if "figures" not in path.parts}
    told = f"warning: results/small/resolved.json: not as nnsweep writes it: {said}; {DEFAULT}\n"
    assert call(capsys, "figure", "distribution", "small") == (
        0, "written: results/small/figures/distribution.png\n", told,
    )  # fmt: skip
    assert {path for path in small.root.parent.parent.rglob("*") if "figures" not in path.parts} == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "not as nnsweep writes it: Input should be an object"),
        ("{", "not as nnsweep writes it: Invalid JSON: EOF while parsing an object at line 1 column 1"),
        ('{"seconds": 1e999}', "not as nnsweep writes it: Input should be a finite number at `seconds`"),
        ('{"git": {"untracked": 7}}', "not as nnsweep writes it: Input should be a valid array at `git.untracked`"),
        ("[" + "{}," * 300_000 + "{}]", "found more than 262,144 lists and tables; allowed: at most 262,144"),
        ("x" * (2**24 + 1), "found more than 16,777,216 bytes; allowed: at most 16,777,216 bytes"),
    ],
)
def test_an_environment_that_is_none(small, text, said):
    small.environment.write_text(text, encoding="utf-8")
    with pytest.raises(StoreError) as refused:
        read_environment(small)
    assert str(refused.value) == f"{small.environment}: {said}"


def test_a_run_says_that_it_cannot_read_the_environment(small, capsys):
    small.environment.write_text("[]", encoding="utf-8")
    code, out, err = call(capsys, "grid.toml")
    assert (code, err) == (0, "")
    said = "not as nnsweep writes it: Input should be an object; the report does not say where the sweep ran"
    assert f"results/small/env.json: {said}\n" in out


@pytest.mark.skipif(os.name != "posix", reason="named pipes")
def test_named_pipes_are_not_waited_for(small, capsys):
    for name in ("resolved.json", "env.json", "manifest.json", ".lock", "grid.toml", "report.html"):
        path = small.root / name
        path.unlink(missing_ok=True)
        os.mkfifo(path)
    assert call(capsys, "ls")[::2] == (0, "")
    assert call(capsys, "export", "small")[2] == (
        f"warning: results/small/resolved.json: found a named pipe; allowed: a file; {DEFAULT}\n"
    )
    assert call(capsys, "small") == (2, "", "Error: results/small/.lock: found a named pipe; allowed: a file\n")
    (small.root / ".lock").unlink()
    assert call(capsys, "small") == (2, "", "Error: results/small/grid.toml: found a named pipe; allowed: a file\n")


@pytest.mark.parametrize("name", ["tables", "figures"])
def test_nothing_is_written_through_a_link(small, capsys, tmp_path, name):
    outside = tmp_path / "outside"
    outside.mkdir()
    for path in (small.root / name).iterdir():
        path.unlink()
    (small.root / name).rmdir()
    (small.root / name).symlink_to(outside)
    told = f"Error: results/small/{name}: found a link; allowed: a folder, because nothing is written elsewhere\n"
    for verb in (["small"], ["best", "small"], ["figure", "rates", "small"], ["diagnose", "small"]):
        code, _, err = call(capsys, *verb)
        assert (code, err) in ((2, told), (0, "")), verb
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("name", sorted(path.stem for path in SWEEPS.glob("*.toml")))
def test_what_nnsweep_wrote_is_read(name):
    folder = Folder(PROJECT / "results" / name)
    if folder.environment.exists():
        found = json.loads(folder.environment.read_text(encoding="utf-8"))
        read = read_environment(folder)
        assert {key: found[key] for key in Environment.model_fields if found.get(key) is not None}.keys() == read.keys()
