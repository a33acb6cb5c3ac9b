"""Matrix products over a chunk, tile by tile.

A tile function computes a few rows (or rows and columns) of a result with all accumulators in registers. `over_rows`
and `over_tiles` turn it into a function for any number of rows, which calls it with tiles of nearly equal size: 31
rows are done as 8 + 8 + 8 + 7, and not as 8 + 8 + 8 + 4 + 2 + 1, of which the small ones would wait for their own
results.
"""

from collections.abc import Callable
from typing import Any

from lengthwise.engine.host import VECTOR_SHAPE
from lengthwise.engine.kernel import inlined_kernel, kernel
from lengthwise.engine.simd import (
    CHUNK,
    LANES,
    VECTORS,
    add_broadcast_product,
    add_lane_sums,
    add_outer_product,
    at,
    call_size,
    store_rows,
    zeros,
)

MAX_ROWS = VECTOR_SHAPE.rows
GRADIENT_ROWS = VECTOR_SHAPE.gradient_rows
GRADIENT_COLUMNS = VECTOR_SHAPE.gradient_columns


_PRODUCT_SIZES = [(rows, VECTORS) for rows in range(1, MAX_ROWS + 1)]
_GRADIENT_SIZES = [
    (rows, columns) for rows in range(1, GRADIENT_ROWS + 1) for columns in range(1, GRADIENT_COLUMNS + 1)
]
_call_product_size = call_size(_PRODUCT_SIZES)
_call_gradient_size = call_size(_GRADIENT_SIZES)


def over_rows(function: Callable[..., Any]) -> Any:
    """Make ``f(M, *arguments)`` of a tile function ``function(size, first_row, _, *arguments)``."""

    @kernel
    def whole(M, *arguments):
        tiles = (M + MAX_ROWS - 1) // MAX_ROWS
        row = 0
        for tile in range(tiles):
            rows = (M - row + tiles - tile - 1) // (tiles - tile)
            _call_product_size(rows - 1, function, row, 0, arguments)
            row += rows

    return whole


def over_tiles(function: Callable[..., Any]) -> Any:
    """Make ``f(M, K, *arguments)`` of a tile function ``function(size, first_row, first_column, *arguments)``."""

    @kernel
    def whole(M, K, *arguments):
        row_tiles = (M + GRADIENT_ROWS - 1) // GRADIENT_ROWS
        column_tiles = (K + GRADIENT_COLUMNS - 1) // GRADIENT_COLUMNS
        row = 0
        for i in range(row_tiles):
            rows = (M - row + row_tiles - i - 1) // (row_tiles - i)
            column = 0
            for j in range(column_tiles):
                columns = (K - column + column_tiles - j - 1) // (column_tiles - j)
                index = (rows - 1) * GRADIENT_COLUMNS + columns - 1
                _call_gradient_size(index, function, row, column, arguments)
                column += columns
            row += rows

    return whole


@inlined_kernel
def add_product(tile, weights, row_stride, step_stride, x, K):
    """``tile[r] += sum over k < K of weights[r * row_stride + k * step_stride] * x[k]``, x a chunk buffer of K rows."""
    for k in range(K):
        tile = add_broadcast_product(tile, at(weights, k * step_stride), row_stride, at(x, k * CHUNK))
    return tile


@kernel
def _product_rows(rows, m, _, out, weights, row_stride, step_stride, x, K):
    tile = add_product(zeros(rows), at(weights, m * row_stride), row_stride, step_stride, x, K)
    store_rows(tile, at(out, m * CHUNK))


product = over_rows(_product_rows)
"""``product(M, out, weights, row_stride, step_stride, x, K)``: out (M, CHUNK) = weights (M, K) @ x (K, CHUNK)."""


@kernel
def _gradient_tile(extent, m, k, gradient, stride, dz, dz_stride, x, x_stride, steps):
    tile = zeros(extent)
    left = at(dz, m * CHUNK)
    right = at(x, k * CHUNK)
    for t in range(steps):
        for v in range(VECTORS):
            offset = v * LANES
            tile = add_outer_product(tile, at(left, t * dz_stride + offset), at(right, t * x_stride + offset))
    add_lane_sums(tile, at(gradient, m * stride + k), stride)


add_weight_gradient = over_tiles(_gradient_tile)
"""``add_weight_gradient(M, K, gradient, stride, dz, dz_stride, x, x_stride, steps)``.

gradient (M, K) += the sum over time steps t and sequences b of dz[t, m, b] x[t, k, b], where step t of dz (M, CHUNK)
and of x (K, CHUNK) begin ``t * dz_stride`` and ``t * x_stride`` after the first.
"""
