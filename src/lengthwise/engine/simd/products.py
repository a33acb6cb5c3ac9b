"""Matrix products over a chunk, tile by tile.

One operation does all the work: a tile of accumulators, a few rows times a few vectors, takes ``weight * row`` for
every row of the tile, where the weight is broadcast and the row is vectors. Forward and backward broadcast weights and
read rows of a chunk; the weight gradient broadcasts a sequence's gradient and reads the sequence's inputs.

A tile function computes one tile of a result with all accumulators in registers. `over_rows` and `over_tiles` turn it
into a function for any number of rows, which calls it with tiles of nearly equal size: 31 rows are done as
11 + 10 + 10, and not as 12 + 12 + 7, where the last tile would be too small to hide the latency of its additions.

Weights are read from *panels*: `pack` lays a matrix out in the order in which the tiles read it, so that a tile's
weights are consecutive, whatever the matrix's size. M, K: rows and columns of a matrix; C: sequences of a chunk.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from lengthwise.engine.simd.host import VECTOR_SHAPE
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.team import share_of
from lengthwise.engine.simd.vectors import (
    CHUNK,
    LANES,
    VECTORS,
    add_products,
    add_to_matrix,
    at,
    broadcast_rows,
    call_size,
    lane_sum,
    load,
    load_rows,
    rows_of,
    store,
    store_rows,
    store_scalar,
    transpose,
    zeros,
)

i64 = np.int64

MAX_ROWS, MAX_COLUMNS = VECTOR_SHAPE.rows, VECTOR_SHAPE.columns


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
def tile_rows(M, row, tile, tiles):
    """Return the rows of tile number `tile` of `tiles`, which begins at `row` of M, so that all are nearly equal."""
    return (M - row + tiles - tile - 1) // (tiles - tile)


_call_rows = call_size([(rows, VECTORS) for rows in range(1, MAX_ROWS + 1)])


def over_rows(function: Callable[..., Any]) -> Any:
    """Make ``f(M, *arguments)`` of a tile function ``function(size, first_row, _, *arguments)``."""

    @kernel
    def whole(M, *arguments):
        tiles = (M + MAX_ROWS - 1) // MAX_ROWS
        row = 0
        for tile in range(tiles):
            rows = tile_rows(M, row, tile, tiles)
            _call_rows(rows - 1, function, row, 0, arguments)
            row += rows

    return whole


_call_gradient = call_size(
    [(rows, columns) for columns in range(1, MAX_COLUMNS + 1) for rows in range(1, MAX_ROWS + 1)]
)


def over_tiles(function: Callable[..., Any]) -> Any:
    """Make ``f(M, K, *arguments)`` of a tile function ``function(size, first_row, first_column, *arguments)``."""

    @kernel
    def whole(M, K, *arguments):
        tiles = (M + MAX_ROWS - 1) // MAX_ROWS
        row = 0
        for tile in range(tiles):
            rows = tile_rows(M, row, tile, tiles)
            for column in range(0, K, MAX_COLUMNS * LANES):
                vectors = min(MAX_COLUMNS, (K - column + LANES - 1) // LANES)
                _call_gradient((vectors - 1) * MAX_ROWS + rows - 1, function, row, column, arguments)
            row += rows

    return whole


@kernel
def pack(M, K, panels, W, share, shares):
    """Write a share of the panels of a matrix: some of the tiles, in the order in which `over_rows` reads them.

    Parameters
    ----------
    M, K : int
    panels : pointer to float32, shape (M * K,)
        Written: tile after tile; of a tile, column after column; of a column, the tile's rows.
    W : pointer to float32, shape (M, K)
    share, shares : int
        Which share, and of how many.
    """
    tiles = (M + MAX_ROWS - 1) // MAX_ROWS
    first, end = share_of(tiles, share, shares)
    row = 0
    for tile in range(tiles):
        rows = tile_rows(M, row, tile, tiles)
        if first <= tile < end:
            _pack_tile(rows, M - row, K, at(panels, row * K), at(W, row * K))
        row += rows


@kernel
def pack_transposed(M, K, panels, W, share, shares):
    """Write a share of the panels of a matrix (M, K) whose transpose is W (K, M): the columns that are some rows of W.

    They are written some at a time, which are in the cache while they go into all the tiles.
    """
    first, end = share_of(K, share, shares)
    for start in range(first, end, LANES):
        _pack_columns(M, K, panels, W, start, min(start + LANES, end), end)


# Whole vectors are written, of which what is beyond a tile's rows falls where the next column will be. So the last
# columns, as many as one vector covers, are written number by number.


@kernel
def _vectors(rows):
    """Return how many vectors hold a column of a tile."""
    return (rows + LANES - 1) // LANES


@kernel
def _columns_of_vector(rows):
    """Return how many columns of a tile one vector covers."""
    return (LANES + rows - 1) // rows


@kernel
def _pack_tile(rows, rows_left, K, out, W):
    """Write a tile's panel in squares, if the matrix has so many rows left, and number by number."""
    column = 0
    if _vectors(rows) * LANES <= rows_left:
        while column + LANES + _columns_of_vector(rows) <= K:
            for i in range(_vectors(rows) - 1, -1, -1):
                transpose(at(W, i * LANES * K + column), K, at(out, column * rows + i * LANES), rows)
            column += LANES
    for r in range(rows):
        for k in range(column, K):
            store_scalar(W[r * K + k], out, k * rows + r)


@kernel
def _pack_columns(M, K, panels, W, start, stop, end):
    """Write the columns from `start` to `stop` of the panels of W's transpose, where a share's columns end at `end`."""
    tiles = (M + MAX_ROWS - 1) // MAX_ROWS
    row = 0
    for tile in range(tiles):
        rows = tile_rows(M, row, tile, tiles)
        weights, out = at(W, row), at(panels, row * K)
        last = min(stop, max(start, end - _columns_of_vector(rows)))
        for k in range(start, last):
            for i in range(0, _vectors(rows) * LANES, LANES):
                store(load(weights, k * M + i), out, k * rows + i)
        for k in range(last, stop):
            for r in range(rows):
                store_scalar(weights[k * M + r], out, k * rows + r)
        row += rows


@kernel
def _affine_rows(size, m, _, z, b, W, F, x, U, H, h, terms):
    rows = rows_of(size)
    tile = broadcast_rows(size, at(b, m))
    tile = add_products(tile, at(W, m * F), rows, 1, x, CHUNK, F)
    tile = add_products(tile, at(U, m * H), rows, 1, h, CHUNK, terms)
    store_rows(tile, at(z, m * CHUNK))


affine = over_rows(_affine_rows)
"""``affine(M, z, b, W, F, x, U, H, h, terms)``: z (M, C) = b + W x + U h.

W and U are panels of matrices (M, F) and (M, H). Of U h only the first `terms` terms are summed: H, or 0 where h is
zero.
"""


@kernel
def _add_product_rows(size, m, _, out, W, K, x, terms):
    tile = load_rows(size, at(out, m * CHUNK))
    tile = add_products(tile, at(W, m * K), rows_of(size), 1, x, CHUNK, terms)
    store_rows(tile, at(out, m * CHUNK))


add_matrix_product = over_rows(_add_product_rows)
"""``add_matrix_product(M, out, W, K, x, terms)``: out (M, C) += W x, of which only the first `terms` terms are summed.

W is panels of a matrix (M, K).
"""


@kernel
def _gradient_tile(size, m, k, K, gradient, dz, x, steps):
    tile = zeros(size)
    left = at(dz.p, m * CHUNK)
    right = at(x.p, k)
    for t in range(steps):
        tile = add_products(tile, at(left, t * dz.step), 1, CHUNK, at(right, t * x.step), x.sequence, CHUNK)
    add_to_matrix(tile, at(gradient, m * K + k), K, K - k)


_add_weight_gradient = over_tiles(_gradient_tile)


@kernel
def add_weight_gradient(M, K, gradient, dz, x, steps):
    """Add to gradient (M, K) the sum over steps t and sequences b of dz[t, m, b] x[t, b, k].

    Parameters
    ----------
    gradient : pointer to float32, shape (M, K)
    dz : Rows, shape (steps, M, C)
    x : Columns, shape (steps, C, K)
    """
    if steps > 0:
        _add_weight_gradient(M, K, K, gradient, dz, x, steps)


@kernel
def add_bias_gradient(M, gradient, dz, steps):
    """Add to gradient (M,) the sum over steps and sequences of dz (steps, M, C)."""
    for m in range(M):
        total = load(dz.p, m * CHUNK)
        for i in range(LANES, CHUNK, LANES):
            total = total + load(dz.p, m * CHUNK + i)
        for t in range(1, steps):
            for i in range(0, CHUNK, LANES):
                total = total + load(dz.p, t * dz.step + m * CHUNK + i)
        store_scalar(gradient[m] + lane_sum(total), gradient, m)


@kernel
def transpose_rows(M, p, out, stride):
    """``out[b * stride + m] = p[m, b]``: rows (M, C) of a chunk, sequence by sequence, in whole squares of lanes."""
    for m in range(0, M, LANES):
        for b in range(0, CHUNK, LANES):
            transpose(at(p, m * CHUNK + b), i64(CHUNK), at(out, b * stride + m), stride)
