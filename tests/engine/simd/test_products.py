"""The products over a chunk against NumPy's, for every number of rows that makes other tiles."""

import numba
import numpy as np
import pytest

from lengthwise.engine.simd.products import (
    MAX_ROWS,
    Columns,
    Rows,
    add_bias_gradient,
    add_matrix_product,
    add_weight_gradient,
    affine,
    pack,
    pack_transposed,
    transpose_rows,
)
from lengthwise.engine.simd.vectors import CHUNK, LANES, pointer

ROWS = sorted({1, 2, LANES, MAX_ROWS - 1, MAX_ROWS, MAX_ROWS + 1, 2 * MAX_ROWS + 1, 31, 64})
STEPS = 3


@numba.njit
def products(W, U, b, x, h, panels, other, z, out, terms):
    (M, F), H = W.shape, U.shape[1]
    pack(M, F, pointer(panels), pointer(W), 0, 1)
    pack(M, H, pointer(other), pointer(U), 0, 1)
    affine(M, pointer(z), pointer(b), pointer(panels), F, pointer(x), pointer(other), H, pointer(h), terms)
    add_matrix_product(M, pointer(out), pointer(panels), F, pointer(x), F)


@numba.njit
def gradients(dz, x, dW, db, columns, stride):
    steps, M, _ = dz.shape
    K = dW.shape[1]
    for t in range(steps):
        transpose_rows(K, pointer(x[t]), pointer(columns[t]), stride)
    add_weight_gradient(
        M, K, pointer(dW), Rows(pointer(dz), M * CHUNK), Columns(pointer(columns), CHUNK * stride, stride), steps
    )
    add_bias_gradient(M, pointer(db), Rows(pointer(dz), M * CHUNK), steps)


@numba.njit
def pack_shares(M, K, panels, W, shares):
    for share in range(shares - 1, -1, -1):
        pack(M, K, pointer(panels), pointer(W), share, shares)


@numba.njit
def pack_shares_transposed(M, K, panels, W_T, shares):
    for share in range(shares - 1, -1, -1):
        pack_transposed(M, K, pointer(panels), pointer(W_T), share, shares)


def tile_after_tile(W):
    """Return the panels of a matrix as NumPy makes them."""
    tiles = np.array_split(W, -(-len(W) // MAX_ROWS))
    return np.concatenate([tile.T.ravel() for tile in tiles])


def drawn(*shape):
    return np.random.default_rng(shape).normal(size=shape).astype(np.float32)


def close(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-5 * max(1.0, np.abs(expected).max()))


@pytest.mark.parametrize("M", ROWS)
@pytest.mark.parametrize("K", [1, LANES, 28, 2 * LANES + 1, 67])
@pytest.mark.parametrize("shares", [1, 3])
def test_panels_are_those_of_numpy_in_any_number_of_shares_and_nothing_is_written_beside_them(M, K, shares):
    W = drawn(M, K)
    panels, transposed = (np.full(M * K + 2 * LANES, np.nan, np.float32) for _ in range(2))
    pack_shares(M, K, panels, W, shares)
    pack_shares_transposed(M, K, transposed, np.ascontiguousarray(W.T), shares)
    for written in (panels, transposed):
        np.testing.assert_array_equal(written[: M * K], tile_after_tile(W))
        assert np.isnan(written[M * K :]).all()


@pytest.mark.parametrize("M", ROWS)
@pytest.mark.parametrize("all_terms", [True, False])
def test_affine_and_the_added_product_are_those_of_numpy(M, all_terms):
    F, H = 28, 31
    W, U, b, x, h, out = drawn(M, F), drawn(M, H), drawn(M), drawn(F, CHUNK), drawn(H, CHUNK), drawn(M, CHUNK)
    z, before = np.full((M, CHUNK), np.nan, np.float32), out.astype(np.float64)
    products(W, U, b, x, h, np.empty_like(W), np.empty_like(U), z, out, H if all_terms else 0)
    of_x = W.astype(np.float64) @ x
    close(z, b[:, None] + of_x + (U.astype(np.float64) @ h if all_terms else 0))
    close(out, before + of_x)


@pytest.mark.parametrize("M", ROWS)
@pytest.mark.parametrize("K", [1, LANES - 1, LANES, LANES + 1, CHUNK, CHUNK + 1, 2 * CHUNK + 3])
def test_gradients_of_weights_and_biases_are_those_of_numpy(M, K):
    dz = drawn(STEPS, M, CHUNK)
    whole = -(-K // LANES) * LANES
    x = np.full((STEPS, whole, CHUNK), np.nan, np.float32)
    x[:, :K] = drawn(STEPS, K, CHUNK)
    # A tile may read, and must not use, what lies beyond a sequence's column.
    columns = np.full((STEPS + 1, CHUNK, whole), np.nan, np.float32)
    dW, db = drawn(M, K), drawn(M)
    expected_W = dW + np.einsum("tmb,tkb->mk", dz.astype(np.float64), x[:, :K].astype(np.float64))
    expected_b = db + dz.astype(np.float64).sum(axis=(0, 2))
    gradients(dz, x, dW, db, columns, whole)
    close(dW, expected_W)
    close(db, expected_b)
    np.testing.assert_array_equal(columns[:STEPS, :, :K], x[:, :K].transpose(0, 2, 1))
