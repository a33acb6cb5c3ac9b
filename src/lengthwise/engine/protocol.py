"""The interface of an engine: what it is given, what it changes, and what it computes.

There are two, `lengthwise.engine.simd` and `lengthwise.engine.torch`, which have the functions that compute. The sizes
of the cells and the kinds of the losses stand here, so that nobody needs a compiler to know them.
"""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from lengthwise.windows import Phase, Windows

ADAM_EPSILON_HAT, ADAM, ADAMW, SGD, RMSPROP = range(5)
"""The rules of `Optimizer`; their equations are in `lengthwise.engine.simd.optimizers`."""

LAST, MEAN, MAX = range(3)
"""The poolings of `Sizes`, by which the head sees the steps; see `lengthwise.engine.simd.pooling`."""


class CellSizes(NamedTuple):
    """The sizes of a recurrent cell, each in blocks of H rows, with H its units.

    Attributes
    ----------
    gates : int
        Rows of W_x and W_h a unit.
    kept : int
        Rows a unit that forward keeps of every step for backward; the first block is the output h.
    gradients : int
        Rows a unit of the gradient at the pre-activations; the first `gates` blocks are the gradient at W_x x.
    biases : int
        Numbers of b a unit.
    joint : int
        Gates that are computed in the first product of the step.
    states : int
        Rows a unit that the next step reads, the first of those that are kept: 1 for h, 2 for h and c.
    """

    gates: int
    kept: int
    gradients: int
    biases: int
    joint: int
    states: int = 1


CELL_SIZES = {
    "rnn": CellSizes(gates=1, kept=1, gradients=1, biases=1, joint=1),
    "rnn_relu": CellSizes(gates=1, kept=1, gradients=1, biases=1, joint=1),
    "gru": CellSizes(gates=3, kept=5, gradients=4, biases=4, joint=2),
    "gru_reset_before": CellSizes(gates=3, kept=5, gradients=3, biases=3, joint=2),
    "lstm": CellSizes(gates=4, kept=6, gradients=4, biases=4, joint=4, states=2),
}
"""The sizes of the cells, by the engines' names of them."""


class LossKind(NamedTuple):
    """What a loss measures.

    Attributes
    ----------
    every_step : bool
        Whether the network predicts something for every step of a window, and not once for the window.
    numbers : bool
        Whether the network predicts numbers, and not classes.
    """

    every_step: bool = False
    numbers: bool = False


LOSS_KINDS = {
    "cross_entropy": LossKind(),
    "squared_error": LossKind(numbers=True),
    "step_cross_entropy": LossKind(every_step=True),
}
"""The kinds of the losses, by the engines' names of them."""


class Optimizer(NamedTuple):
    """How a gradient changes the parameters; see `lengthwise.engine.simd.optimizers`.

    Attributes
    ----------
    rule : int
        ADAM_EPSILON_HAT, ADAM, ADAMW, SGD or RMSPROP.
    lr : float
        Step size, where a step is not given one of its own.
    beta1, beta2 : float
        Decay rates of the means of the gradient and of its square.
    epsilon : float
        Added to the denominator.
    momentum : float
        Of SGD and RMSprop.
    nesterov : bool
        Whether SGD's momentum is Nesterov's.
    weight_decay : float
    clip_norm : float
        Largest norm of the gradient; 0 for no limit.
    ema_decay : float
        Decay of the average of the parameters, which is then kept in `State`; 0 for no average. See
        `lengthwise.engine.simd.average`.
    """

    rule: int = ADAM_EPSILON_HAT
    lr: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0
    clip_norm: float = 0.0
    ema_decay: float = 0.0


class Sizes(NamedTuple):
    """The sizes of a network and its windows, and its options.

    Attributes
    ----------
    F, H, L, O : int
        Inputs of the first layer, units of a direction, layers, and outputs of the head: classes or numbers.
    s : int
        Steps of the window.
    D : int
        Directions: 1, or 2 if every layer also reads the window backwards.
    pooling : int
        What the head sees of the steps: LAST, MEAN or MAX.
    dropout : float
        Fraction of a layer's outputs that the layer above does not see in training.
    carry : bool
        Whether a window begins with the state that the window before ended with.
    """

    F: int
    H: int
    L: int
    O: int
    s: int
    D: int = 1
    pooling: int = LAST
    dropout: float = 0.0
    carry: bool = False


class Data(NamedTuple):
    """The sequences of a split.

    Attributes
    ----------
    values : ndarray of shape (n, T, F), uint8 or float32
        Or what is indexed like one, and computed then; or (n, 1, F) of windows that overlap, where the window of a
        sequence goes on into those that follow it.
    targets : ndarray of shape (n,), int64; or (n, O), float32; or (n, T), int64
        What the network is to predict: the class of each sequence, numbers, or the class of each step.
    lengths : ndarray of shape (n,), int64
        Valid steps of each sequence, 1 to T.
    weights : ndarray of shape (n,), float32
        Factor of each sequence's part of the loss in training.
    scale : float32
        Factor of the values.
    steps : int
        T.
    """

    values: Any
    targets: Any
    lengths: Any
    weights: Any
    scale: Any
    steps: int


NO_AVERAGE = np.zeros(0, np.float32)
"""The average in a `State` that keeps none."""


class State(NamedTuple):
    """The arrays that training changes.

    Attributes
    ----------
    parameters, m, v : ndarray of shape (P,), float32
        The parameters and the optimiser's two means.
    average : ndarray of shape (P,), float32
        The average of the parameters, if the optimiser keeps one; else empty.
    """

    parameters: Any
    m: Any
    v: Any
    average: Any = NO_AVERAGE


def data_of(
    values: NDArray[Any],
    targets: NDArray[Any],
    lengths: NDArray[np.int64] | None = None,
    weights: NDArray[np.float32] | None = None,
) -> Data:
    """Return sequences as the engines take them; a byte means ``value / 255``.

    Parameters
    ----------
    values : ndarray of shape (n, T, F), uint8 or float32, C-contiguous
    targets : ndarray of shape (n,), int64; (n,) or (n, O), float32; or (n, T), int64
    lengths : ndarray of shape (n,), int64, optional
        Valid steps of each sequence, 1 to T; all T if not given.
    weights : ndarray of shape (n,), float32, optional
        Factor of each sequence's part of the loss in training; 1 if not given.
    """
    scale = np.float32(1 / 255) if values.dtype == np.uint8 else np.float32(1)
    lengths = np.full(len(values), values.shape[1], np.int64) if lengths is None else lengths
    weights = np.ones(len(values), np.float32) if weights is None else weights
    if targets.dtype == np.float32:
        targets = targets.reshape(len(targets), -1)
    return Data(values, targets, lengths, weights, scale, values.shape[1])


class Engine(Protocol):
    """What training and evaluation ask of an engine for one network and one window length s."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def workspace_bytes(self) -> int:
        """Bytes of the activations that are kept between forward and backward."""
        ...

    def prepare(self, data: Data, *, phases: tuple[Phase, ...] = ..., on_compile: Callable[[], None] = ...) -> None:
        """Do beforehand what data of this type need, compiling or copying them, so that no step takes the time of it.

        Parameters
        ----------
        data : Data
        phases : tuple of {"train", "test"}
            What is to be done with them: to train, to evaluate, or both, as by default.
        on_compile : callable
            Called when machine code has to be compiled, which takes about ten seconds.
        """

    def train(
        self,
        state: State,
        updates: int,
        data: Data,
        windows: Windows,
        optimizer: Optimizer,
        lrs: NDArray[np.float64] | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Make one update for every step of the windows.

        Parameters
        ----------
        state : State
            Changed in place; up to date after `synchronize`.
        updates : int
            Updates that the state has had.
        data : Data
        windows : Windows
            Of shape (steps, batch).
        optimizer : Optimizer
        lrs : ndarray of shape (steps,), float64, optional
            Step size of each step; ``optimizer.lr`` for all if not given.

        Returns
        -------
        losses, scores : ndarray of shape (steps,), float64
            Mean loss and score of each step's batch, before its update. The score is the fraction of correct
            predictions, or for numbers the mean absolute error.
        """

    def synchronize(self) -> None:
        """Bring the state that was trained last up to date, as leaving the ``with`` statement does.

        Between calls with the same state, an engine may keep it on the device where it computes.
        """

    def gradient(
        self, parameters: NDArray[np.float32], data: Data, windows: Windows, updates: int = 0
    ) -> tuple[float, NDArray[np.float32]]:
        """Return the mean loss of one step's batch and its gradient, as `train` computes them.

        Parameters
        ----------
        parameters : ndarray of shape (P,), float32
        data : Data
        windows : Windows
            Of shape (1, batch).
        updates : int
            Updates made before; dropout depends on them.

        Returns
        -------
        loss : float
        gradient : ndarray of shape (P,), float32
        """

    def evaluate(
        self, parameters: NDArray[np.float32], data: Data, windows: Windows
    ) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """Evaluate windows without training on them.

        Parameters
        ----------
        parameters : ndarray of shape (P,), float32
        data : Data
        windows : Windows
            Of shape (steps, batch).

        Returns
        -------
        losses : ndarray of shape (steps, batch), float32
            The loss of each window.
        predicted : ndarray of shape (steps, batch), int64; (steps, batch, O), float32; or (steps, batch, s), int64
            What the network predicts for each window: its class, numbers, or the class of each step, -1 beyond the
            window's length.
        """
        ...

    def outputs(self, parameters: NDArray[np.float32], data: Data, windows: Windows) -> NDArray[np.float32]:
        """Return what the network's outputs are for windows, if its loss is not one of every step.

        Parameters
        ----------
        parameters, data, windows
            As for `evaluate`; the targets do not matter.

        Returns
        -------
        ndarray of shape (steps, batch, O), float32
            The probability of each class of each window, or the numbers that are predicted for it.
        """
        ...

    def evaluate_prefixes(
        self, parameters: NDArray[np.float32], data: Data, windows: Windows, lengths: Sequence[int]
    ) -> list[tuple[NDArray[np.float32], NDArray[Any]]]:
        """Evaluate windows by their first steps, at several lengths.

        Parameters
        ----------
        parameters, data, windows
            As for `evaluate`.
        lengths : sequence of int
            Different numbers from 1 to s.

        Returns
        -------
        list of tuple
            For each of the lengths what `evaluate` returns for windows of that length.
        """
