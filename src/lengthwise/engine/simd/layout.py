"""The layout of memory: the flat vector of parameters, its panels, and a thread's buffers.

A chunk is C = ``CHUNK`` sequences side by side, the vector axis. All its data are in a workspace that is reused for the
next chunk, so that memory does not grow with the batch. Letters:

    s   steps of the window            F   inputs of a layer         O   classes, or numbers
    L   layers                         H   units                     C   sequences of the chunk
    D   directions, 1 or 2

Buffers, float32, in rows of a chunk (row-major, the last axis C):

    x (s, F, C)                       the gathered window
    kept (L * D, s + 1, kept * H, C)  what forward keeps of each step, in the order of computation; index 0 is the state
                                      before the first: zero, or the last of the window before; in evaluation
                                      only the states are kept, see `kept_rows`
    y (L, s, D * H, C)                a layer's outputs as the layer above sees them, in the order of time: of both
                                      directions, after dropout; used only where they differ from `kept`
    top (2 * D * H, C)                the head's inputs, and the steps of the maxima
    z (O + 2, C)                      logits, then probabilities, then their gradient
    dz (GRADIENT_STEPS + 1,           gradient at the pre-activations of one layer, in the order of computation; of the
        gradients * H, C)             steps under way, and of the one that follows them
    dh, dx (s, D * H, C)              gradient at a layer's outputs, and at its inputs
    carry (H, C)                      what a step passes to the step before, see `cells.cell.Cell`

and sequence by sequence, as the weight gradients read them (the last axis rounded up to whole vectors):

    x_columns (C, s, F)               the gathered window
    h_columns (L * D, s + 1, C, H)    the outputs of each step, in the order of computation; index 0 is the state before
    y_columns (L, s, C, D * H)        the outputs as the layer above sees them
    top_columns (C, D * H)            the head's inputs
    scratch (GRADIENT_STEPS, C, H)    temporary data of a cell
"""

from typing import Any, NamedTuple

from lengthwise.engine.simd.host import CHUNK, LANES, VECTORS

GRADIENT_STEPS = 32
"""Steps whose weight gradients are summed at once, so that their activations are still in the cache."""


class Panels(NamedTuple):
    """The parameters in the order in which the tiles read them; see `lengthwise.engine.simd.panels`.

    Attributes
    ----------
    forward : pointer to float32, shape (P,)
        The matrices and biases in the order of the parameters.
    backward : pointer to float32, shape (P,)
        The matrices' transposes.
    """

    forward: Any
    backward: Any


class Workspace(NamedTuple):
    """The buffers of one thread; see the head of this file. The kernels take their addresses.

    Attributes
    ----------
    x, kept, y, top, z, dz, dh, dx, carry, zeros : ndarray of shape (size,), float32
    x_columns, h_columns, y_columns, top_columns, scratch : ndarray of shape (size,), float32
    offsets, targets : ndarray of shape (C,), int64
        Where each sequence's window begins in the data, in values; and its class.
    sequences, starts : ndarray of shape (C,), int64
        The number of each sequence, and its window's first step; for losses of every step.
    numbers : ndarray of shape (O * C,), float32
        The target of each sequence, (O, C), if it is numbers.
    lengths, shares : ndarray of shape (C,), float32
        Steps of each sequence's window, at most s, and 1 divided by it.
    factors, step_factors : ndarray of shape (C,), float32
        Factor of each sequence's loss in the batch's; the same of a step.
    losses, step_losses : ndarray of shape (C,), float32
        Of a window, and of one step.
    scores : ndarray of shape (C,), float32
        The score of each window, which the loss defines.
    predicted : ndarray of shape (C,), int64
        The predicted class of each sequence.
    """

    x: Any
    kept: Any
    y: Any
    top: Any
    z: Any
    dz: Any
    dh: Any
    dx: Any
    carry: Any
    zeros: Any
    x_columns: Any
    h_columns: Any
    y_columns: Any
    top_columns: Any
    scratch: Any
    offsets: Any
    targets: Any
    sequences: Any
    starts: Any
    numbers: Any
    lengths: Any
    shares: Any
    factors: Any
    step_factors: Any
    losses: Any
    step_losses: Any
    scores: Any
    predicted: Any


class Chunk(NamedTuple):
    """The examples of a chunk.

    Attributes
    ----------
    first, examples : int
        Its first example of the batch, and how many there are.
    shortest : int
        Steps of its shortest window: s, or less where sequences are shorter than the window.
    steps : int
        Steps that the head sees: s, or less where windows are evaluated by their first steps.
    training : bool
        Whether there will be a backward pass.
    key : uint64
        Seed of the masks of dropout.
    """

    first: int
    examples: int
    shortest: int
    steps: int
    training: bool
    key: Any


def step_floats(rows: int) -> int:
    """Return the floats from one step's rows to the next's: an odd number of vectors.

    With a power of two, the same row of all steps would fall into one set of the first-level cache.
    """
    return (rows * VECTORS | 1) * LANES


def window_floats(length: int) -> int:
    """Return the floats from one sequence's window of `length` values to the next's: an odd number of vectors."""
    return ((length + LANES - 1) // LANES | 1) * LANES


def column_floats(rows: int) -> int:
    """Return the floats from one sequence's column of `rows` values to the next's: whole vectors."""
    return (rows + LANES - 1) // LANES * LANES


def layer_parameters(size, F, H):
    """Return how many parameters one direction of a layer has: W_x, W_h and b, in this order.

    Parameters
    ----------
    size : CellSizes
    F, H : int
    """
    return size.gates * H * (F + H) + size.biases * H


def first_parameter(size, sizes, place):
    """Return the index of the first parameter of the layer at `place`, or of the head at L * D, after all layers.

    Parameters
    ----------
    size : CellSizes
    sizes : Sizes
    place : int
        Layers are counted one by one, and of each one direction after the other.
    """
    H, D = sizes.H, sizes.D
    first, other = layer_parameters(size, sizes.F, H), layer_parameters(size, D * H, H)
    return min(place, D) * first + max(place - D, 0) * other


def carried_floats(size, sizes):
    """Return how many numbers of a chunk's states are carried from its windows to the next."""
    return sizes.L * sizes.D * size.kept * sizes.H * CHUNK
