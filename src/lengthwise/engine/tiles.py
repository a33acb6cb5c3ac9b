"""Matrix products over a chunk, tile by tile.

One operation does all the work: a tile of accumulators, a few rows times a few vectors, takes ``weight * row`` for
every row of the tile, where the weight is broadcast and the row is vectors. Forward and backward broadcast weights and
read rows of a chunk; the weight gradient broadcasts a sequence's gradient and reads the sequence's inputs.

A tile function computes one tile of a result with all accumulators in registers. `over_rows` and `over_tiles` turn it
into a function for any number of rows, which calls it with tiles of nearly equal size: 31 rows are done as
11 + 10 + 10, and not as 12 + 12 + 7, of which the last would wait for its own results.

Weights are read from *panels*: `pack` lays a matrix out in the order in which the tiles read it, so that a tile's
weights are consecutive, whatever the matrix's size. M, K: rows and columns of a matrix; C: sequences of a chunk.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from lengthwise.engine.host import VECTOR_SHAPE
from lengthwise.engine.kernel import inlined_kernel, kernel
from lengthwise.engine.simd import (
    CHUNK,
    LANES,
    VECTORS,
    add,
    add_broadcast_product,
    add_row_sums,
    add_to_matrix,
    at,
    call_size,
    combine,
    load_rows,
    rows_of,
    store_rows,
    store_scalar,
    transpose,
    zeros,
)

MAX_ROWS = VECTOR_SHAPE.rows


class Rows(NamedTuple):
    """Rows of a chunk at every step: where step 0 begins, and the floats from a step to the next.

    Attributes
    ----------
    p : pointer to float32, shape (steps, rows, C)
    step : int
    """

    p: Any
    step: int


class Columns(NamedTuple):
    """The same numbers sequence by sequence: where step 0 begins, the floats to the next step and the next sequence.

    Attributes
    ----------
    p : pointer to float32, shape (steps, C, rows)
    step, sequence : int
    """

    p: Any
    step: int
    sequence: int


@kernel
def tile_rows(M, most, row, tile, tiles):
    """Return the rows of tile number `tile` of `tiles`, which begins at `row` of M, so that all are nearly equal."""
    return (M - row + tiles - tile - 1) // (tiles - tile)


def over_rows(function: Callable[..., Any], gates: int = 1) -> Any:
    """Make ``f(M, *arguments)`` of a tile function ``function(size, first_row, _, *arguments)``.

    The tile has `gates` times the rows: those of the first gate, those of the second, and so on.
    """
    most = max(1, MAX_ROWS // gates)
    call_rows = call_size([(rows * gates, VECTORS) for rows in range(1, most + 1)])

    @kernel
    def whole(M, *arguments):
        tiles = (M + most - 1) // most
        row = 0
        for tile in range(tiles):
            rows = tile_rows(M, most, row, tile, tiles)
            call_rows(rows - 1, function, row, 0, arguments)
            row += rows

    return whole


_call_gradient = call_size([(rows, columns) for columns in range(1, VECTORS + 1) for rows in range(1, MAX_ROWS + 1)])


def over_tiles(function: Callable[..., Any]) -> Any:
    """Make ``f(M, K, *arguments)`` of a tile function ``function(size, first_row, first_column, *arguments)``."""

    @kernel
    def whole(M, K, *arguments):
        tiles = (M + MAX_ROWS - 1) // MAX_ROWS
        row = 0
        for tile in range(tiles):
            rows = tile_rows(M, MAX_ROWS, row, tile, tiles)
            for column in range(0, K, CHUNK):
                vectors = min(VECTORS, (K - column + LANES - 1) // LANES)
                _call_gradient((vectors - 1) * MAX_ROWS + rows - 1, function, row, column, arguments)
            row += rows

    return whole


@kernel
def pack(M, gates, K, panels, W, row_stride, column_stride):
    """Write a matrix in the order in which the tiles of ``over_rows(…, gates)`` read it.

    Parameters
    ----------
    M, gates, K : int
        The matrix is (gates * M, K).
    panels : pointer to float32, shape (gates * M * K,)
        Written: tile after tile; of a tile, column after column; of a column, the tile's rows.
    W : pointer to float32
        Element (i, k) is ``W[i * row_stride + k * column_stride]``.
    """
    most = max(1, MAX_ROWS // gates)
    tiles = (M + most - 1) // most
    row = 0
    for tile in range(tiles):
        rows = tile_rows(M, most, row, tile, tiles)
        for g in range(gates):
            for r in range(rows):
                weights = at(W, (g * M + row + r) * row_stride)
                out = at(panels, row * gates * K + g * rows + r)
                for k in range(K):
                    store_scalar(weights[k * column_stride], out, k * gates * rows)
        row += rows


@inlined_kernel
def add_product(tile, panel, x, K):
    """``tile[r] += sum over k < K of panel[k, r] * x[k]``, x a chunk buffer of K rows."""
    rows = rows_of(tile)
    for k in range(K):
        tile = add_broadcast_product(tile, at(panel, k * rows), 1, at(x, k * CHUNK))
    return tile


@kernel
def _product_rows(size, m, _, out, panels, x, K):
    store_rows(add_product(zeros(size), at(panels, m * K), x, K), at(out, m * CHUNK))


product = over_rows(_product_rows)
"""``product(M, out, panels, x, K)``: out (M, C) = weights (M, K) @ x (K, C)."""


@kernel
def _gradient_tile(size, m, k, K, gradient, dz, x, steps):
    tile = zeros(size)
    left = at(dz.p, m * CHUNK)
    right = at(x.p, k)
    for t in range(steps):
        for b in range(CHUNK):
            tile = add_broadcast_product(tile, at(left, t * dz.step + b), CHUNK, at(right, t * x.step + b * x.sequence))
    add_to_matrix(tile, at(gradient, m * K + k), K, K - k)


_add_weight_gradient = over_tiles(_gradient_tile)


@inlined_kernel
def add_weight_gradient(M, K, gradient, dz, x, steps):
    """Add to gradient (M, K) the sum over steps t and sequences b of dz[t, m, b] x[t, b, k].

    Parameters
    ----------
    gradient : pointer to float32, shape (M, K)
    dz : Rows, shape (steps, M, C)
    x : Columns, shape (steps, C, K)
    """
    _add_weight_gradient(M, K, K, gradient, dz, x, steps)


@kernel
def _bias_rows(size, m, _, gradient, dz, steps):
    tile = zeros(size)
    for t in range(steps):
        tile = combine(add, tile, load_rows(size, at(dz.p, m * CHUNK + t * dz.step)))
    add_row_sums(tile, at(gradient, m))


add_bias_gradient = over_rows(_bias_rows)
"""``add_bias_gradient(M, gradient, dz, steps)``: gradient (M,) += the sum over steps and sequences of dz (M, C)."""


@kernel
def transpose_rows(M, p, out, stride):
    """``out[b * stride + m] = p[m, b]``: rows (M, C) of a chunk, sequence by sequence, in whole squares of lanes."""
    for m in range(0, M, LANES):
        for b in range(0, CHUNK, LANES):
            transpose(at(p, m * CHUNK + b), at(out, b * stride + m), stride)
