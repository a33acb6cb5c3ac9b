"""The network that is trained: its sizes, its named parameters, and their initial values.

Layers of one recurrent cell are stacked, each in one direction or in two. The top layer's outputs are pooled over the
steps, and a linear layer, the head, maps them to one logit for each class, or to numbers. Where every step has a
target, nothing is pooled: the head maps the output of each step.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from lengthwise._internal.argument_checks import check_choice, check_flag, check_integer, check_number
from lengthwise.data.targets import TaskName
from lengthwise.engine.protocol import CELL_SIZES, LOSS_KINDS, Sizes
from lengthwise.errors import UsageError
from lengthwise.tasks.tasks import TASKS, placement_of
from lengthwise.windows import Placement

CellName = Literal["rnn", "rnn_relu", "gru", "lstm"]
"""The recurrent cells: tanh, rectified linear units, and two gated ones."""

GruVariant = Literal["reset_after", "reset_before"]
"""Where a GRU's reset gate acts: after the recurrent product (PyTorch, cuDNN, Keras), or before it (the paper)."""

Pooling = Literal["last", "mean", "max"]
"""The head's input: the last valid step, or the mean or the maximum over the valid steps."""

Initializer = Literal["glorot", "uniform_unit_scaling", "pytorch", "orthogonal", "identity"]
"""How the initial parameters are drawn."""

MAX_HIDDEN_SIZE = 100_000
MAX_LAYERS = 1000
"""Larger networks would need terabytes."""


@dataclass(frozen=True)
class Network:
    """Stacked recurrent layers and a linear head.

    Parameters
    ----------
    input_size : int
        Features of a time step, F.
    num_outputs : int
        Outputs of the head, O: 2 or more logits, or 1 or more numbers.
    cell : {"rnn", "rnn_relu", "gru", "lstm"}
        The recurrent cell; ``"rnn"`` is tanh.
    hidden_size : int
        Hidden units of a layer in each direction, H.
    num_layers : int
        Stacked layers, L.
    bidirectional : bool
        Whether every layer also reads the window backwards; it then has 2 H outputs.
    dropout : float
        Fraction of a layer's outputs that are dropped on the way to the layer above in training, 0 or more and below 1.
    pooling : {"last", "mean", "max"}
        The head's input: each direction's output at the last valid step that it reads (for the backward direction, the
        first step of the window), or the mean or the maximum of the outputs over the valid steps.
    gru_variant : {"reset_after", "reset_before"}
        Where a GRU's reset gate acts.
    forget_bias : float
        Added to the initial bias of an LSTM's forget gate, so that the cell remembers at first (Jozefowicz, Zaremba and
        Sutskever, An empirical exploration of recurrent network architectures, 2015).
    task : str
        What the network predicts: a key of `lengthwise.tasks.tasks.TASKS`.
    carry_state : bool
        Whether a window starts from the final state of the window before it; only where every step has a target, and in
        one direction.

    placement : {"any", "end", "start"}, optional
        Which windows of a sequence it is made for; any by default, but for tasks that have no other than the last.

    Raises
    ------
    UsageError
        If a value is out of range.

    Examples
    --------
    >>> Network(input_size=28, num_outputs=10).num_parameters
    6086
    """

    input_size: int
    num_outputs: int
    cell: CellName = "rnn"
    hidden_size: int = 31
    num_layers: int = 3
    bidirectional: bool = False
    dropout: float = 0.0
    pooling: Pooling = "last"
    gru_variant: GruVariant = "reset_after"
    forget_bias: float = 1.0
    task: TaskName = "classification"
    carry_state: bool = False
    placement: Placement | None = None

    def __post_init__(self) -> None:
        check_choice("cell", self.cell, CellName)
        if self.task not in TASKS:
            raise UsageError(f"task is {self.task!r}, but must be one of {', '.join(TASKS)}.")
        for name, least, most in (
            ("input_size", 1, None),
            ("num_outputs", 1 if self.numeric else 2, None),
            ("hidden_size", 1, MAX_HIDDEN_SIZE),
            ("num_layers", 1, MAX_LAYERS),
        ):
            object.__setattr__(self, name, check_integer(name, getattr(self, name), least, most))
        check_flag("bidirectional", self.bidirectional)
        object.__setattr__(self, "dropout", check_number("dropout", self.dropout, least=0, below=1))
        check_choice("pooling", self.pooling, Pooling)
        if self.every_step and self.pooling != "last":
            raise UsageError(f"pooling is {self.pooling!r}, but {self.task} predicts at every step: choose last.")
        check_flag("carry_state", self.carry_state)
        if self.carry_state and (self.bidirectional or not self.every_step):
            raise UsageError(
                "carry_state is True, but states can be carried in one direction only, and for tasks that predict at "
                "every step (tagging, language): leave carry_state out, or bidirectional."
            )
        object.__setattr__(self, "placement", placement_of(self.task, self.placement))
        check_choice("gru_variant", self.gru_variant, GruVariant)
        object.__setattr__(self, "forget_bias", check_number("forget_bias", self.forget_bias, usual=1))

    @property
    def windows(self) -> Placement:
        """Which windows of a sequence it is made for."""
        return placement_of(self.task, self.placement)

    @property
    def engine_cell(self) -> str:
        """What the engine calls the cell: a name of `lengthwise.engine.protocol.CELL_SIZES`."""
        return "gru_reset_before" if self.cell == "gru" and self.gru_variant == "reset_before" else self.cell

    @property
    def loss(self) -> str:
        """The loss that the engine minimises: a name of `lengthwise.engine.protocol.LOSS_KINDS`."""
        return TASKS[self.task].loss_for(self.windows)

    @property
    def numeric(self) -> bool:
        """Whether the network predicts numbers; if not, it predicts classes."""
        return LOSS_KINDS[self.loss].numbers

    @property
    def every_step(self) -> bool:
        """Whether the network predicts at every step; if not, once for the window."""
        return LOSS_KINDS[self.loss].every_step

    @property
    def num_directions(self) -> int:
        """1, or 2 if bidirectional."""
        return 2 if self.bidirectional else 1

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """The parameters' names and shapes, in the order in which the flat vector holds them.

        ``rnn.weight_ih_l0`` (gates * H, F) is the weight of layer 0's inputs, ``rnn.weight_hh_l0`` (gates * H, H) that
        of its own output at the step before, ``rnn.bias_l0`` (gates * H,) their bias. The same holds for each further
        layer, whose inputs are the H or 2 H outputs of the layer below. Gates are in PyTorch's order: r, z, n of a GRU;
        i, f, g, o of an LSTM. A GRU with ``reset_after`` has one more bias, ``rnn.bias_hn_l0`` (H,), inside the reset
        gate's product. The names of the backward direction end in ``_reverse`` and follow those of the same layer.
        ``head.weight`` (O, H or 2 H) and ``head.bias`` (O,) are the output layer.
        """
        cell = CELL_SIZES[self.engine_cell]
        H = self.hidden_size
        rows = cell.gates * H
        outputs = self.num_directions * H
        shapes: dict[str, tuple[int, ...]] = {}
        for layer in range(self.num_layers):
            for direction in ("", "_reverse")[: self.num_directions]:
                suffix = f"_l{layer}{direction}"
                shapes[f"rnn.weight_ih{suffix}"] = (rows, self.input_size if layer == 0 else outputs)
                shapes[f"rnn.weight_hh{suffix}"] = (rows, H)
                shapes[f"rnn.bias{suffix}"] = (rows,)
                if cell.biases > cell.gates:
                    shapes[f"rnn.bias_hn{suffix}"] = (H,)
        shapes["head.weight"] = (self.num_outputs, outputs)
        shapes["head.bias"] = (self.num_outputs,)
        return shapes

    @property
    def num_parameters(self) -> int:
        """Number of parameters, weights and biases together."""
        return sum(math.prod(shape) for shape in self.parameter_shapes.values())

    def named(self, flat: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Return the parameters by name, as views of the flat vector.

        Parameters
        ----------
        flat : ndarray of shape (num_parameters,), float32
        """
        return views_of(self.parameter_shapes, flat)

    def flat(self, named: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """Return named parameters as one vector, the inverse of `named`.

        Raises
        ------
        UsageError
            If names or shapes are not this network's.
        """
        return flat_of(self.parameter_shapes, named)

    def record(self) -> dict[str, Any]:
        """Return the network as run.json describes it."""
        return asdict(self) | {"num_parameters": self.num_parameters}

    def initial(self, seed: int, initializer: Initializer = "glorot") -> NDArray[np.float32]:
        """Draw the initial parameters.

        Parameters
        ----------
        seed : int
            The run's seed; the values have a random stream of their own, apart from that of the windows.
        initializer : {"glorot", "uniform_unit_scaling", "pytorch", "orthogonal", "identity"}
            Where a weight matrix has `rows` inputs and `columns` outputs, and a layer's two weights count as one matrix
            with F + H inputs, as in TensorFlow's cells:

            ``"glorot"``
                Weights uniform in ±sqrt(6 / (rows + columns)) (Glorot and Bengio, Understanding the difficulty of
                training deep feedforward neural networks, 2010), biases zero.
            ``"uniform_unit_scaling"``
                Weights uniform in ±sqrt(3 / rows), the default of early TensorFlow versions; biases zero.
            ``"pytorch"``
                Everything uniform in ±1 / sqrt(H), where the head's H is its number of inputs. That is the default of
                `torch.nn.RNN` and `torch.nn.Linear`, except that PyTorch's two biases are one here.
            ``"orthogonal"``
                As glorot, but each gate's recurrent weights are a random orthogonal matrix (Saxe, McClelland and
                Ganguli, Exact solutions to the nonlinear dynamics of learning in deep linear networks, 2014).
            ``"identity"``
                As glorot, but each gate's recurrent weights are the identity (Le, Jaitly and Hinton, A simple way to
                initialize recurrent networks of rectified linear units, 2015, whose cell is ``rnn_relu``).

        Returns
        -------
        ndarray of shape (num_parameters,), float32
        """
        check_choice("initializer", initializer, Initializer)
        random = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,)))
        parameters = np.zeros(self.num_parameters, np.float32)
        for name, view in self.named(parameters).items():
            if "weight_hh" in name and initializer in ("orthogonal", "identity"):
                square = _orthogonal if initializer == "orthogonal" else _identity
                for gate in np.split(view, CELL_SIZES[self.engine_cell].gates):
                    gate[:] = square(random, self.hidden_size)
                continue
            limit = self._limit(name, initializer)
            if limit > 0:
                view[:] = random.uniform(-limit, limit, view.shape)
            if self.cell == "lstm" and name.startswith("rnn.bias"):
                view[self.hidden_size : 2 * self.hidden_size] += self.forget_bias
        return parameters

    def _limit(self, name: str, initializer: Initializer) -> float:
        """Return the limit of a parameter's uniform distribution."""
        shape = self.parameter_shapes[name]
        of_head = name.startswith("head.")
        if initializer == "pytorch":
            return 1 / math.sqrt(self.parameter_shapes["head.weight"][1] if of_head else self.hidden_size)
        if len(shape) == 1:
            return 0.0
        outputs, inputs = shape
        if not of_head:
            inputs = self.parameter_shapes[name.replace("weight_hh", "weight_ih")][1] + self.hidden_size
        return math.sqrt(3 / inputs) if initializer == "uniform_unit_scaling" else math.sqrt(6 / (inputs + outputs))

    def sizes(self, seq_len: int) -> Sizes:
        """Return the sizes for the engine, for windows of `seq_len` steps."""
        return Sizes(
            F=self.input_size,
            H=self.hidden_size,
            L=self.num_layers,
            O=self.num_outputs,
            s=seq_len,
            D=self.num_directions,
            pooling=get_args(Pooling).index(self.pooling),
            dropout=self.dropout,
        )


def _orthogonal(random: np.random.Generator, size: int) -> NDArray[np.float64]:
    """Return a random orthogonal matrix, uniform over all of them (Mezzadri, 2007)."""
    q, r = np.linalg.qr(random.normal(size=(size, size)))
    uniform: NDArray[np.float64] = q * np.sign(np.diag(r))
    return uniform


def _identity(_random: np.random.Generator, size: int) -> NDArray[np.float64]:
    return np.eye(size)


def views_of(shapes: Mapping[str, tuple[int, ...]], flat: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Return arrays of these names and shapes, as views of the flat vector that holds them one after another."""
    views = {}
    start = 0
    for name, shape in shapes.items():
        stop = start + math.prod(shape)
        views[name] = flat[start:stop].reshape(shape)
        start = stop
    return views


def flat_of(shapes: Mapping[str, tuple[int, ...]], named: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return named arrays as one vector, the inverse of `views_of`.

    Raises
    ------
    UsageError
        If names or shapes differ.
    """
    given = {name: array.shape for name, array in named.items()}
    for name in sorted(given.keys() | shapes.keys()):
        if given.get(name) != shapes.get(name):
            raise UsageError(
                f"parameter {name!r} has shape {given.get(name, 'missing')}, but this network's has shape "
                f"{shapes.get(name, 'none: there is no such parameter')}."
            )
    return np.concatenate([named[name].ravel() for name in shapes]).astype(np.float32)
