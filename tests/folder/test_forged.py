"""Forged results folders, and every verb: a line each, nothing imported, nothing written outside of the folder."""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.helpers import SMALL
from tests.helpers.forge import Forger
from tests.helpers.forked import Done, call

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="measures processes as Linux does")
SECONDS, MEGABYTES = 5.0, 500.0
"""What a call may take of the processor, and of memory."""
VERBS = """
ls
ls --verify
ls --json
export small
export small --columns id,alpha,train_size,seconds,failure
export small --format json
export small --where hidden=4
show small
show small --failed
show small alpha=0.01 epochs=1 hidden=2 seed=0
show small hidden=2 alpha=0.01 epochs=1 --json
replay {id}
replay {id} --check
replay small {id}
replay {id} --trace
figure rates small
figure medians small
figure distribution small
figure marginal small
figure boundary {id}
figure trace small {id}
best small
best small --metric error --json
compare small --on hidden=2,4
compare small other
diagnose small
diagnose small --where hidden=4 --json
plan small
plan grid.toml
plan other.toml
plan grid.toml --on hidden=2,4
run small --jobs 1
run grid.toml --jobs 1
run grid.toml --no-figures --jobs 1
run small --jobs 1 --set seed={count=5}
run grid.toml --fresh --jobs 1 --no-figures
run other.toml --jobs 1 --no-figures
retry small --jobs 1
retry grid.toml --status ok --where hidden=2 --jobs 1 --no-figures
accept small
check-gradients small
settle small --on hidden=2,4 --max-seeds 5 --jobs 1
show grid.toml alpha=0.01 epochs=1 hidden=2 seed=0
export grid.toml
best grid.toml
"""
TRAINER = """
from pathlib import Path

Path("imported").touch()


def train(alpha=0.1, seed=0):
    return {"error": alpha + seed}
"""


class Place:
    """A working directory with two sweeps that were run, of which one is forged for each try."""

    def __init__(self, root: Path) -> None:
        self.root, self.sound = root / "here", root / "sound"
        self.root.mkdir()
        (self.root / "grid.toml").write_text(SMALL, encoding="utf-8")
        other = SMALL.replace('"small"', '"other"').replace("seed = { count = 4 }", "seed = { count = 5 }")
        (self.root / "other.toml").write_text(other, encoding="utf-8")
        (self.root / "own_trainer.py").write_text(TRAINER, encoding="utf-8")
        outside = self.root / "outside"
        (outside / "folder").mkdir(parents=True)
        (outside / "file").write_bytes(b"somebody's")

    def prepare(self) -> str:
        for options in (["grid.toml"], ["other.toml", "--no-figures"]):
            assert call("run", *options, "--jobs", 1, cwd=self.root).code == 0
        shutil.rmtree(self.root / "results" / "other" / "tables")
        shutil.copytree(self.root, self.sound)
        return (self.root / "results" / "small" / "tables" / "trials.csv").read_text().splitlines()[1].split(",")[0]

    def restore(self) -> None:
        """Make everything sound again."""
        for each in self.root.iterdir():
            if each.is_dir() and not each.is_symlink():
                _rmtree(each)
            else:
                each.unlink()
        shutil.copytree(self.sound, self.root, dirs_exist_ok=True)

    def others(self) -> dict[str, bytes | str]:
        """All files but those of the two results folders."""
        found: dict[str, bytes | str] = {}
        for folder, folders, files in os.walk(self.root):
            place = Path(folder)
            if place == self.root / "results":
                folders[:] = [name for name in folders if name not in ("small", "other")]
            for name in files:
                path = place / name
                if "__pycache__" not in path.parts:
                    found[str(path.relative_to(self.root))] = path.read_bytes()
            found[str(place.relative_to(self.root))] = "folder"
        return {name: content for name, content in found.items() if "__pycache__" not in name}


def _rmtree(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)


def wrong(done: Done, before: dict, after: dict) -> str:
    """Say what is wrong with how a call ended; nothing where it is as it should be."""
    if "Traceback" in done.err or "Traceback" in done.out or done.code not in (0, 1, 2):
        return f"code {done.code}: {done.err[-3000:]}"
    if "Warning" in done.err:
        return f"warns: {done.err[-500:]}"
    if done.code == 2 and not done.err.startswith("Error: ") and "\nError: " not in done.err:
        return f"no line: {done.err[-500:]}"
    if len(done.err) > 3000 or done.err.count("\n") > 8:
        return f"{len(done.err):,} characters: {done.err[:300]}"
    if any(not (each.isprintable() or each in "\n\t") for each in done.out + done.err):
        bad = next(line for line in (done.out + done.err).split("\n") if not line.replace("\t", "").isprintable())
        return f"prints what a terminal obeys: {bad[:300]!r}"
    if done.seconds > SECONDS or done.megabytes > MEGABYTES:
        return f"took {done.seconds:.1f} s and {done.megabytes:.0f} MB; {done.err[:200]}"
    if "imported" in after:
        return "imported a trainer"
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    return f"wrote {sorted(changed)}" if changed else ""


def attack(root: Path, seed: int, count: int) -> list[str]:
    """Forge a folder and call a verb, many times; tell what went wrong."""
    draw, place, faults = random.Random(seed), Place(root), []
    verbs = [line.split() for line in VERBS.split("\n") if line]
    forger, codes = Forger(draw, place.root / "outside"), Counter()
    id = place.prepare()
    before = place.others()
    for number in range(count):
        place.restore()
        forged = forger.forge(place.root / "results" / "small")
        verb = [word.replace("{id}", id) for word in draw.choice(verbs)]
        done = call(*verb, cwd=place.root)
        codes[done.code] += 1
        found = wrong(done, before, place.others())
        if found:
            faults.append(f"{number}: {' '.join(verb)} on {forged}: {found}")
    print(f"{count:,} forged folders x verbs, seed {seed}: {len(faults)} wrong; exit codes {dict(codes)}")
    return faults


def test_forged_folders(tmp_path: Path) -> None:
    faults = attack(tmp_path, 1, 5)
    assert not faults, "\n".join(faults)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [10, 11])
def test_hundreds_of_forged_folders(tmp_path: Path, seed: int) -> None:
    faults = attack(tmp_path, seed, 150)
    assert not faults, "\n".join(faults)
