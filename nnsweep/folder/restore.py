"""Restore a sweep from its stored text, and a trial from its row, so that they can be trained.

A name in a store is data, because a folder may come from anywhere. Code outside this package is imported only if the
user names it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any

from nnsweep import sweepfile
from nnsweep.data.places import look_beside
from nnsweep.defaults import IMPORTED
from nnsweep.design.sweep import Sweep
from nnsweep.errors import DataError, NnsweepError
from nnsweep.files import check_regular
from nnsweep.folder.paths import Folder
from nnsweep.folder.searched import as_asked
from nnsweep.store import Store
from nnsweep.sweepfile.load import values_in
from nnsweep.sweepfile.parameters import Parameters, as_value
from nnsweep.sweepfile.problems import show_name
from nnsweep.sweepfile.toml import parse, read
from nnsweep.trainers import BUILT_IN
from nnsweep.trainers import load as load_trainer
from nnsweep.trainers.session import is_session
from nnsweep.trainers.unimported import functions_in
from nnsweep.trials.expand import expand, trial_of
from nnsweep.trials.trial import Trial


def sweep_of(kept: Sweep, folder: Folder, overrides: Sequence[str] = (), trainer: str = "") -> Sweep:
    """Read the sweep that was last run in a folder from its text, with further overrides.

    `trainer` may be imported even if only the store names it.

    Raises:
        NnsweepError: its code must not be imported. SpecError: its text or an override is not valid.
    """
    text = kept.source or _stored_text(folder)  # older versions kept the text only beside the store
    document = parse(text, str(folder.grid))
    check_code(document.get("trainer", "mlp"), values_in(document), folder, trainer)
    beaten = {each.partition("=")[0].strip() for each in overrides}
    before = [each for each in kept.overrides if each.partition("=")[0].strip() not in beaten]
    beside = _beside(kept, document.get("trainer", "mlp"))
    return replace(sweepfile.loads(text, str(folder.grid), [*before, *overrides], beside), name=folder.root.name)


def _stored_text(folder: Folder) -> str:
    with suppress(FileNotFoundError):
        check_regular(folder.grid, folder.grid.stat())
    return read(folder.grid)


def completed(trials: Sequence[Trial], store: Store, folder: Folder, trainer: str = "") -> list[Trial]:
    """Return stored trials with their parameters.

    Raises:
        NnsweepError: their trainer or their data have changed, or their code must not be imported.
    """
    kept = store.sweep()

    @cache
    def of_sweep() -> Mapping[str, Trial]:
        """Read the sweep as it was last run, in which a data file may have a newer name."""
        if kept is None:
            return {}
        sweep = as_asked(sweep_of(kept, folder, trainer=trainer), folder)
        return {each.id: each for each in expand(sweep, load_trainer(sweep.trainer))}

    @cache
    def parameters(name: str) -> Parameters:
        return Parameters.of(load_trainer(name))

    def complete(id: str, name: str, params: Mapping[str, Any]) -> Trial:
        values = {key: as_value(value) for key, value in params.items()}
        check_code(name, [values], folder, trainer)
        look_beside(_beside(kept, name))
        found = load_trainer(name)
        try:
            again = trial_of(parameters(name).complete(values), found)
        except DataError:
            if id not in of_sweep():
                raise
            return of_sweep()[id]
        if again.id != id:
            raise NnsweepError(
                f"trial {id} in {folder.root} was made by another version of `{name}`, or from other data: "
                "it cannot be trained again"
            )
        return again

    asked = store.asked(trial.id for trial in trials)
    return [replace(complete(trial.id, *asked[trial.id]), settings=trial.settings) for trial in trials]


def _beside(kept: Sweep | None, trainer: str) -> str:
    """Return the folder in which data files are searched first. Code is not searched where only a store says so."""
    return kept.folder if kept is not None and trainer in BUILT_IN else ""


def is_foreign(name: Any, trainer: str) -> bool:
    """Whether a trainer is code that only a store names. The user may name one as `trainer`."""
    return not (isinstance(name, str) and is_session(name)) and name not in BUILT_IN and name != trainer


def check_code(name: Any, tables: Sequence[Any], folder: Folder, trainer: str) -> None:
    """Make sure that no code is imported that only a store names: a trainer, or a function that makes data.

    Raises:
        NnsweepError: the store names such code.
    """
    if name == IMPORTED:
        where = f"{folder.root}: its runs were imported, so that nnsweep cannot train them"
        raise NnsweepError(f"{where}; allowed: verbs that read, and `nnsweep import` for further runs")
    if isinstance(name, str) and is_session(name):
        load_trainer(name)  # finds trainers of this session and imports nothing
    elif is_foreign(name, trainer):
        raise NnsweepError(
            f"{folder.root}: its trainer is {show_name(name)}, and no code is imported because a store names it; "
            f"allowed: its sweep file instead of its name, or --trainer {name}"
        )
    functions = functions_in(tables)
    if functions and name in BUILT_IN:
        raise NnsweepError(
            f"{folder.root}: its data are of {show_name(functions[0])}, and no code is imported because a store names "
            "it; allowed: its sweep file instead of its name"
        )
