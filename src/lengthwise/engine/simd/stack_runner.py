"""The kernels of `lengthwise.engine.simd.stack` for arrays: their buffers, threads and machine code."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lengthwise.engine.protocol import CELL_SIZES, Sizes
from lengthwise.engine.simd.arguments import Chosen, Packed
from lengthwise.engine.simd.host import CHUNK, VECTOR_SHAPE
from lengthwise.engine.simd.layout import (
    GRADIENT_STEPS,
    Panels,
    column_floats,
    first_parameter,
    step_floats,
    window_floats,
)
from lengthwise.engine.simd.programs import pack_weights, run_backward, run_forward
from lengthwise.engine.simd.stack_types import Above, Batch, Below, Buffers, Results
from lengthwise.engine.simd.step_types import groups_of
from lengthwise.engine.simd.threads import run_threads
from lengthwise.engine.simd.workspace import aligned_floats

Array = NDArray[np.float32]

SQUARE = VECTOR_SHAPE.lanes * CHUNK
"""Rows are transposed in whole squares, which reach beyond the last row."""

EMPTY: Array = np.zeros((0, 0, 0), np.float32)
"""In the place of an array that is missing."""

MAX_SIZES = 16
"""Sizes whose buffers are kept for the next call."""


class Kept(NamedTuple):
    """What forward leaves for backward.

    Attributes
    ----------
    states : ndarray of shape (chunks, floats), float32
    panels : Packed
        Panels of ndarrays.
    """

    states: Array
    panels: Packed


def count_chunks(batch: int) -> int:
    """Return how many chunks a batch is cut into."""
    return -(-batch // CHUNK)


def kept_floats(cell: str, sizes: Sizes) -> int:
    """Return how many numbers forward keeps of a chunk."""
    return sizes.L * sizes.D * (sizes.s + 1) * step_floats(CELL_SIZES[cell].kept * sizes.H) + SQUARE


def _new_buffers(cell: str, sizes: Sizes) -> Buffers:
    """Return buffers for a thread, filled with NaN, so that it shows if something is read before it is written."""
    kind = CELL_SIZES[cell]
    F, H, s, outputs = sizes.F, sizes.H, sizes.s, sizes.D * sizes.H
    block = min(s, GRADIENT_STEPS)

    def floats(count: int) -> Array:
        return aligned_floats(count + SQUARE, np.nan)

    return Buffers(
        x=floats(s * F * CHUNK),
        y=floats(s * step_floats(outputs) if sizes.D > 1 else 0),
        dz=floats(min(s, GRADIENT_STEPS + 1) * step_floats(kind.gradients * H)),
        dh=floats(s * outputs * CHUNK),
        dx=floats(s * outputs * CHUNK),
        dinputs=floats(s * F * CHUNK),
        carry=floats(H * CHUNK),
        carried=floats(H * CHUNK),
        product=floats(H * CHUNK),
        nothing=floats(kind.gradients * H * CHUNK),
        row=floats(outputs * CHUNK),
        zeros=aligned_floats(max(F, outputs), 0.0),
        x_columns=floats(CHUNK * window_floats(s * F)),
        dy_columns=floats(CHUNK * window_floats(s * outputs)),
        in_columns=floats(block * CHUNK * column_floats(outputs)),
        h_columns=floats(block * CHUNK * column_floats(H)),
        scratch=floats(block * CHUNK * column_floats(H)),
        out_columns=floats(CHUNK * column_floats(H)),
        rows=np.zeros(CHUNK, np.int64),
        offsets=np.zeros(CHUNK, np.int64),
        lengths=aligned_floats(CHUNK, 0.0),
        shares=aligned_floats(CHUNK, 0.0),
    )


_FREE_BUFFERS: defaultdict[tuple[str, Sizes], list[Packed]] = defaultdict(list)


@contextmanager
def _borrowed_buffers(cell: str, sizes: Sizes, count: int) -> Iterator[list[Packed]]:
    """Lend buffers to `count` threads; several threads may borrow from the lists of free buffers at once."""
    free = _FREE_BUFFERS[cell, sizes]
    lent: list[Packed] = []
    while len(lent) < count:
        try:
            lent.append(free.pop())
        except IndexError:
            lent.append(Packed(_new_buffers(cell, sizes)))
    try:
        yield lent
    finally:
        free.extend(lent)
        while len(_FREE_BUFFERS) > MAX_SIZES:  # the oldest goes first
            _FREE_BUFFERS.pop(next(iter(_FREE_BUFFERS)), None)


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="lengthwise")


# A forked process has none of the threads, and would wait for them.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)


def _run(threads: int, call: Callable[[int], None]) -> None:
    if threads == 1:
        call(0)
    else:
        run_threads(_pool(), threads, call)


_PACKED: dict[Sizes, Packed] = {}
"""Sizes as programs are given them: no `lru_cache`, of which a model that PyTorch compiles would warn."""


def _packed(sizes: Sizes) -> Packed:
    if sizes not in _PACKED:
        _PACKED[sizes] = Packed(sizes)
    return _PACKED[sizes]


_PREPARED: set[str] = set()


def _prepare(cell: str) -> None:
    """Load the machine code of a cell, or compile it, which takes about ten seconds once."""
    if cell in _PREPARED:
        return
    sizes = Sizes(F=1, H=1, L=1, O=1, s=1)
    P = first_parameter(CELL_SIZES[cell], sizes, sizes.L * sizes.D)
    one, kept = np.zeros((1, 1, 1), np.float32), np.zeros((1, kept_floats(cell, sizes)), np.float32)
    parameters, buffers, kind = np.zeros(P, np.float32), _new_buffers(cell, sizes), Chosen("cell", cell)
    panels = Panels(np.zeros_like(parameters), np.zeros_like(parameters))
    batch = Batch(one, np.ones(1, np.int64), one, one, given=False, B=1)
    taken = np.zeros(1, np.int64)
    above, below = (
        Above(one, one, one, True, True, True),
        Below(one, one, one, np.zeros((1, P), np.float32), True, True),
    )
    for program, arguments in (
        (pack_weights, (kind, parameters, panels, sizes)),
        (run_forward, (kind, 0, taken, sizes, panels, batch, Results(one, one, one), kept, buffers)),
        (run_backward, (kind, taken, sizes, panels, batch, above, below, kept, buffers)),
    ):
        program.prepare(*arguments, on_compile=lambda: None)
    _PREPARED.add(cell)


def run_stack(
    cell: str, sizes: Sizes, parameters: Array, batch: Batch, *, threads: int, keep: Callable[[int, int], Array] | None
) -> tuple[Results, Kept]:
    """Run a batch through all layers.

    Parameters
    ----------
    cell : str
        A name of `lengthwise.engine.protocol.CELL_SIZES`.
    sizes : Sizes
    parameters : ndarray of shape (P,), float32
    batch : Batch
        C-contiguous arrays.
    threads : int
        Threads to use; they change no bit of the result.
    keep : callable, optional
        Returns an array of shape (chunks, floats) for what `run_stack_backward` needs; if not given, that is not kept.
    """
    _prepare(cell)
    B, kind = batch.B, Chosen("cell", cell)
    places, H = sizes.L * sizes.D, sizes.H
    chunks = count_chunks(B)
    threads = min(threads, chunks)
    panels = Packed(Panels(np.empty_like(parameters), np.empty_like(parameters)))
    given = _packed(sizes)
    pack_weights(kind, parameters, panels, given)
    results = Results(
        np.empty((B, sizes.s, sizes.D * H), np.float32),
        np.empty((places, B, H), np.float32),
        np.empty((places, B, H), np.float32) if CELL_SIZES[cell].states > 1 else EMPTY,
    )
    rows, floats = (threads if keep is None else chunks), kept_floats(cell, sizes)
    states = np.empty((rows, floats), np.float32) if keep is None else keep(rows, floats)
    taken = np.zeros(1, np.int64)
    with _borrowed_buffers(cell, sizes, threads) as buffers:
        _run(
            threads,
            lambda thread: run_forward(kind, thread, taken, given, panels, batch, results, states, buffers[thread]),
        )
    return results, Kept(states, panels)


def run_stack_backward(
    cell: str, sizes: Sizes, batch: Batch, above: Above, kept: Kept, *, threads: int, of_x: bool, of_h: bool
) -> tuple[Array, Array, Array, Array]:
    """Return the gradients at the inputs, at the initial states h and c, and at the parameters (P,).

    Parameters
    ----------
    cell, sizes, batch, threads
        As for `run_stack`.
    above : Above
        C-contiguous arrays.
    kept : Kept
        What `run_stack` returned.
    of_x, of_h : bool
        Whether those at the inputs, and at the initial states, are computed; otherwise their arrays are empty.
    """
    kind, given = Chosen("cell", cell), _packed(sizes)
    B, places = batch.B, sizes.L * sizes.D
    groups = groups_of(count_chunks(B))
    threads = min(threads, groups)
    of_states = (places, B, sizes.H)
    below = Below(
        np.empty_like(batch.x) if of_x else EMPTY,
        np.empty(of_states, np.float32) if of_h else EMPTY,
        np.empty(of_states, np.float32) if of_h and CELL_SIZES[cell].states > 1 else EMPTY,
        np.empty((groups, first_parameter(CELL_SIZES[cell], sizes, places)), np.float32),
        of_x,
        of_h,
    )
    taken = np.zeros(1, np.int64)
    with _borrowed_buffers(cell, sizes, threads) as buffers:
        _run(
            threads,
            lambda thread: run_backward(
                kind, taken, given, kept.panels, batch, above, below, kept.states, buffers[thread]
            ),
        )
    return below.x, below.h, below.c, below.weights.sum(axis=0)
