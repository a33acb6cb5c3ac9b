"""The fused multiply-add limit of one core: what a training step is measured against.

A register tile as large as the kernels' is multiplied with operands that stay in the first-level cache, in the same
vector type, and nothing else happens. Run as a program, it prints the limit in GFLOP/s.
"""

import time

import numpy as np

from lengthwise.engine.simd.compilation import program
from lengthwise.engine.simd.host import VECTOR_SHAPE
from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.vectors import LANES, add_products, add_to_matrix, call_size, pointer, zeros

ROWS, COLUMNS = VECTOR_SHAPE.rows, VECTOR_SHAPE.columns
WIDTH = COLUMNS * LANES
DEPTH = 64
"""Terms of each sum: a hidden layer's size, and few enough that the operands stay in the first-level cache."""

_call = call_size([(ROWS, COLUMNS)])


@kernel
def _tile(size, _row, _column, out, weights, x, rounds):
    tile = zeros(size)
    for _ in range(rounds):
        tile = add_products(tile, weights, ROWS, 1, x, WIDTH, DEPTH)
    add_to_matrix(tile, out, WIDTH, WIDTH)


@program
def multiply(out, weights, x, rounds):
    """Add `rounds` products of weights (DEPTH, ROWS) and x (DEPTH, WIDTH) to one tile."""
    _call(0, _tile, 0, 0, (pointer(out), pointer(weights), pointer(x), rounds))


def measure(seconds: float = 0.3) -> float:
    """Return the fused multiply-add limit of one core in GFLOP/s, the best of about `seconds` seconds of attempts."""
    out = np.zeros(ROWS * WIDTH, np.float32)
    weights = np.zeros(DEPTH * ROWS, np.float32)
    x = np.zeros(DEPTH * WIDTH, np.float32)
    rounds = 2000
    multiply.prepare(out, weights, x, rounds, on_compile=lambda: None)
    best = np.inf
    stop = time.perf_counter() + seconds
    while time.perf_counter() < stop:
        start = time.perf_counter()
        multiply(out, weights, x, rounds)
        best = min(best, time.perf_counter() - start)
    return 2.0 * ROWS * WIDTH * DEPTH * rounds / best / 1e9


if __name__ == "__main__":
    print(f"{measure():.0f} GFLOP/s")
