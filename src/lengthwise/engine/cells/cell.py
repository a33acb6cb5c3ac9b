"""What a recurrent cell is to the engine: two tile functions and two sizes."""

from collections.abc import Callable
from typing import Any, NamedTuple

from numba.core import types
from numba.extending import NativeValue, models, overload, register_model, typeof_impl, unbox

from lengthwise.engine.tiles import over_rows


class Layer(NamedTuple):
    """One layer's parameters, as pointers into the flat parameter vector, and its sizes.

    Attributes
    ----------
    W_x : pointer to float32, shape (gates * H, F)
    W_h : pointer to float32, shape (gates * H, H)
    b : pointer to float32, shape (gates * H,)
    F : int
        Inputs of the layer: the data's features, or the units of the layer below.
    H : int
        Units.
    """

    W_x: Any
    W_h: Any
    b: Any
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
    forward_rows : tile function ``(size, m, _, layer, x, before, now)``
        Writes rows m… of ``now``, what is kept of this step, from the inputs x (F, CHUNK) and ``before``, what was
        kept of the step before (zeros at the first step).
    backward_rows : tile function ``(size, m, _, layer, dh, dz_next, before, now, dz)``
        Writes rows m… of dz (gates * H, CHUNK), the gradient at the pre-activations of this step, from ``dh``
        (H, CHUNK), what comes from above, and ``dz_next``, the dz of the step after (zeros at the last step).
    """

    def __init__(
        self,
        name: str,
        *,
        gates: int,
        kept: int,
        forward_rows: Callable[..., Any],
        backward_rows: Callable[..., Any],
    ) -> None:
        self.name = name
        self.gates = gates
        self.kept = kept
        self.type = CellType(name, gates, kept)
        _FORWARD[name] = over_rows(forward_rows)
        _BACKWARD[name] = over_rows(backward_rows)


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


def forward(cell, H, layer, x, before, now):
    """Compute one step of one layer; see `Cell`."""


def backward(cell, H, layer, dh, dz_next, before, now, dz):
    """Compute the gradient at one step's pre-activations; see `Cell`."""


@overload(gates)
def _gates(cell):
    count = cell.gates
    return lambda cell: count


@overload(kept)
def _kept(cell):
    count = cell.kept
    return lambda cell: count


@overload(forward)
def _forward(cell, H, layer, x, before, now):
    rows = _FORWARD[cell.cell]
    return lambda cell, H, layer, x, before, now: rows(H, layer, x, before, now)


@overload(backward)
def _backward(cell, H, layer, dh, dz_next, before, now, dz):
    rows = _BACKWARD[cell.cell]
    return lambda cell, H, layer, dh, dz_next, before, now, dz: rows(H, layer, dh, dz_next, before, now, dz)
