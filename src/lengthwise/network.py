"""The network that is trained: its sizes, its named parameters, and their first values.

Layers of one recurrent cell are stacked; the top layer's output at the last step goes through a linear layer, the
head, to one logit a class.
"""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from lengthwise.checks import check_integer
from lengthwise.engine.cells import CELLS
from lengthwise.engine.chunk import Sizes
from lengthwise.errors import UsageError

Initializer = Literal["glorot", "uniform_unit_scaling"]
"""How the weights are first drawn."""

MAX_HIDDEN_SIZE = 100_000
MAX_LAYERS = 1000
"""Beyond these a network would take terabytes."""


@dataclass(frozen=True)
class Network:
    """Stacked recurrent layers and a linear head.

    Parameters
    ----------
    input_size : int
        Features of a time step, F.
    num_classes : int
        Logits, 2 or more.
    cell : str
        The recurrent cell: ``"rnn"`` (tanh).
    hidden_size : int
        Units of a layer, H.
    num_layers : int
        Layers.

    Raises
    ------
    UsageError
        If a size is out of range or the cell is unknown.

    Examples
    --------
    >>> Network(input_size=28, num_classes=10).num_parameters
    6086
    """

    input_size: int
    num_classes: int
    cell: str = "rnn"
    hidden_size: int = 31
    num_layers: int = 3

    def __post_init__(self) -> None:
        if self.cell not in CELLS:
            raise UsageError(f"cell is {self.cell!r}, but must be one of {', '.join(CELLS)}.")
        for name, least, most in (
            ("input_size", 1, None),
            ("num_classes", 2, None),
            ("hidden_size", 1, MAX_HIDDEN_SIZE),
            ("num_layers", 1, MAX_LAYERS),
        ):
            object.__setattr__(self, name, check_integer(name, getattr(self, name), least, most))

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """The parameters' names and shapes, in the order in which the flat vector holds them.

        ``rnn.weight_ih_l0`` is the weight of layer 0's inputs (gates * H, F), ``rnn.weight_hh_l0`` of its own output
        one step before (gates * H, H), ``rnn.bias_l0`` their bias (gates * H,), and so on for each layer;
        ``head.weight`` (classes, H) and ``head.bias`` (classes,) are the output layer.
        """
        rows = CELLS[self.cell].gates * self.hidden_size
        shapes: dict[str, tuple[int, ...]] = {}
        for layer in range(self.num_layers):
            inputs = self.input_size if layer == 0 else self.hidden_size
            shapes[f"rnn.weight_ih_l{layer}"] = (rows, inputs)
            shapes[f"rnn.weight_hh_l{layer}"] = (rows, self.hidden_size)
            shapes[f"rnn.bias_l{layer}"] = (rows,)
        shapes["head.weight"] = (self.num_classes, self.hidden_size)
        shapes["head.bias"] = (self.num_classes,)
        return shapes

    @property
    def num_parameters(self) -> int:
        """How many numbers the parameters are."""
        return sum(math.prod(shape) for shape in self.parameter_shapes.values())

    def named(self, flat: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Return the parameters by name, as views of the flat vector.

        Parameters
        ----------
        flat : ndarray of shape (num_parameters,), float32
        """
        views = {}
        start = 0
        for name, shape in self.parameter_shapes.items():
            stop = start + math.prod(shape)
            views[name] = flat[start:stop].reshape(shape)
            start = stop
        return views

    def flat(self, named: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """Return named parameters as one vector, the inverse of `named`.

        Raises
        ------
        UsageError
            If names or shapes are not this network's.
        """
        shapes = {name: array.shape for name, array in named.items()}
        if shapes != self.parameter_shapes:
            wrong = sorted(
                name
                for name in shapes.keys() | self.parameter_shapes.keys()
                if shapes.get(name) != self.parameter_shapes.get(name)
            )
            name = wrong[0]
            raise UsageError(
                f"parameter {name!r} has shape {shapes.get(name, 'missing')}, but this network's has shape "
                f"{self.parameter_shapes.get(name, 'none: there is no such parameter')}."
            )
        return np.concatenate([named[name].ravel() for name in self.parameter_shapes]).astype(np.float32)

    def initial(self, seed: int, initializer: Initializer = "glorot") -> NDArray[np.float32]:
        """Draw the parameters' first values: weights uniform in ±limit, biases zero.

        Parameters
        ----------
        seed : int
            The run's seed; the values have random numbers of their own, apart from those of the windows.
        initializer : {"glorot", "uniform_unit_scaling"}
            The limit for a weight matrix of `rows` inputs and `columns` outputs; a layer's two weights count as one
            matrix of F + H inputs, as in TensorFlow's cells. ``"glorot"``: sqrt(6 / (rows + columns)) (Glorot and
            Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010).
            ``"uniform_unit_scaling"``: sqrt(3 / rows), the default of early TensorFlow versions.

        Returns
        -------
        ndarray of shape (num_parameters,), float32
        """
        if initializer not in get_args(Initializer):
            raise UsageError(f"initializer is {initializer!r}, but must be one of {', '.join(get_args(Initializer))}.")
        random = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,)))
        parameters = np.zeros(self.num_parameters, np.float32)
        for name, view in self.named(parameters).items():
            if view.ndim == 1:
                continue
            outputs, inputs = view.shape
            if name.startswith("rnn."):
                inputs = self.parameter_shapes[f"rnn.weight_ih_l{name.rsplit('_l', 1)[1]}"][1] + self.hidden_size
            limit = math.sqrt(6 / (inputs + outputs)) if initializer == "glorot" else math.sqrt(3 / inputs)
            view[:] = random.uniform(-limit, limit, view.shape)
        return parameters

    def sizes(self, seq_len: int) -> Sizes:
        """Return the sizes as the engine takes them, for windows of `seq_len` steps."""
        return Sizes(F=self.input_size, H=self.hidden_size, L=self.num_layers, O=self.num_classes, s=seq_len)
