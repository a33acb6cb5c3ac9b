"""What any engine is: what it is given, what it changes, and what is asked of it.

Nothing here needs a compiler: the sizes of the cells and the kinds of the losses stand here, the functions that compute
them in the engines, `lengthwise.engine.simd` and `lengthwise.engine.torch`.
"""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from lengthwise.windows import Windows

ADAM_EPSILON_HAT, ADAM, ADAMW, SGD, RMSPROP = range(5)
"""The rules of `Optimizer`."""

LAST, MEAN, MAX = range(3)
"""The poolings of `Sizes`: what the head sees of the steps."""


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
        Rows a unit that a step hands to the next, the first of those that are kept: 1 for h, 2 for h and c.
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
"""The cells by what the engines call them, and their sizes."""


class LossKind(NamedTuple):
    """What a loss judges.

    Attributes
    ----------
    every_step : bool
        Whether every step of a window is judged, and not what the head sees of all of them.
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
"""The losses by what the engines call them."""


class Optimizer(NamedTuple):
    """How a gradient changes the parameters; see the head of this file.

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
        Decay of the average of the parameters, of which `State` then has room; 0 for none. See
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
    """The sizes of a network and its windows, and what it does between its layers.

    Attributes
    ----------
    F, H, L, O : int
        Inputs of the first layer, units of a direction, layers, and what the head says: classes or numbers.
    s : int
        Steps of the window.
    D : int
        Directions: 1, or 2 if every layer also reads the window backwards.
    pooling : int
        What the head sees of the steps: LAST, MEAN or MAX.
    dropout : float
        Share of a layer's outputs that the layer above does not see in training.
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
    targets : ndarray of shape (n,), int64; or (n, O), float32; or (n, T), int64
        What is to be said of each sequence: its class, numbers, or the class of each step.
    lengths : ndarray of shape (n,), int64
        Valid steps of each sequence, 1 to T.
    weights : ndarray of shape (n,), float32
        What each sequence's part of the loss is multiplied by in training.
    scale : float32
        What a value is multiplied by as it is gathered.
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
"""What a `State` has for its average where none is kept."""


class State(NamedTuple):
    """What training changes.

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
    """Return sequences as the kernels take them: bytes stand for ``value / 255``, float32 for itself.

    Parameters
    ----------
    values : ndarray of shape (n, T, F), uint8 or float32, C-contiguous
    targets : ndarray of shape (n,), int64; (n,) or (n, O), float32; or (n, T), int64
    lengths : ndarray of shape (n,), int64, optional
        Valid steps of each sequence, 1 to T; all T if not given.
    weights : ndarray of shape (n,), float32, optional
        What each sequence's part of the loss is multiplied by in training; 1 if not given.
    """
    scale = np.float32(1 / 255) if values.dtype == np.uint8 else np.float32(1)
    lengths = np.full(len(values), values.shape[1], np.int64) if lengths is None else lengths
    weights = np.ones(len(values), np.float32) if weights is None else weights
    if targets.dtype == np.float32:
        targets = targets.reshape(len(targets), -1)
    return Data(values, targets, lengths, weights, scale, values.shape[1])


class Engine(Protocol):
    """What training and evaluation ask of an engine; `lengthwise.engine.simd.engine.SimdEngine` has it in detail."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def workspace_bytes(self) -> int:
        """Bytes of the activations that are kept between forward and backward."""
        ...

    def prepare(self, data: Data, *, on_compile: Callable[[], None] = ...) -> None:
        """Get ready for data of this type: compile, or move them, so that no step takes the time of it."""

    def train(
        self,
        state: State,
        updates: int,
        data: Data,
        windows: Windows,
        optimizer: Optimizer,
        rates: NDArray[np.float64] | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Make one update for every step of the windows; return their losses and scores."""

    def settle(self) -> None:
        """Bring the state that was trained last up to date, as leaving the ``with`` statement does.

        Until then an engine may keep what training has come to where it computes, if it is given the same state again.
        """

    def gradient(
        self, parameters: NDArray[np.float32], data: Data, windows: Windows, updates: int = 0
    ) -> tuple[float, NDArray[np.float32]]:
        """Return the mean loss of one step's batch and its gradient."""

    def evaluate(
        self, parameters: NDArray[np.float32], data: Data, windows: Windows
    ) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """Return each window's loss and what the network says of it."""
        ...

    def evaluate_prefixes(
        self, parameters: NDArray[np.float32], data: Data, windows: Windows, lengths: Sequence[int]
    ) -> list[tuple[NDArray[np.float32], NDArray[Any]]]:
        """Return the same of the windows' first steps, for each of some lengths."""
