"""Read what the trials of a store were asked: trainers, versions, parameters, and how long these took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from nnsweep.status import ENDED
from nnsweep.store.settings import read_settings, split
from nnsweep.store.trial_queries import TrialQueries, to_ids
from nnsweep.trainers.protocol import Trainer
from nnsweep.trials.ids import Ids, are_among
from nnsweep.trials.trial import Trial

Key = tuple[str, str, str, str]
"""Trainer, version, and the params before and after the seed."""

LATEST = 2000
"""Trials from which the time of new ones is estimated."""


class AskedQueries(TrialQueries):
    """What a store can be asked of the parameters of its trials, besides what became of them."""

    def params(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Read the parameters of those trials that are stored, in the order of the ids.

        Raises:
            StoreError: a row is not as it was written, or is lost.
        """
        return {id: params for id, (_, params) in self.asked(ids).items()}

    def asked(self, ids: Iterable[str]) -> dict[str, tuple[str, dict[str, Any]]]:
        """Read trainer and parameters of those trials that are stored, in the order of the ids.

        Raises:
            StoreError: a row is not as it was written, or is lost.
        """
        wanted = list(ids)
        rows = (row for block in self._blocks(to_ids(wanted)) for row in self._params_of(block))
        found = {id: (settings.trainer, params) for id, settings, params in rows}
        return {id: (found[id][0], self._parse(found[id][1])) for id in wanted if id in found}

    def texts(self, parameter: str, key: str) -> list[str]:
        """List the distinct texts under `key`, where the value of `parameter` is a table."""
        found: dict[str, None] = {}
        for rows in self._access.parts("select number from settings where number > ? order by number"):
            for settings in read_settings(self._access, [number for (number,) in rows]).values():
                value = self._parse(settings.params).get(parameter)
                text = value.get(key) if isinstance(value, dict) else None
                found |= {text: None} if isinstance(text, str) else {}
        return list(found)

    def versions(self, trainer: str) -> list[str]:
        """List the versions of a trainer that stored trials have, the most recently stored first."""
        query = (
            "select version from trial join settings on settings.number = trial.settings where trainer = ? "
            "group by version order by max(trial.number) desc"
        )
        return [str(version) for (version,) in self._access.rows(query, (trainer,))]

    def seconds(self, trainer: Trainer) -> list[tuple[str, float]]:
        """Read the parameters (JSON) and the seconds of a trainer's latest trials that ended as `ok` or `diverged`.

        Trials of the trainer's present version, or of other versions if there are none.

        Raises:
            StoreError: a row is not as it was written.
        """
        block = self._trials.block(
            "from trial join settings on settings.number = trial.settings join shape on shape.number = trial.shape "
            f"where trainer = ? and status in {ENDED} order by trial.number desc limit ?",
            (trainer.name, LATEST),
        )
        if block is None:
            return []
        rows = list(zip(self._params_of(block), block.columns["seconds"].tolist(), strict=True))
        for (_, _, params), _ in rows:
            self._parse(params)
        same = [row for row in rows if row[0][1].version == trainer.version]
        return [(params, seconds) for (_, _, params), seconds in same or rows]

    def with_id_prefix(self, prefix: str) -> list[tuple[str, str, dict[str, Any]]]:
        """List id, trainer and parameters of the trials whose id starts with `prefix`.

        Raises:
            StoreError: a row is not as it was written.
        """
        block = self._trials.block(
            "from trial where substr(printf('%016x', id), 1, ?) = ? order by number", (len(prefix), prefix)
        )
        found = [] if block is None else self._params_of(block)
        return [(id, settings.trainer, self._parse(params)) for id, settings, params in found]

    def stale(self, trials: Iterable[Trial], trainer: Trainer) -> int:
        """Count the stored trials that have another id but the parameters of one of these trials that is not stored.

        They were trained by another version of the trainer, or with other data. Once their trials are trained again or
        accepted, they no longer count.

        Raises:
            StoreError: a row is not as it was written, or is lost.
        """
        stored, asked = self.ids(), {trial.id: trial.params_json for trial in trials}
        params = {params for id, params in asked.items() if id not in stored}
        others = stored - asked.keys() if params else set()
        found = (each for block in (self._blocks(to_ids(others)) if others else ()) for each in self._params_of(block))
        return sum(settings.trainer == trainer.name and text in params for _, settings, text in found)

    def unneeded(self, asked: Ids) -> Ids:
        """Give the stored trials that are not among `asked`, which are sorted, nor more seeds of settings of these.

        A trial that differs from one of these only in its data is not needed.

        Raises:
            StoreError: a row is not as it was written, or is lost.
        """
        known = self.known()
        others, there = known[~are_among(known, asked)], known[are_among(known, asked)]
        if not len(others):
            return others
        trials = {id: (key, seed) for id, key, seed in self._keys(others)}
        wanted, cells, again = {key for key, _ in trials.values()}, set[Key](), set[tuple[Key, object]]()
        pairs = set(trials.values())
        for _, key, seed in self._keys(there):
            if key in wanted:
                cells.add(key)
                again |= {(key, seed)} & pairs
        return to_ids(sorted(id for id, pair in trials.items() if pair[0] not in cells or pair in again))

    def _keys(self, ids: Ids) -> Iterator[tuple[str, Key, object]]:
        """Give the id of each trial, its trainer, version and params without the seed, and its seed."""
        for block in self._blocks(ids):
            for id, settings, text in self._params_of(block):
                head, tail, seed = split(text) or (text, "", None)
                yield id, (settings.trainer, settings.version, head, tail), seed
