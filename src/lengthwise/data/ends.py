"""Where a sequence ends: padding is no data."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.missing import within
from lengthwise.data.rows import Rows
from lengthwise.data.split import blocks
from lengthwise.errors import DataError

SEEN_FROM = 3
"""So many equal steps at the end look like padding …"""

SEEN_IN = 0.2
"""… if at least this share of the sequences end so, after different numbers of steps …"""

RARE = 0.05
"""… and at most this share of the other steps has the same value."""


def find_ends(
    values: NDArray[np.float32] | Rows, lengths: NDArray[np.int64] | None, padding: float | None, source: str
) -> NDArray[np.int64] | None:
    """Return the steps of each sequence without those at its end that are missing altogether, or padding.

    Parameters
    ----------
    values : ndarray or Rows of shape (n, T, F), float32
    lengths : ndarray of shape (n,), int64, optional
        The steps of each sequence, with what is left out.
    padding : float, optional
        The value that fills steps after the end, besides NaN.
    source : str
        For messages.

    Returns
    -------
    ndarray of shape (n,), int64, or None
        `lengths`, if nothing is left out.

    Raises
    ------
    DataError
        If nothing is left of a sequence.
    """
    num_steps = values.shape[1]
    ends = np.full(len(values), num_steps) if lengths is None else lengths.copy()
    for first, block in blocks(values):
        empty = np.isnan(block)
        if padding is not None:
            empty |= block == np.float32(padding)
        if not empty[:, -1].any() and lengths is None:
            continue
        filled = ~empty.all(axis=2)
        steps = within(lengths, num_steps, first, len(block))
        filled &= np.True_ if steps is None else steps
        ends[first : first + len(block)] = num_steps - np.argmax(filled[:, ::-1], axis=1)
        if not filled.any(axis=1).all():
            at = first + int(np.argmin(filled.any(axis=1)))
            raise DataError(f"{source}: sequence {at} has no values: leave it out.")
    before = np.full(len(values), num_steps) if lengths is None else lengths
    return lengths if (ends == before).all() else ends


def padding_notes(values: NDArray[np.float32] | Rows, lengths: NDArray[np.int64] | None) -> Iterator[str]:
    """Yield a note if sequences end with the same value, in different numbers of steps, as if they were padded."""
    _, block = next(blocks(values))
    if lengths is not None or block.shape[1] <= SEEN_FROM:
        return
    last = block[:, -1, 0]
    found, counts = np.unique(last[(block[:, -1] == last[:, None]).all(axis=1)], return_counts=True)
    if not len(found):
        return
    value = found[np.argmax(counts)]
    same = (block == value).all(axis=2)
    run = np.argmin(np.concatenate([same[:, ::-1], np.zeros((len(same), 1), bool)], axis=1), axis=1)
    padded = run >= SEEN_FROM
    rest = same.sum() - run.sum()
    others = same.size - run.sum()
    if padded.mean() < SEEN_IN or len(np.unique(run[padded])) < 2 or not others or rest / others > RARE:
        return
    yield (
        f"{padded.sum():,} of {len(block):,} sequences end with {SEEN_FROM} or more steps of {value:g}, which looks "
        f"like padding: padding={value:g} leaves them out"
    )
