"""Problems of the parameters that choose the training, validation and test samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nnsweep import nn
from nnsweep.data import format_values
from nnsweep.trainers.mlp.resolve import AUTO, SIZES
from nnsweep.trainers.mlp.split import data_of
from nnsweep.trainers.protocol import Params

Problem = tuple[str, str]
"""The parameter to look at, and a sentence."""

FEWER = 'allowed: fewer, shares such as `test_size = 0.25`, or `split = "all"`'
CLASSES = ("binary", "one_hot")


def of_split(params: Params) -> Iterator[Problem]:
    """Check the sizes of the parts against the data and against each other."""
    if params["folds"]:
        yield from _of_folds(params)
    elif params["split"] != "all":
        yield from _of_sizes(params)
    elif params["validation_size"]:
        allowed = 'allowed: no `validation_size`, or `split = "shuffled"`'
        yield "validation_size", f'`split = "all"` trains and tests on every sample, so that none is left; {allowed}'
    if params["split"] == "stratified" and data_of(params).target_kind not in CLASSES:
        found, allowed = _told(params), 'allowed: `split = "shuffled"`, or data whose targets are classes'
        yield "split", f"`stratified` needs classes; {found}; {allowed}"
    if params["scale_target"]:
        yield from _of_scale(params)
    validating = [name for name in params["metrics"] if nn.part_of(name) == nn.VALIDATION]
    if validating and not params["validation_size"]:
        allowed = f"allowed: `validation_size = 0.2`, or `{validating[0].removeprefix(nn.VALIDATION)}`"
        yield "metrics", f"`{validating[0]}` is of validation samples, and there are none; {allowed}"


def _of_folds(params: Params) -> Iterator[Problem]:
    folds, samples = params["folds"], len(data_of(params).inputs)
    given = [name for name in SIZES if params[name] not in (AUTO, 0)]
    if given:
        names = _listed([f"`{name}`" for name in given])
        yield given[0], f"`folds = {folds}` says how many samples train and test; allowed: no {names}, or no `folds`"
    if params["split"] == "all":
        yield "split", f"`all` does not go with `folds = {folds}`; allowed: `shuffled`, `stratified` or `ordered`"
    if folds > samples:
        yield "folds", f"{folds} folds need as many samples; data `{params['data']}` has {samples}; allowed: fewer"


def _of_sizes(params: Params) -> Iterator[Problem]:
    samples, sizes = len(data_of(params).inputs), {name: params[name] for name in SIZES}
    said = {name: size for name, size in sizes.items() if size not in (AUTO, 0)}
    told = _listed([f"{name} {size}" for name, size in said.items()])
    has = f"data `{params['data']}` has {samples}"
    if isinstance(sizes["train_size"], float):
        yield "train_size", f"{sizes['train_size']} of the samples is less than one; {has}; allowed: a larger share"
        return
    for name, verb in (("train_size", "train"), ("test_size", "test")):
        if sizes[name] == AUTO:
            leave = "leaves" if len(said) == 1 else "leave"
            yield next(iter(said), name), f"{told} {leave} no sample to {verb}; {has}; {FEWER}"
            return
    if sum(said.values()) > samples:
        yield next(iter(said)), f"{told} need {sum(said.values())} samples; {has}; {FEWER}"


def _of_scale(params: Params) -> Iterator[Problem]:
    if data_of(params).target_kind != "amounts":
        yield "scale_target", f"only amounts are scaled; {_told(params)}, which are classes; allowed: false"
    elif params["output"] != "identity":
        does = f"does not go with output `{params['output']}`, which does not reach all amounts"
        yield "scale_target", f'{does}; allowed: `output = "identity"`'


def _told(params: Params) -> str:
    return f"the targets of `{params['data']}` are {format_values(data_of(params).targets)}"


def _listed(words: Sequence[str]) -> str:
    *others, last = words or [""]
    return f"{', '.join(others)} and {last}" if others else last
