"""The events of a training, with which its callbacks are called.

A *callback* is any callable that takes an event: a console, a TensorBoard writer, checkpoints, a function of yours.
Callbacks are called in the thread that trains; the next step waits until all have returned.
"""

from collections.abc import Callable
from dataclasses import dataclass

from lengthwise.networks.module_network import AnyNetwork
from lengthwise.training.evaluation import Evaluation
from lengthwise.training.progress import Progress
from lengthwise.training.settings import Settings
from lengthwise.windows import Phase


@dataclass(frozen=True)
class Started:
    """Training is about to begin or to go on.

    Attributes
    ----------
    settings : Settings
    network : Network or ModuleNetwork
    progress : Progress
        Its `global_step` tells where training goes on.
    """

    settings: Settings
    network: AnyNetwork
    progress: Progress


@dataclass(frozen=True)
class Compiling:
    """The engine's machine code is not in its cache, and is being made."""


@dataclass(frozen=True)
class Stepped:
    """Some steps of one phase were made.

    Attributes
    ----------
    epoch : int
        From 0.
    phase : {"train", "test"}
    first, last : int
        They are the steps after global step `first`, up to global step `last`; ``progress.history`` has their losses
        and scores at ``[first:last]``.
    progress : Progress
    """

    epoch: int
    phase: Phase
    first: int
    last: int
    progress: Progress


@dataclass(frozen=True)
class EpochEnded:
    """Both phases of an epoch are done.

    Attributes
    ----------
    epoch : int
        From 0.
    progress : Progress
    """

    epoch: int
    progress: Progress


@dataclass(frozen=True)
class Validated:
    """The network was evaluated on the validation split, where parameters are chosen by it.

    Attributes
    ----------
    progress : Progress
        Its `selection` has this validation already.
    evaluation : Evaluation
        On every window of the validation split.
    """

    progress: Progress
    evaluation: Evaluation

    @property
    def is_best(self) -> bool:
        """Whether it is the best so far."""
        return self.progress.best_step == self.progress.made


@dataclass(frozen=True)
class Interrupted:
    """Training was asked to stop, and stops after this event.

    Attributes
    ----------
    progress : Progress
    """

    progress: Progress


@dataclass(frozen=True)
class Evaluating:
    """All steps were made; exact evaluation begins.

    Attributes
    ----------
    progress : Progress
    """

    progress: Progress


@dataclass(frozen=True)
class Finished:
    """Training and evaluation are done.

    Attributes
    ----------
    progress : Progress
    evaluation : Evaluation
    """

    progress: Progress
    evaluation: Evaluation


Event = Started | Compiling | Stepped | EpochEnded | Validated | Interrupted | Evaluating | Finished
Callback = Callable[[Event], None]
