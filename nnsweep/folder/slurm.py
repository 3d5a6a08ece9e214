"""Jobs of Slurm that train the shards of a sweep, and one that merges them in the end."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nnsweep.errors import NnsweepError
from nnsweep.files import write_file
from nnsweep.folder.commands import command
from nnsweep.folder.paths import Folder
from nnsweep.format import no_option

PATIENCE = 60
"""Seconds that sbatch may take."""


@dataclass(frozen=True)
class Jobs:
    """The jobs of a sweep: `count` for its shards, and one that merges them.

    `source`, `results`, `overrides`, `trainer` and `trust` are those of `nnsweep run`, and `run_options` what is added
    to it. `options` are options of sbatch for all jobs, `shard_options` for those that train.
    """

    folder: Folder
    count: int
    source: str
    overrides: Sequence[str] = ()
    trainer: str = ""
    trust: bool = False
    run_options: Sequence[str] = ()
    options: Sequence[str] = ()
    shard_options: Sequence[str] = field(default=())

    @property
    def train(self) -> str:
        """The script of the array: each task trains a shard. It is requeued if its node fails, and goes on."""
        run = command(
            "run",
            self.source,
            *self.run_options,
            results=self.folder.root.parent,
            overrides=self.overrides,
            trainer=self.trainer,
            trust=self.trust,
        )
        words = run.split(" ", 1)[1]
        return self._script(
            self.folder.root.name,
            "shard-%a.out",
            f"{words} --shard $SLURM_ARRAY_TASK_ID/{self.count}",
            (f"--array=1-{self.count}", "--requeue", *self.options, *self.shard_options),
        )

    @property
    def merge(self) -> str:
        """The script that merges the shards, and writes tables and figures."""
        name, parent = self.folder.root.name, self.folder.root.parent
        shards = f"{shlex.quote(no_option(str(parent / f'{name}-shard-')))}{{1..{self.count}}}-of-{self.count}"
        if self.count == 1:  # of which the shell makes no list
            shards = shards.replace("{1..1}", "1")
        into = shlex.join(["--output", name, "--results", str(parent)])
        return self._script(f"{name}-merge", "merge.out", f"merge {shards} {into}", self.options)

    def _script(self, name: str, output: str, words: str, options: Sequence[str]) -> str:
        """Write a script. nnsweep takes the place of the shell, so that it hears the signals of a time limit."""
        out = str((self.folder.slurm / output).absolute().parent).replace("%", "%%")
        every = [f"--job-name={name}", f"--output={out}/{output}", "--open-mode=append", f"--chdir={Path.cwd()}"]
        lines = [f"#SBATCH {_quote(option)}" for option in (*every, *options)]
        return "\n".join(["#!/bin/bash", *lines, f"exec {shlex.quote(sys.executable)} -m nnsweep {words}", ""])

    def submit(self) -> tuple[str, str]:
        """Write the scripts and submit them; return the numbers of the array and of the job that merges.

        Raises:
            NnsweepError: Slurm is not here or refuses a job. StoreError: the folder cannot be written.
        """
        for part in (self.folder.root, self.folder.slurm):  # a run may be using the others
            self.folder.make_part(part)
        scripts = [self.folder.slurm / "train.sh", self.folder.slurm / "merge.sh"]
        for path, text in zip(scripts, (self.train, self.merge), strict=True):
            write_file(path, lambda draft, text=text: draft.write_text(text, encoding="utf-8"))
        array = _sbatch(scripts[0], "nothing was submitted")
        later = f"array {array} is submitted; merge its shards when it has ended: sbatch {shlex.quote(str(scripts[1]))}"
        return array, _sbatch(scripts[1], later, f"--dependency=afterany:{array}")


def _quote(option: str) -> str:
    """Quote an option as sbatch reads it in a script.

    Raises:
        NnsweepError: it has a character that no line of a script can hold.
    """
    if not option.isprintable():
        raise NnsweepError(f"{option!r}: no option of sbatch; allowed: printable characters")
    return option if re.fullmatch(r"[\w@%+=:,./-]+", option) else '"' + re.sub(r'(["\\$`])', r"\\\1", option) + '"'


def _sbatch(script: Path, otherwise: str, *options: str) -> str:
    try:
        done = subprocess.run(
            ["sbatch", "--parsable", *options, os.path.abspath(script)],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
    except FileNotFoundError:
        raise NnsweepError(
            "sbatch is not installed here; submit from a login node of the cluster, or print the scripts: --dry-run"
        ) from None
    except subprocess.TimeoutExpired:
        raise NnsweepError(f"sbatch does not answer for {PATIENCE} s; {otherwise}") from None
    found = re.match(r"\d+", done.stdout)
    if done.returncode or found is None:
        lines = [line.removeprefix("sbatch: ").strip() for line in (done.stderr or done.stdout).splitlines()]
        said = "; ".join(filter(None, lines)) or f"exit code {done.returncode}"
        raise NnsweepError(f"sbatch: {said}; {otherwise}")
    return found[0]
