"""What a peer is given, what it offers, and how it is timed. NumPy is all it needs."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
"""Adam's constants, for every contestant."""

UNROLLED_STEPS = 64
"""Most steps that a loop is laid out in full: beyond, compilers take minutes."""

PIECE = 16
"""Steps of the pieces that a longer loop is laid out in, where a library can do that."""

CellName = Literal["rnn", "gru", "lstm"]


class Layer(NamedTuple):
    """One recurrent layer's parameters; a cell of G gates has G blocks of H rows, in PyTorch's order.

    Attributes
    ----------
    weight_ih : ndarray of shape (G * H, F), float32
    weight_hh : ndarray of shape (G * H, H), float32
    bias : ndarray of shape (G * H,), float32
    bias_hn : ndarray of shape (H,), float32, or None
        Of a GRU: the bias inside the reset gate's product.
    """

    weight_ih: NDArray[np.float32]
    weight_hh: NDArray[np.float32]
    bias: NDArray[np.float32]
    bias_hn: NDArray[np.float32] | None


@dataclass(frozen=True)
class Case:
    """One shape with its first parameters and its batches: the same for every contestant.

    Attributes
    ----------
    cell : {"rnn", "gru", "lstm"}
        Tanh; reset-after, as in PyTorch; with a forget gate.
    batch_size, seq_len, input_size, hidden_size, num_layers, num_classes : int
        B, s, F, H, L, O.
    lr : float
        Adam's step size.
    parameters : dict of ndarray, float32
        By lengthwise's names: ``rnn.weight_ih_l0`` (G * H, F), ``rnn.weight_hh_l0`` (G * H, H), ``rnn.bias_l0``
        (G * H,), of a GRU ``rnn.bias_hn_l0`` (H,), …, ``head.weight`` (O, H), ``head.bias`` (O,).
    inputs : ndarray of shape (batches, B, s, F), float32
        The windows, cut out beforehand.
    targets : ndarray of shape (batches, B), int64
    values : ndarray of shape (n, T, F), uint8 or float32
    labels : ndarray of shape (n,), int64
        The sequences that the windows were cut from, and their classes; bytes stand for ``value / 255``.
    sequences, starts : ndarray of shape (batches, B), int64
        Where they were cut from: lengthwise's engine cuts them itself, while the clock runs.
    """

    cell: CellName
    batch_size: int
    seq_len: int
    input_size: int
    hidden_size: int
    num_layers: int
    num_classes: int
    lr: float
    parameters: dict[str, NDArray[np.float32]] = field(repr=False)
    inputs: NDArray[np.float32] = field(repr=False)
    targets: NDArray[np.int64] = field(repr=False)
    values: NDArray[Any] = field(repr=False)
    labels: NDArray[np.int64] = field(repr=False)
    sequences: NDArray[np.int64] = field(repr=False)
    starts: NDArray[np.int64] = field(repr=False)

    @property
    def batches(self) -> list[tuple[NDArray[np.float32], NDArray[np.int64]]]:
        """The batches one by one: inputs (B, s, F) and targets (B,)."""
        return list(zip(self.inputs, self.targets, strict=True))

    def layer(self, index: int) -> Layer:
        """Return a layer's parameters."""
        weight_ih, weight_hh, bias = (
            self.parameters[f"rnn.{name}_l{index}"] for name in ("weight_ih", "weight_hh", "bias")
        )
        return Layer(weight_ih, weight_hh, bias, self.parameters.get(f"rnn.bias_hn_l{index}"))

    def save(self, path: Path) -> None:
        """Write the case to an ``.npz`` file."""
        content = {name.name: getattr(self, name.name) for name in fields(self)}
        parameters = content.pop("parameters")
        arrays = {name: content.pop(name) for name in list(content) if isinstance(content[name], np.ndarray)}
        np.savez(path, numbers=json.dumps(content), **arrays, **parameters)

    @classmethod
    def load(cls, path: str) -> Self:
        """Read a case that `save` wrote."""
        with np.load(path) as file:
            arrays = {name: file[name] for name in file.files}
        numbers = json.loads(str(arrays.pop("numbers")))
        parameters = {name: arrays.pop(name) for name in list(arrays) if "." in name}
        return cls(**numbers, **arrays, parameters=parameters)


class Peer(Protocol):
    """One library, ready to train one network.

    Each module of this folder has a class `Peer` made as ``Peer(case, variant, threads)`` and a tuple `PACKAGES` of
    the packages whose versions matter. `train` and `evaluate` go through the case's batches from the first, over and
    over, for a multiple of their number of steps; they return when all is computed, and give the mean loss of each
    step, or of each group of steps that the library runs in one call.

    Attributes
    ----------
    choice : str
        What it chose by measuring, for the record; may be empty.
    """

    choice: str

    def train(self, steps: int) -> Sequence[Any]:
        """Make `steps` updates."""
        ...

    def evaluate(self, steps: int) -> Sequence[Any]:
        """Compute the loss and the predicted classes of `steps` batches."""
        ...


@dataclass(frozen=True)
class Timed:
    """What some steps took, and the losses on the way."""

    seconds: float
    losses: list[float]

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name."""
        return asdict(self)


def timed(run: Callable[[int], Sequence[Any]], steps: int) -> Timed:
    """Time a peer's `train` or `evaluate`; turning losses into Python's floats is no part of the time."""
    start = time.perf_counter()
    losses = run(steps)
    seconds = time.perf_counter() - start
    return Timed(seconds, [float(loss) for loss in losses])
