"""The windows that an exact evaluation sees: every one of them once, or consecutive ones."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lengthwise.windows import DRAWN_AT_ONCE, Placement, Windows, first_and_count, steps_of_each


def every_window(
    num_sequences: int,
    num_steps: int,
    seq_len: int,
    at_once: int = DRAWN_AT_ONCE,
    lengths: NDArray[np.int64] | None = None,
    *,
    placement: Placement = "any",
) -> Iterator[Windows]:
    """Yield every window of every sequence once, for exact evaluation.

    Parameters
    ----------
    num_sequences, num_steps, seq_len : int
        n, T and s.
    at_once : int
        Maximum number of windows to yield together.
    lengths : ndarray of shape (n,), int64, optional
        The steps of each sequence, at most T; all T if not given.
    placement : {"any", "end", "start"}
        Which windows of a sequence there are.

    Yields
    ------
    Windows
        Of shape (1, up to `at_once`), no sequence twice. If windows may lie anywhere, all have the same start; starts
        ascend, and sequences within a start.
    """
    first_start, count = first_and_count(steps_of_each(num_sequences, num_steps, lengths), seq_len, placement)
    end = first_start + count
    parts: Iterator[Windows]
    if placement == "any":
        having = (np.flatnonzero((first_start <= start) & (start < end)) for start in range(int(end.max())))
        parts = (Windows(sequences, np.full_like(sequences, start)) for start, sequences in enumerate(having))
    else:
        order = np.argsort(first_start, kind="stable")
        parts = iter([Windows(order, first_start[order])])
    for part in parts:
        for first in range(0, len(part.starts), at_once):
            yield Windows(*(array[None, first : first + at_once] for array in part))


def tiles(num_sequences: int, num_steps: int, seq_len: int, at_once: int = DRAWN_AT_ONCE) -> Iterator[Windows]:
    """Yield consecutive windows, which begin at steps 0, s, 2 s …, so that every step is in one window.

    The last window ends with the sequence, and may have fewer steps.

    >>> [(int(w.starts[0, 0]), w.sequences[0].tolist()) for w in tiles(2, 7, 3)]
    [(0, [0, 1]), (3, [0, 1]), (6, [0, 1])]

    Parameters
    ----------
    num_sequences, num_steps, seq_len, at_once
        As for `every_window`.

    Yields
    ------
    Windows
        As for `every_window`.
    """
    for start in range(0, num_steps, seq_len):
        for first in range(0, num_sequences, at_once):
            sequences = np.arange(first, min(first + at_once, num_sequences))[None]
            yield Windows(sequences, np.full_like(sequences, start))
