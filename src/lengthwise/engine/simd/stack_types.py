"""The arguments of the kernels of `lengthwise.engine.simd.stack`.

Letters as there: B sequences of s steps of F features, L layers of H units in D directions, C sequences in a chunk.
"""

from typing import Any, NamedTuple


class Batch(NamedTuple):
    """Sequences, and their initial states.

    Attributes
    ----------
    x : ndarray of shape (B, s, F), float32
    lengths : ndarray of shape (B,), int64
        Valid steps of each, 1 to s.
    h, c : ndarray of shape (L * D, B, H), float32
        The initial states; c of an LSTM only. Not read if `given` is False.
    given : bool
    B : int
    """

    x: Any
    lengths: Any
    h: Any
    c: Any
    given: Any
    B: int


class Results(NamedTuple):
    """The arrays that forward writes.

    Attributes
    ----------
    y : ndarray of shape (B, s, D * H), float32
        The top layer's outputs, zero beyond a sequence's length.
    h, c : ndarray of shape (L * D, B, H), float32
        The final states; c of an LSTM only.
    """

    y: Any
    h: Any
    c: Any


class Above(NamedTuple):
    """The gradients that backward begins with.

    Attributes
    ----------
    y : ndarray of shape (B, s, D * H), float32
    h, c : ndarray of shape (L * D, B, H), float32
        Not read if `of_h` or `of_c` is False.
    of_y, of_h, of_c : bool
        Which of them are given.
    """

    y: Any
    h: Any
    c: Any
    of_y: Any
    of_h: Any
    of_c: Any


class Below(NamedTuple):
    """The gradients that backward writes.

    Attributes
    ----------
    x : ndarray of shape (B, s, F), float32
    h, c : ndarray of shape (L * D, B, H), float32
    weights : ndarray of shape (groups, P), float32
        The sum over the groups is the gradient.
    of_x, of_h : bool
        Whether those at the inputs, and those at the initial states, are to be written.
    """

    x: Any
    h: Any
    c: Any
    weights: Any
    of_x: Any
    of_h: Any


class Buffers(NamedTuple):
    """The buffers of a thread for one chunk, float32; rows of a chunk, or sequence by sequence.

    Attributes
    ----------
    x (s, F, C), y (s, D * H, C) : ndarray
        The inputs; a layer's outputs in both directions, in the order of time.
    dz (GRADIENT_STEPS + 1, gradients * H, C), dh, dx (s, D * H, C), dinputs (s, F, C) : ndarray
        As in `lengthwise.engine.simd.layout`; the gradient at the inputs.
    carry, carried, product (H, C), nothing (gradients * H, C) : ndarray
    row (D * H, C) : ndarray
    zeros : ndarray
    x_columns (C, s, F), dy_columns (C, s, D * H) : ndarray
    in_columns (GRADIENT_STEPS, C, D * H), h_columns, scratch (GRADIENT_STEPS, C, H) : ndarray
    out_columns (C, H) : ndarray
    rows, offsets : ndarray of shape (C,), int64
        Which sequence of the batch each one is, and where its values begin.
    lengths, shares : ndarray of shape (C,), float32
    """

    x: Any
    y: Any
    dz: Any
    dh: Any
    dx: Any
    dinputs: Any
    carry: Any
    carried: Any
    product: Any
    nothing: Any
    row: Any
    zeros: Any
    x_columns: Any
    dy_columns: Any
    in_columns: Any
    h_columns: Any
    scratch: Any
    out_columns: Any
    rows: Any
    offsets: Any
    lengths: Any
    shares: Any
