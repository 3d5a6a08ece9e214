"""The source of a measurement: the function that a kernel calls after some of its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from nnsweep.nn.engine.compiled import sums
from nnsweep.nn.engine.compiled.measuring import ACCURACY, LOSS_TERMS, TERMS, MeasuredPart, Measurement
from nnsweep.nn.engine.compiled.translate import EXPRESSIONS
from nnsweep.nn.network import Network

FEW = 32
"""Outputs of all samples up to which the loop over trials is the innermost one; of more it is that over samples."""

HEAD = """
@njit
def measure(own, at, spare, dataset_of, samples, values, finite, column):
    for lane in range({lanes}):
        spare[{odd} + lane] = 0.0
    {parts}
    for lane in range({lanes}):
        if at + lane < len(values):
            odd = spare[{odd} + lane]
            {check}
            for row in range({metrics}):
                odd += spare[row * {lanes} + lane] - spare[row * {lanes} + lane]
            for row in range({metrics}):
                values[at + lane, row, column] = spare[row * {lanes} + lane] if odd == 0.0 else np.nan
            finite[at + lane, column] = odd == 0.0
"""
"""`x - x` is 0 of a finite number, and NaN of any other."""

BY_TRIALS = """
for lane in range({lanes}):
    spare[{right} + lane] = 0.0
for sample in range({count}):
    for lane in range({lanes}):
        for row in range({rows}):
            spare[{drawn} + row * {lanes} + lane] = samples[dataset_of[at + lane], row, {start} + sample]
    for lane in range({lanes}):
        {load}
        {body}
for lane in range({lanes}):
    {ends}
"""

BY_SAMPLES = """
for lane in range({lanes}):
    dataset = dataset_of[at + lane]
    {load}
    right = 0
    odd = 0
    for sample in range({count}):
        {body}
    spare[{odd} + lane] += np.nan if odd else 0.0
    {ends}
"""


class MeasureSource(NamedTuple):
    """The text of the function `measure`, and how many numbers its `spare` memory has."""

    text: str
    spare: int


def measure_source(measurement: Measurement, places: Sequence[int], lanes: int) -> MeasureSource:
    """Write the measurement of a block of trials; `places` has the row of each parameter, layer by layer.

    Parameters of a layer are counted by input, then by output, the biases last.
    """
    metrics = len(measurement.metrics)
    odd, right = metrics * lanes, (metrics + 1) * lanes
    drawn = right + lanes
    terms = drawn + measurement.rows * lanes
    start, spare, texts = 0, terms, list[str]()
    for part in measurement.parts:
        outputs = measurement.network.widths[-1] * part.samples
        few = outputs <= FEW
        kinds = () if part.counted else _kinds(measurement.network, part)
        size = outputs * (lanes if few else 1)
        memory = {kind: terms + number * size for number, kind in enumerate(kinds)}
        numbers = {"lanes": lanes, "right": right, "odd": odd, "drawn": drawn, "start": start, "count": part.samples}
        write = _by_trials if few else _by_samples
        texts.append(write(measurement, part, places, memory, {**numbers, "rows": measurement.rows}))
        start, spare = start + part.samples, max(spare, terms + len(kinds) * size)
    check = [f"odd += own[{place * lanes} + lane] - own[{place * lanes} + lane]" for place in places]
    text = _filled(
        HEAD, {"lanes": lanes, "odd": odd, "metrics": metrics}, parts="".join(texts).splitlines(), check=check
    )
    return MeasureSource(text, spare)


def _kinds(network: Network, part: MeasuredPart) -> list[str]:
    """Give the terms that are summed, each once."""
    return list(dict.fromkeys(_term(network, name) for name in part.names if name != ACCURACY))


def _term(network: Network, name: str) -> str:
    return LOSS_TERMS[network.loss, network.math] if name == "loss" else TERMS[name]


def _by_trials(
    measurement: Measurement,
    part: MeasuredPart,
    places: Sequence[int],
    memory: Mapping[str, int],
    numbers: Mapping[str, int],
) -> str:
    network, lanes = measurement.network, numbers["lanes"]
    outputs, names = network.widths[-1], _of_sample(network)
    load = [f"{name} = spare[{numbers['drawn'] + row * lanes} + lane]" for row, name in enumerate(names)]
    body = [*_forward(measurement, part), *_right(network, part, "spare[{right} + lane] += 1.0 if {hit} else 0.0")]
    body += [f"spare[{numbers['odd']} + lane] += y{o} - y{o}" for o in _checked(network, part)]
    for kind, at in memory.items():
        for o in range(outputs):
            place = f"{at} + (sample * {outputs} + {o}) * {lanes} + lane"
            body.append(f"spare[{place}] = {_of_output(kind, o)}")

    def total(at: int) -> str:
        return sums.pairwise([f"spare[{at + k * lanes} + lane]" for k in range(part.samples * outputs)])

    ends = _ends(measurement, part, memory, numbers, total, f"spare[{numbers['right']} + lane]")
    return _filled(BY_TRIALS, numbers, load=[*_load(places, lanes), *load], body=body, ends=ends)


def _by_samples(
    measurement: Measurement,
    part: MeasuredPart,
    places: Sequence[int],
    memory: Mapping[str, int],
    numbers: Mapping[str, int],
) -> str:
    network, lanes = measurement.network, numbers["lanes"]
    outputs, names = network.widths[-1], _of_sample(network)
    body = [f"{name} = samples[dataset, {row}, {numbers['start']} + sample]" for row, name in enumerate(names)]
    body += [*_forward(measurement, part), *_right(network, part, "right += {hit}")]
    body += [f"odd += y{o} - y{o} != 0.0" for o in _checked(network, part)]
    for kind, at in memory.items():
        body += [f"spare[{at} + sample * {outputs} + {o}] = {_of_output(kind, o)}" for o in range(outputs)]

    def total(at: int) -> str:
        return sums.of_array("spare", at, part.samples * outputs)

    ends = _ends(measurement, part, memory, numbers, total, "right")
    return _filled(BY_SAMPLES, numbers, load=_load(places, lanes), body=body, ends=ends)


def _of_sample(network: Network) -> list[str]:
    """Name the numbers of a sample, in the order of their rows: its inputs, its targets and its class."""
    inputs, outputs = network.widths[0], network.widths[-1]
    return [*(f"x{i}" for i in range(inputs)), *(f"t{o}" for o in range(outputs)), "wanted"]


def _filled(template: str, numbers: Mapping[str, int], **lines: Iterable[str]) -> str:
    """Fill in numbers and lines, each line with the indentation of the place where it is put."""
    for name, some in lines.items():
        before = next(line for line in template.splitlines() if line.strip() == f"{{{name}}}")
        space = before[: len(before) - len(before.lstrip())]
        template = template.replace(before, "\n".join(space + line for line in some))
    return template.format(**numbers)


def _load(places: Sequence[int], lanes: int) -> list[str]:
    return [f"p{k} = own[{place * lanes} + lane]" for k, place in enumerate(places)]


def _forward(measurement: Measurement, part: MeasuredPart) -> Iterator[str]:
    """Write how the outputs y0, y1, … come of the inputs x0, x1, …; of a part that is counted, z0 alone."""
    network, at = measurement.network, 0
    hidden, output = (EXPRESSIONS[each.function] for each in (network.hidden_activation, network.output_activation))
    below = [f"x{i}" for i in range(network.widths[0])]
    for level, (inputs, outputs) in enumerate(pairwise(network.widths), start=1):
        last, layer = level == len(network.widths) - 1, list[str]()
        add = _order(network, part, outputs)
        for o in range(outputs):
            z, a = (f"z{o}", f"y{o}") if last else (f"z{level}_{o}", f"a{level}_{o}")
            total = add([f"p{at + i * outputs + o}" for i in range(inputs)], below)
            yield f"{z} = {total}" + (f" + p{at + inputs * outputs + o}" if network.bias else "")
            if not last or not part.counted:
                yield f"{a} = {(output if last else hidden).format(z)}"
            layer.append(a)
        at, below = at + outputs * (inputs + network.bias), layer


def _order(network: Network, part: MeasuredPart, outputs: int) -> Callable[[Sequence[str], Sequence[str]], str]:
    """Choose the order of a layer's sums: that of training, or that of NumPy's matrix products."""
    if part.counted or network.math == "portable":
        return sums.written
    return sums.chain if outputs > 1 else sums.by_lanes


def _right(network: Network, part: MeasuredPart, line: str) -> Iterator[str]:
    """Count a sample whose class is right."""
    if not part.counted and ACCURACY not in part.names:
        return
    if part.counted:
        hit = "(z0 > 0.0) == (wanted > 0.5)"
    elif network.widths[-1] == 1:
        hit = "(y0 > 0.5) == (wanted > 0.5)"
    else:
        yield "largest, found = y0, 0.0"
        for o in range(1, network.widths[-1]):
            yield f"found = {o}.0 if y{o} > largest else found"
            yield f"largest = y{o} if y{o} > largest else largest"
        hit = "found == wanted"
    yield line.replace("{hit}", hit)


def _checked(network: Network, part: MeasuredPart) -> range:
    """Give the outputs that must be finite, because they name a class."""
    return range(network.widths[-1] if ACCURACY in part.names and not part.counted else 0)


def _of_output(kind: str, output: int) -> str:
    """Write a term of one output."""
    return kind.format(y=f"y{output}", t=f"t{output}", z=f"z{output}")


def _ends(
    measurement: Measurement,
    part: MeasuredPart,
    memory: Mapping[str, int],
    numbers: Mapping[str, int],
    total: Callable[[int], str],
    right: str,
) -> Iterator[str]:
    """Write the metrics of a part, each in the row of `spare` that has its place among all metrics."""
    network, samples = measurement.network, part.samples
    outputs = network.widths[-1]
    for name in part.names:
        row = measurement.metrics.index(part.prefix + name) * numbers["lanes"]
        if part.counted:
            wrong = f"({samples} - {right}) / {samples}"
            value = wrong if name == "error" else f"1.0 - {wrong}"
        elif name == ACCURACY:
            value = f"{right} / {samples}"
        else:
            value = f"({total(memory[_term(network, name)])}) / {samples * outputs}"
            value += f" * {outputs}.0" if name == "loss" else ""
        yield f"spare[{row} + lane] = {value}"
