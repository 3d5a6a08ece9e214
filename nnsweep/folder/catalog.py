"""List results folders: their trials, the time of the last training, and whether the store is undamaged."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nnsweep import format
from nnsweep.errors import StoreError
from nnsweep.folder.artifacts import SavedArtifacts
from nnsweep.folder.notes import Notes, read_notes
from nnsweep.folder.paths import Folder
from nnsweep.folder.remarks import check_tag
from nnsweep.folder.select import names
from nnsweep.format import count_trials
from nnsweep.store import Store, is_held
from nnsweep.trials.shards import Shard


@dataclass(frozen=True)
class Entry:
    """A results folder. If it has a `problem`, it cannot be read or is damaged."""

    name: str
    statuses: Mapping[str, int] = field(default_factory=dict)
    """The number of trials of each status, of this sweep and of earlier forms of it."""
    missing: int = 0
    """The number of trials of the last run's sweep that are not stored; of a shard it is not known."""
    trained: str = ""
    """The end of the last run that trained anything; its start if it is running or was killed. ISO 8601, UTC."""
    ended: bool = True
    running: bool = False
    """Whether a run is using the folder now."""
    description: str = ""
    tags: Sequence[str] = ()
    """The tags of the sweep itself."""
    trial_tags: Mapping[str, int] = field(default_factory=dict)
    """How many of its trials have each tag."""
    notes: int = 0
    """The number of notes on the sweep and on its trials."""
    verified: bool | None = None
    problem: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a dict for JSON."""
        return asdict(self)

    def cells(self) -> tuple[str, ...]:
        """Return the cells of one line of text."""
        if self.problem is not None:
            return self.name, self.problem
        count = sum(self.statuses.values())
        ends = ", ".join(f"{number:,} {status}" for status, number in self.statuses.items())
        when = f"{self.trained[:16].replace('T', ' ')} UTC" if self.trained else "never"
        ends += f"{', ' * bool(ends)}{self.missing:,} not trained yet" if self.missing else ""
        trials = f"{count_trials(count)}{': ' * bool(ends)}{ends}"
        checked = (f"verified {count:,} rows",) if self.verified else ()
        return (
            self.name,
            trials,
            when if self.ended else f"since {when}, {'running' if self.running else 'interrupted'}",
            *checked,
            *self._noted(),
            self.description,
        )

    def _noted(self) -> Iterator[str]:
        of_trials = [f"{tag} ({count_trials(count)})" for tag, count in self.trial_tags.items()]
        if self.tags or of_trials:
            yield f"tags: {', '.join([*self.tags, *of_trials])}"
        if self.notes:
            yield format.count(self.notes, "note")

    def has(self, tags: Collection[str]) -> bool:
        """Whether the sweep, or any of its trials, has all of some tags."""
        return {*tags} <= {*self.tags, *self.trial_tags}


def entries(results: Path, verify: bool = False, tags: Collection[str] = ()) -> list[Entry]:
    """Describe every results folder, by name, or those that have all of some tags; `verify` checks every row of each.

    A folder that cannot be read is described whatever tags are asked for.

    Raises:
        NnsweepError: there is no such folder, or it cannot be read; or a tag is none.
    """
    wanted = [check_tag(tag) for tag in tags]
    found = (_entry(name, Folder(results / name), verify) for name in names(results))
    return [entry for entry in found if entry.problem or entry.has(wanted)]


def read_all_notes(results: Path) -> tuple[dict[str, Notes], list[str]]:
    """Read the notes and tags of every results folder, by name; and say which cannot be read.

    Raises:
        NnsweepError: there is no such folder.
    """
    found, problems = dict[str, Notes](), list[str]()
    for name in names(results):
        try:
            found[name] = read_notes(Folder(results / name))
        except StoreError as error:
            problems.append(_on_one_line(str(error)))
    return found, problems


def entry(results: Path, name: str) -> Entry:
    """Describe one results folder."""
    return _entry(name, Folder(results / name), verify=False)


def _entry(name: str, folder: Folder, verify: bool) -> Entry:
    try:
        notes = read_notes(folder)
        with Store.read(folder.store) as store:
            if verify:
                store.verify()
                SavedArtifacts(folder).verify()
            runs, sweep = store.runs(), store.sweep()
            last = runs[-1] if runs else {"ended": "", "started": ""}
            return Entry(
                name,
                store.statuses(),
                0 if sweep and Shard.of_folder(name, sweep.name) else store.missing(),
                last["ended"] or last["started"],
                last["ended"] is not None,
                is_held(folder.root),
                _on_one_line(sweep.description if sweep else ""),
                notes.sweep.tags,
                dict(notes.trial_tags()),
                len(notes.all_notes()),
                verify or None,
            )
    except StoreError as error:
        return Entry(name, verified=False if verify else None, problem=_on_one_line(str(error)))


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def format_entries(folder_entries: Sequence[Entry], results: Path, tags: Sequence[str] = ()) -> str:
    """Write one line for each results folder."""
    if not folder_entries and tags:
        known = [tag for notes in read_all_notes(results)[0].values() for tag in notes.all_tags()]
        near = format.did_you_mean(next((tag for tag in tags if tag not in known), ""), known)
        return f"{results}: no sweep has {format.listed([f'the tag {tag}' for tag in tags])}{near}"
    if not folder_entries:
        return f"{results}: no sweep was run here yet"
    rows = [entry.cells() for entry in folder_entries]
    name = max(len(row[0]) for row in rows)
    trials = max((len(row[1]) for row in rows if len(row) > 2), default=0)
    return "\n".join("  ".join([row[0].ljust(name), row[1].ljust(trials), *row[2:]]).rstrip() for row in rows)
