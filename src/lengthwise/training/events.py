"""The events of a training, which are passed to its callbacks.

A *callback* is any callable that takes an event: a console, a TensorBoard writer, checkpoints, or your own function.
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
    """Training is about to begin or to continue.

    Attributes
    ----------
    settings : Settings
    network : Network or ModuleNetwork
    progress : Progress
        Training continues after its `global_step`.
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
        That of the first of them, from 0; without test steps, the others may be of the epochs that follow.
    phase : {"train", "test"}
    first, last : int
        The steps after global step `first`, up to and including global step `last`; ``progress.history`` has their
        losses and scores at ``[first:last]``.
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
    """The network was evaluated on the validation split, on which parameters are selected.

    Attributes
    ----------
    progress : Progress
        Its `selection` includes this validation.
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
    """A stop was requested, and training ends after this event.

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
