"""The memory of a thread."""

import numpy as np
from numpy.typing import NDArray

from lengthwise.engine.protocol import CELL_SIZES, Sizes
from lengthwise.engine.simd.host import CHUNK, LANES
from lengthwise.engine.simd.layout import GRADIENT_STEPS, Workspace, column_floats, step_floats, window_floats

CACHE_LINE = 64


def aligned_floats(count: int, fill: float) -> NDArray[np.float32]:
    """Return float32 numbers that begin on a cache line, so that no vector straddles two."""
    padding = CACHE_LINE // 4
    raw = np.full(count + padding, fill, np.float32)
    offset = -(raw.ctypes.data // 4) % padding
    return raw[offset : offset + count]


def workspace_of(cell: str, sizes: Sizes) -> Workspace:
    """Return the buffers of one thread, filled with NaN, so that it shows if something is read before it is written."""
    kind = CELL_SIZES[cell]
    F, H, L, O, s, D, *_ = sizes
    outputs = D * H
    between = (L - 1) * s if D > 1 or sizes.dropout > 0 else 0
    square = LANES * CHUNK  # rows are transposed in whole squares, and columns read in whole tiles

    def rows(steps: int, height: int) -> NDArray[np.float32]:
        return aligned_floats(steps * step_floats(height) + square, np.nan)

    def columns(steps: int, height: int) -> NDArray[np.float32]:
        return aligned_floats(steps * CHUNK * column_floats(height) + CHUNK, np.nan)

    return Workspace(
        x=aligned_floats(s * F * CHUNK, np.nan),
        kept=rows(L * D * (s + 1), kind.kept * H),
        y=rows(between, outputs),
        top=rows(1, 2 * outputs),
        z=aligned_floats((O + 2) * CHUNK, np.nan),
        dz=rows(min(s, GRADIENT_STEPS + 1), kind.gradients * H),
        dh=rows(s, outputs),
        dx=rows(s if D > 1 else 0, outputs),
        carry=rows(1, H),
        zeros=aligned_floats(max(F, outputs), 0.0),
        x_columns=aligned_floats(CHUNK * window_floats(s * F) + CHUNK, np.nan),
        h_columns=columns(L * D * (s + 1), H),
        y_columns=columns(between, outputs),
        top_columns=columns(1, outputs),
        scratch=columns(min(s, GRADIENT_STEPS), H),
        offsets=np.zeros(CHUNK, np.int64),
        targets=np.zeros(CHUNK, np.int64),
        sequences=np.zeros(CHUNK, np.int64),
        starts=np.zeros(CHUNK, np.int64),
        numbers=aligned_floats(O * CHUNK, np.nan),
        lengths=aligned_floats(CHUNK, 0.0),
        shares=aligned_floats(CHUNK, 0.0),
        factors=np.zeros(CHUNK, np.float32),
        step_factors=np.zeros(CHUNK, np.float32),
        losses=np.zeros(CHUNK, np.float32),
        step_losses=np.zeros(CHUNK, np.float32),
        scores=np.zeros(CHUNK, np.float32),
        predicted=np.zeros(CHUNK, np.int64),
    )
