"""Parts of a stack that contains a trial which kills its worker."""

from __future__ import annotations

from dataclasses import dataclass

from nnsweep.execution.stack import Stack, Training, joined


@dataclass(frozen=True)
class Suspects(Stack):
    """Trials of which one may be the killer: trained to find out whether it is among them."""

    others: tuple[Training, ...] = ()
    """The other suspects. If the trials here end well, the killer is one of these."""
    spared: tuple[Training, ...] = ()
    """Trials that wait until the killer is found."""


def bisect(suspects: tuple[Training, ...], spared: tuple[Training, ...] = ()) -> Suspects:
    """Make a stack of the first half of the suspects. A training of several trials is halved if it is the only one."""
    if len(suspects) == 1:
        (trials,) = suspects
        middle = (len(trials) + 1) // 2
        half, others = (trials[:middle],), (trials[middle:],) if trials[middle:] else ()
    else:
        middle = len(suspects) // 2
        half, others = suspects[:middle], suspects[middle:]
    return Suspects(*joined(half), others=others, spared=spared)


def alone(stack: Stack) -> list[Stack]:
    """Make a stack of each training; of one training, a stack of each trial."""
    trainings = stack.trainings if len(stack.trainings) > 1 else [(trial,) for trial in stack.trials]
    return [Stack.of([training]) for training in trainings]
