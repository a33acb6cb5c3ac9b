"""Vectors and register tiles for Numba: the only place that generates LLVM code.

Numba's loop vectoriser does not keep a block of accumulators in registers by itself; these types make it. A vector is
``<lanes x float>``, a tile of R rows and C columns is R * C vectors that LLVM keeps in registers. Kernels written with
them are ordinary Numba functions; `lengthwise.engine.simd.host` chooses the sizes of vectors and tiles.

Contract: float32 in and out; every multiply-add is one fused operation where the processor has it; pointers are
trusted (no bounds are checked); nothing allocates; nothing depends on the number of threads.
"""

from lengthwise.engine.simd.host import CHUNK, LANES, VECTORS
from lengthwise.engine.simd.vectors.tiles import (
    add_products,
    add_to_matrix,
    broadcast_rows,
    call_size,
    gather_square,
    load_rows,
    rows_of,
    store_rows,
    transpose,
    zeros,
)
from lengthwise.engine.simd.vectors.vectors import (
    at,
    atomic_increment,
    atomic_load,
    compare_exchange,
    dropout_mask,
    flush_subnormals,
    lane_sum,
    load,
    maximum,
    minimum,
    multiply_add,
    nanoseconds,
    nearest_integer,
    pointer,
    pointers,
    power_of_two,
    reciprocal,
    restore_mode,
    splat,
    square_root,
    store,
    store_scalar,
    where_less,
    yield_thread,
)

__all__ = [
    "CHUNK",
    "LANES",
    "VECTORS",
    "add_products",
    "add_to_matrix",
    "at",
    "atomic_increment",
    "atomic_load",
    "broadcast_rows",
    "call_size",
    "compare_exchange",
    "dropout_mask",
    "flush_subnormals",
    "gather_square",
    "lane_sum",
    "load",
    "load_rows",
    "maximum",
    "minimum",
    "multiply_add",
    "nanoseconds",
    "nearest_integer",
    "pointer",
    "pointers",
    "power_of_two",
    "reciprocal",
    "restore_mode",
    "rows_of",
    "splat",
    "square_root",
    "store",
    "store_rows",
    "store_scalar",
    "transpose",
    "where_less",
    "yield_thread",
    "zeros",
]
