"""A recurrent cell as the engine computes it: its sizes, and its functions of a step."""

from collections.abc import Callable
from typing import Any, NamedTuple

from numba.extending import overload

from lengthwise.engine.protocol import CELL_SIZES, CellSizes
from lengthwise.engine.simd.dispatch import Choice, choice_of, chosen
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
    """The sums of one layer's gradients.

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
        Temporary data of a cell that needs them.
    steps : int
    first : int
        1 if step 0 is the first of the window, before which the state is zero; otherwise 0.
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


class Cell(Choice):
    """A cell, as the kernels are compiled for it.

    Parameters
    ----------
    name : str
        The engine's name of it: its sizes are those of `lengthwise.engine.protocol.CELL_SIZES`.
    forward : kernel ``(layer, x, before, now, terms)``
        Writes ``now`` (kept * H, C), what is kept of this step, from the inputs x (F, C) and ``before``, what was kept
        of the step before (zeros at the first step). ``terms`` is the number of rows of h to read there: H, or 0 at the
        first step, where they are zero.
    backward : kernel ``(layer, dh, dz_next, carry, before, now, dz, terms)``
        Writes dz (gradients * H, C), the gradient at the pre-activations of this step, from ``dh`` (H, C), the gradient
        from above (which may be overwritten), and ``dz_next``, the dz of the step after, of which ``terms`` rows a gate
        are to be read: H, or 0 at the last step, after which there is none. ``carry`` (H, C) has what the step after
        passes to this one, and is overwritten with what this one passes to the step before: for a cell with two states
        the gradient at the second, otherwise a part of the gradient at h.
    add_gradients : kernel ``(layer, gradient, block)``, optional
        Adds a block's gradients; needed if the gates do not all have the same inputs.
    """

    def __init__(
        self,
        name: str,
        *,
        forward: Callable[..., None],
        backward: Callable[..., None],
        add_gradients: Callable[..., None] | None = None,
    ) -> None:
        self.sizes = CELL_SIZES[name]
        add_gradients = add_gradients or gradients_of(self.sizes.gates)
        super().__init__(name, forward=forward, backward=backward, add_gradients=add_gradients)


def sizes_of(cell):
    """Return the `CellSizes` of a cell, constants at compile time."""
    return cell.sizes


@overload(sizes_of, jit_options=KERNEL_OPTIONS)
def _sizes_of(cell):
    gates, kept, gradients, biases, joint, states = choice_of(cell).sizes
    return lambda cell: CellSizes(gates, kept, gradients, biases, joint, states)


@chosen
def forward(cell, layer, x, before, now, terms):
    """Compute one step of one layer; see `Cell`."""


@chosen
def backward(cell, layer, dh, dz_next, carry, before, now, dz, terms):
    """Compute the gradient at one step's pre-activations; see `Cell`."""


@chosen
def add_gradients(cell, layer, gradient, block):
    """Add the gradients of a block of steps; see `Cell`."""
