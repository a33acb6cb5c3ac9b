"""The progress of a training, and the loss, score and time of every step."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from lengthwise.engine.protocol import State
from lengthwise.training.selection import Selection, StopReason
from lengthwise.windows import Phase


class Position(NamedTuple):
    """A position in the training loop.

    Attributes
    ----------
    epoch : int
        From 0.
    phase : {"train", "test"}
        The phase of the next step.
    step : int
        Step of the phase in this epoch, from 0.
    """

    epoch: int
    phase: Phase
    step: int


@dataclass(frozen=True)
class Schedule:
    """The notebook's loop: in each epoch the training steps, then the test steps, with one counter for both.

    Parameters
    ----------
    train_steps, test_steps : int
        Steps of each phase in an epoch.
    updates : int
        Training steps in all. If this is not a whole number of epochs, the last epoch ends early.

    Examples
    --------
    >>> schedule = Schedule(train_steps=4296, test_steps=781, updates=2 * 4296)
    >>> schedule.total
    10154
    >>> schedule.position(4500)
    Position(epoch=0, phase='test', step=204)
    """

    train_steps: int
    test_steps: int
    updates: int

    @property
    def epoch_steps(self) -> int:
        """Steps of an epoch, both phases."""
        return self.train_steps + self.test_steps

    @property
    def total(self) -> int:
        """Steps in all, both phases."""
        epochs, rest = divmod(self.updates, self.train_steps)
        return epochs * self.epoch_steps + rest

    def position(self, global_step: int) -> Position:
        """Return the position after `global_step` steps."""
        epoch, step = divmod(global_step, self.epoch_steps)
        if step < self.train_steps:
            return Position(epoch, "train", step)
        return Position(epoch, "test", step - self.train_steps)

    def updates_at(self, global_step: int) -> int:
        """Return how many of `global_step` steps are training steps."""
        epoch, phase, step = self.position(global_step)
        return epoch * self.train_steps + (step if phase == "train" else self.train_steps)

    def left_in_phase(self, global_step: int) -> int:
        """Return how many steps the phase has left after `global_step` steps: without test steps, to the very end."""
        left = self.total - global_step
        if self.test_steps == 0:
            return left
        _, phase, step = self.position(global_step)
        return min(left, (self.train_steps if phase == "train" else self.test_steps) - step)


@dataclass(frozen=True)
class History:
    """Loss, score and time of every step, by global step, of both phases; NaN for steps not yet made.

    Attributes
    ----------
    losses : ndarray of shape (steps,), float64
        Mean loss of each training step's batch, before its update; NaN for test steps.
    scores : ndarray of shape (steps,), float64
        Mean score of each step's batch: the fraction of correct predictions, or for numbers the mean absolute error in
        the network's units.
    seconds : ndarray of shape (steps,), float64
        Time of each step; steps that were computed in one call share their time equally.
    """

    losses: NDArray[np.float64]
    scores: NDArray[np.float64]
    seconds: NDArray[np.float64]

    @classmethod
    def empty(cls, steps: int) -> Self:
        """Return a history without any step."""
        return cls(*(np.full(steps, np.nan) for _ in range(3)))

    def resized(self, steps: int) -> Self:
        """Return a copy with room for `steps` steps."""
        copy = type(self).empty(steps)
        for name in ("losses", "scores", "seconds"):
            ours = getattr(self, name)[:steps]
            getattr(copy, name)[: len(ours)] = ours
        return copy


class Summary(NamedTuple):
    """The metrics of some consecutive steps of one phase.

    Attributes
    ----------
    loss : float
        Mean loss; NaN in a test phase.
    score_min, score_max, score_mean : float
        Smallest, largest and mean score of a step.
    seconds_per_step : float
    """

    loss: float
    score_min: float
    score_max: float
    score_mean: float
    seconds_per_step: float


@dataclass
class Progress:
    """The progress of a training: changed by the loop, read by callbacks.

    Attributes
    ----------
    schedule : Schedule
    stored_state : State
        The arrays of `state`, to which the engine may not have written its latest values yet.
    history : History
    global_step : int
        Steps made, both phases.
    earlier_updates : int
        Training steps that the state has had before, in earlier trainings.
    carried : ndarray of float32
        If states are carried from window to window: the last ones, in the engine's layout.
    selection : Selection, optional
        The validations by which parameters are selected, if they are.
    """

    schedule: Schedule
    stored_state: State
    history: History = field(repr=False)
    global_step: int = 0
    earlier_updates: int = 0
    carried: NDArray[np.float32] = field(repr=False, default_factory=lambda: np.zeros((0, 0), np.float32))
    selection: Selection | None = field(repr=False, default=None)
    _synchronize: Callable[[], None] | None = field(repr=False, default=None, init=False)

    @property
    def state(self) -> State:
        """The parameters, the optimiser's moments, and the average of the parameters if one is kept.

        Read it anew each time, in the thread that trains, as callbacks do.
        """
        if self._synchronize is not None:
            self._synchronize()
        return self.stored_state

    def __getstate__(self) -> dict[str, Any]:
        """Return the content of a copy: the state as it is now, without the engine."""
        return vars(self) | {"stored_state": self.state, "_synchronize": None}

    @contextmanager
    def synchronized_by(self, synchronize: Callable[[], None]) -> Iterator[None]:
        """Within this context, call `synchronize`, which writes the engine's state to ours, before each read of it."""
        self._synchronize = synchronize
        try:
            yield
        finally:
            self._synchronize = None

    @property
    def updates(self) -> int:
        """Training steps that the state has had in all."""
        return self.earlier_updates + self.schedule.updates_at(self.global_step)

    @property
    def made(self) -> int:
        """Training steps made, without those of earlier trainings."""
        return self.schedule.updates_at(self.global_step)

    @property
    def finished(self) -> bool:
        """Whether training has ended: all steps were made, or the validations did not improve."""
        return self.stopped_by is not None

    @property
    def stopped_by(self) -> StopReason | None:
        """Why training has ended; None if it has not."""
        if self.global_step >= self.schedule.total:
            return "steps"
        return "patience" if self.selection is not None and self.selection.exhausted else None

    @property
    def weights(self) -> NDArray[np.float32]:
        """The parameters to evaluate, shape (P,): their average if one is kept, otherwise the last ones."""
        state = self.state
        weights: NDArray[np.float32] = state.average if state.average.size else state.parameters
        return weights

    @property
    def chosen(self) -> NDArray[np.float32]:
        """The parameters to keep, shape (P,): those of the best validation if there is one, otherwise `weights`."""
        best = None if self.selection is None else self.selection.best
        return self.weights if best is None else best

    @property
    def best_step(self) -> int:
        """The training step whose parameters are kept."""
        best = None if self.selection is None else self.selection.best_validation
        return self.made if best is None else best.update

    @property
    def awaits_validation(self) -> bool:
        """Whether a validation is due before the next step."""
        if self.selection is None or self.schedule.position(self.global_step).phase == "test":
            return False
        return self.selection.is_due(self.made)

    @property
    def steps_before_validation(self) -> int:
        """Number of steps before the next validation or the end of the phase."""
        left = self.schedule.left_in_phase(self.global_step)
        if self.selection is None or self.schedule.position(self.global_step).phase == "test":
            return left
        until_due = self.selection.left_until_due(self.made)
        return left if until_due is None else min(left, until_due)

    def summary(self, first: int, last: int) -> Summary:
        """Return the metrics of the steps after global step `first` up to global step `last`."""
        steps = slice(first, last)
        scores = self.history.scores[steps]
        return Summary(
            float(self.history.losses[steps].mean()),
            float(scores.min()),
            float(scores.max()),
            float(scores.mean()),
            float(self.history.seconds[steps].mean()),
        )

    @property
    def train_steps_per_second(self) -> float:
        """Training steps per second of the engine, without anything else; NaN before the first."""
        is_train = np.arange(self.global_step) % self.schedule.epoch_steps < self.schedule.train_steps
        seconds = self.history.seconds[: self.global_step][is_train]
        return len(seconds) / float(seconds.sum()) if len(seconds) else float("nan")

    def epoch_metrics(self, score: str = "accuracy") -> list[dict[str, float]]:
        """Return the means over the steps of each finished epoch.

        ``test_accuracy_sampled`` is over the test phase's random windows, not over all windows.

        Parameters
        ----------
        score : str
            The name of a step's score, in place of ``accuracy``.
        """
        metrics = []
        for epoch in range(self.global_step // self.schedule.epoch_steps):
            train, test = self.phase_summary(epoch, "train"), self.phase_summary(epoch, "test")
            metrics.append(
                {
                    "epoch": epoch + 1,
                    "train_loss": train.loss,
                    f"train_{score}": train.score_mean,
                    f"test_{score}_sampled": test.score_mean,
                    "train_seconds_per_step": train.seconds_per_step,
                    "test_seconds_per_step": test.seconds_per_step,
                }
            )
        return metrics

    def phase_summary(self, epoch: int, phase: Phase) -> Summary:
        """Return the metrics of a finished phase."""
        begin = epoch * self.schedule.epoch_steps
        middle = begin + self.schedule.train_steps
        end = begin + self.schedule.epoch_steps
        return self.summary(begin, middle) if phase == "train" else self.summary(middle, end)
