"""Every store of artifacts keeps the same promises: see `ArtifactStore`."""

from pathlib import Path

import pytest

import nnsweep
from nnsweep.errors import NnsweepError, StoreError
from nnsweep.folder.artifacts import ArtifactStore, FolderArtifacts, SavedArtifacts
from nnsweep.folder.paths import Folder
from tests.helpers import call

MOST = "at most 100 in a part and 8 parts"
STORES = {
    "in a folder": lambda path: FolderArtifacts(path / "kept"),
    "by content": lambda path: SavedArtifacts(Folder(path)),
}


@pytest.fixture(params=STORES)
def artifacts(request, tmp_path) -> ArtifactStore:
    return STORES[request.param](tmp_path)


def text(content):
    return lambda path: path.write_text(content, encoding="utf-8")


def test_what_is_put_is_listed_and_got(artifacts):
    assert artifacts.list("0a1b") == []
    artifacts.put("0a1b", "weights.npz", text("weights"))
    path = artifacts.put("0a1b", "log.txt", text("log"))
    artifacts.put("0a1b2", "other.txt", text("of another trial"))
    assert artifacts.list("0a1b") == ["log.txt", "weights.npz"]
    assert artifacts.get("0a1b", "log.txt") == path
    assert path.read_text(encoding="utf-8") == "log"


def test_what_is_put_again_replaces_it(artifacts):
    artifacts.put("0a1b", "log.txt", text("first"))
    assert artifacts.put("0a1b", "log.txt", text("second")).read_text(encoding="utf-8") == "second"


def test_what_cannot_be_made_leaves_what_was_there(artifacts):
    kept = artifacts.put("0a1b", "log.txt", text("first"))

    def write_half(path):
        path.write_text("sec", encoding="utf-8")
        raise OSError(28, "No space left on device")

    with pytest.raises(StoreError, match="No space left on device"):
        artifacts.put("0a1b", "log.txt", write_half)
    assert kept.read_text(encoding="utf-8") == "first"
    assert artifacts.list("0a1b") == ["log.txt"]


@pytest.mark.parametrize("name", ["", "../log", "a//b", "a\\b", ".hidden", "nul\0", "x" * 101, "-rf"])
def test_no_name_leaves_the_folder(artifacts, name):
    for ask in (lambda: artifacts.put("0a1b", name, text("")), lambda: artifacts.get("0a1b", name)):
        with pytest.raises(NnsweepError) as caught:
            ask()
        named, shown = "letters, digits, `.`, `_` and `-`", name.replace("\0", "\\x00")
        assert str(caught.value) in (
            f"file `{shown}` of trial 0a1b: allowed: {named}, at most 100",
            f"a file is saved under the name `{shown}`; allowed: {named}, and `/` between folders; {MOST}",
        )


def test_what_is_not_there_is_told(artifacts):
    artifacts.put("0a1b", "log.txt", text("log"))
    with pytest.raises(NnsweepError) as caught:
        artifacts.get("0a1b", "weights.npz")
    assert str(caught.value) == "trial 0a1b has no file `weights.npz`; allowed: log.txt"


def test_the_files_of_a_trial_are_found_from_python(grid, capsys):
    trial = nnsweep.run(grid, "results", figures=False)._trials[0]
    assert call(capsys, "replay", trial.id, "--trace")[0] == 0
    files = nnsweep.open("small").trial(trial.id).files
    assert files == {kind: Path("results/small/traces") / f"{trial.id}.{kind}" for kind in ("csv", "png")}
