"""What a recurrent cell is to the engine: two functions of a step, and its sizes."""

from collections.abc import Callable
from typing import Any, NamedTuple

from numba.core import types
from numba.extending import NativeValue, models, overload, register_model, typeof_impl, unbox


class Layer(NamedTuple):
    """One layer's parameters as the tiles read them (see `lengthwise.engine.tiles.pack`), and its sizes.

    Attributes
    ----------
    W_x : panels of a matrix (gates * H, F)
    W_h : panels of a matrix (gates * H, H)
    b : panels of a matrix (gates * H, 1)
    W_xT : panels of a matrix (F, gates * H)
    W_hT : panels of a matrix (H, gates * H)
    F : int
        Inputs of the layer: the data's features, or the units of the layer below.
    H : int
        Units.
    """

    W_x: Any
    W_h: Any
    b: Any
    W_xT: Any
    W_hT: Any
    F: int
    H: int


class Cell:
    """A cell, as the kernels are compiled for it.

    Parameters
    ----------
    name : str
        As in ``--cell``.
    gates : int
        Rows of weights a unit.
    kept : int
        Rows a unit that forward keeps of every step for backward; the first block of H rows is the output h.
    forward : kernel ``(layer, x, before, now, recurrent)``
        Writes ``now`` (kept * H, C), what is kept of this step, from the inputs x (F, C) and ``before``, what was kept
        of the step before (zeros at the first step). ``recurrent`` is how many rows of h to read there: H, or 0 at
        the first step, where they are zero.
    backward : kernel ``(layer, dh, dz_next, before, now, dz, recurrent)``
        Writes dz (gates * H, C), the gradient at the pre-activations of this step, from ``dh`` (H, C), what comes from
        above, and ``dz_next``, the dz of the step after. ``recurrent`` is how many of its rows to read: gates * H, or 0
        at the last step, after which there is none.
    """

    def __init__(
        self,
        name: str,
        *,
        gates: int,
        kept: int,
        forward: Callable[..., Any],
        backward: Callable[..., Any],
    ) -> None:
        self.name = name
        self.gates = gates
        self.kept = kept
        self.type = CellType(name, gates, kept)
        _FORWARD[name] = forward
        _BACKWARD[name] = backward


_FORWARD: dict[str, Callable[..., Any]] = {}
_BACKWARD: dict[str, Callable[..., Any]] = {}


class CellType(types.Type):
    """The Numba type of one cell: no data, only a choice of functions at compile time."""

    def __init__(self, name: str, gates: int, kept: int) -> None:
        self.gates = gates
        self.kept = kept
        self.cell = name
        super().__init__(name=f"cell({name}, {gates}, {kept})")


register_model(CellType)(models.OpaqueModel)


@typeof_impl.register(Cell)
def _typeof_cell(cell: Cell, _context: Any) -> CellType:
    return cell.type


@unbox(CellType)
def _unbox_cell(_kind: Any, _cell: Any, context: Any) -> Any:
    return NativeValue(context.context.get_dummy_value())


def gates(cell):
    """Return the rows of weights a unit of the cell, a constant at compile time."""


def kept(cell):
    """Return the rows a unit that the cell keeps of every step, a constant at compile time."""


def forward(cell, layer, x, before, now, recurrent):
    """Compute one step of one layer; see `Cell`."""


def backward(cell, layer, dh, dz_next, before, now, dz, recurrent):
    """Compute the gradient at one step's pre-activations; see `Cell`."""


@overload(gates)
def _gates(cell):
    count = cell.gates
    return lambda cell: count


@overload(kept)
def _kept(cell):
    count = cell.kept
    return lambda cell: count


@overload(forward, inline="always")
def _forward(cell, layer, x, before, now, recurrent):
    step = _FORWARD[cell.cell]
    return lambda cell, layer, x, before, now, recurrent: step(layer, x, before, now, recurrent)


@overload(backward, inline="always")
def _backward(cell, layer, dh, dz_next, before, now, dz, recurrent):
    step = _BACKWARD[cell.cell]
    return lambda cell, layer, dh, dz_next, before, now, dz, recurrent: step(
        layer, dh, dz_next, before, now, dz, recurrent
    )
