"""What a recurrent cell is to the engine: its functions of a step, and its sizes."""

from collections.abc import Callable
from typing import Any, NamedTuple

from numba.core import types
from numba.extending import NativeValue, models, overload, register_model, typeof_impl, unbox

from lengthwise.engine.protocol import CELL_SIZES, CellSizes
from lengthwise.engine.simd.kernel import KERNEL_OPTIONS, kernel
from lengthwise.engine.simd.products import Columns, Rows, add_bias_gradient, add_weight_gradient
from lengthwise.engine.simd.vectors import CHUNK, at


class Layer(NamedTuple):
    """One layer's parameters as the tiles read them (see `lengthwise.engine.simd.products.pack`), and its sizes.

    A cell whose gates are computed in two products (`CellSizes.joint`) has W_x and W_h packed as two matrices, one of
    the first gates' rows and one of the others', and W_hT as two of the first gates' columns and the others'.

    Attributes
    ----------
    W_x : panels of a matrix (gates * H, F)
    W_h : panels of a matrix (gates * H, H)
    b : pointer to float32, shape (biases * H,)
    W_xT : panels of a matrix (F, gates * H)
    W_hT : panels of a matrix (H, gates * H)
    zeros : pointer to float32
        A bias of zeros, as long as the longest of F and H.
    F : int
        Inputs of the layer: the data's features, or the outputs of the layer below.
    H : int
        Units.
    """

    W_x: Any
    W_h: Any
    b: Any
    W_xT: Any
    W_hT: Any
    zeros: Any
    F: int
    H: int


class Gradient(NamedTuple):
    """Where one layer's gradients are summed.

    Attributes
    ----------
    W_x : pointer to float32, shape (gates * H, F)
    W_h : pointer to float32, shape (gates * H, H)
    b : pointer to float32, shape (biases * H,)
    """

    W_x: Any
    W_h: Any
    b: Any


class Block(NamedTuple):
    """Some consecutive steps of one layer, from which its gradients are summed.

    Attributes
    ----------
    dz : Rows, shape (steps, gradients * H, C)
    x : Columns, shape (steps, C, F)
        The layer's inputs.
    h : Columns, shape (steps, C, H)
        The layer's own output one step before; step 0 does not exist if `first` is 1.
    kept : Rows, shape (steps, kept * H, C)
        What forward kept of each step.
    scratch : Columns, shape (steps, C, H)
        Room for a cell that needs it.
    steps : int
    first : int
        1 if step 0 is the first of the window, before which the state is zero, else 0.
    """

    dz: Rows
    x: Columns
    h: Columns
    kept: Rows
    scratch: Columns
    steps: int
    first: int


@kernel
def rows_from(rows, row, t):
    """Return Rows that begin at row `row` of step t."""
    return Rows(at(rows.p, t * rows.step + row * CHUNK), rows.step)


@kernel
def columns_from(columns, t):
    """Return Columns that begin at step t."""
    return Columns(at(columns.p, t * columns.step), columns.step, columns.sequence)


def gradients_of(gates: int) -> Any:
    """Make the `add_gradients` of a cell whose gates all have the same inputs, x and h."""

    @kernel
    def add_gradients(layer, gradient, block):
        F, H = layer.F, layer.H
        G = gates * H
        dz, h, first = block.dz, block.h, block.first
        add_weight_gradient(G, F, gradient.W_x, dz, block.x, block.steps)
        add_weight_gradient(G, H, gradient.W_h, rows_from(dz, 0, first), columns_from(h, first), block.steps - first)
        add_bias_gradient(G, gradient.b, dz, block.steps)

    return add_gradients


class Cell:
    """A cell, as the kernels are compiled for it.

    Parameters
    ----------
    name : str
        What the engine calls it: its sizes are those of `lengthwise.engine.protocol.CELL_SIZES`.
    forward : kernel ``(layer, x, before, now, terms)``
        Writes ``now`` (kept * H, C), what is kept of this step, from the inputs x (F, C) and ``before``, what was kept
        of the step before (zeros at the first step). ``terms`` is how many rows of h to read there: H, or 0 at the
        first step, where they are zero.
    backward : kernel ``(layer, dh, dz_next, carry, before, now, dz, terms)``
        Writes dz (gradients * H, C), the gradient at the pre-activations of this step, from ``dh`` (H, C), what comes
        from above (which may be overwritten), and ``dz_next``, the dz of the step after, of which ``terms`` rows a gate
        are to be read: H, or 0 at the last step, after which there is none. ``carry`` (H, C) is what the step after
        left for this one, and becomes what this one leaves for the step before: of a cell with two states the gradient
        at the second, of one a part of the gradient at h.
    add_gradients : kernel ``(layer, gradient, block)``, optional
        Adds a block's gradients, if the gates have not all the same inputs.
    """

    def __init__(
        self,
        name: str,
        *,
        forward: Callable[..., None],
        backward: Callable[..., None],
        add_gradients: Callable[..., None] | None = None,
    ) -> None:
        self.name = name
        self.sizes = CELL_SIZES[name]
        self.functions = (forward, backward, add_gradients or gradients_of(self.sizes.gates))
        _CELLS[name] = self


_CELLS: dict[str, Cell] = {}


class CellType(types.Type):
    """The Numba type of one cell: no data, only a choice of sizes and functions at compile time."""

    def __init__(self, cell: str) -> None:
        self.cell = cell
        super().__init__(name=f"cell({cell})")


register_model(CellType)(models.OpaqueModel)


@typeof_impl.register(Cell)
def _typeof_cell(cell: Cell, _context: Any) -> CellType:
    return CellType(cell.name)


@unbox(CellType)
def _unbox_cell(_kind: Any, _cell: Any, context: Any) -> Any:
    return NativeValue(context.context.get_dummy_value())


def sizes_of(cell):
    """Return the `CellSizes` of a cell, constants at compile time."""
    return cell.sizes


def forward(cell, layer, x, before, now, terms):
    """Compute one step of one layer; see `Cell`."""


def backward(cell, layer, dh, dz_next, carry, before, now, dz, terms):
    """Compute the gradient at one step's pre-activations; see `Cell`."""


def add_gradients(cell, layer, gradient, block):
    """Add the gradients of a block of steps; see `Cell`."""


@overload(sizes_of, jit_options=KERNEL_OPTIONS)
def _sizes_of(cell):
    gates, kept, gradients, biases, joint, states = _CELLS[cell.cell].sizes
    return lambda cell: CellSizes(gates, kept, gradients, biases, joint, states)


@overload(forward, jit_options=KERNEL_OPTIONS)
def _forward(cell, layer, x, before, now, terms):
    step, _, _ = _CELLS[cell.cell].functions
    return lambda cell, layer, x, before, now, terms: step(layer, x, before, now, terms)


@overload(backward, jit_options=KERNEL_OPTIONS)
def _backward(cell, layer, dh, dz_next, carry, before, now, dz, terms):
    _, step, _ = _CELLS[cell.cell].functions
    return lambda cell, layer, dh, dz_next, carry, before, now, dz, terms: step(
        layer, dh, dz_next, carry, before, now, dz, terms
    )


@overload(add_gradients, jit_options=KERNEL_OPTIONS)
def _add_gradients(cell, layer, gradient, block):
    _, _, add = _CELLS[cell.cell].functions
    return lambda cell, layer, gradient, block: add(layer, gradient, block)
