"""Recordings: sequences with a target at every step, as they are before windows are cut out of them.

They are cut where time has a gap, so that no window crosses one, and where there are fewer recordings than splits, each
is divided by time: its beginning is for training, what follows for validation, its end for the test. Windows do not go
beyond their part, so the first step that is judged is as far from the last one that was trained on as the longest
window. Recordings in which no window ends are left out.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.dataset import SPLITS
from lengthwise.data.options import Options
from lengthwise.data.sequence_types import Sequences
from lengthwise.data.step_windows import ending_steps, pure, usual_lookback
from lengthwise.data.targets import StepWindows
from lengthwise.errors import DataError

GAP = 5.0
"""Usual steps of time that are a gap, if no option says how many are."""

PARTS = 20
"""Where a recording is divided by time, the longest window is by default at most so many times shorter than a part."""


class _Pieces(NamedTuple):
    """Pieces of sequences: which sequence each is of, its first step, and its number of steps; of shape (pieces,)."""

    sequences: NDArray[np.int64]
    first: NDArray[np.int64]
    lengths: NDArray[np.int64]


def as_recordings(sequences: Sequences, options: Options) -> Sequences:
    """Return sequences as recordings: cut where they must be, and with what the windows at their steps are.

    Parameters
    ----------
    sequences : Sequences
        With a target for every step, (n, T).
    options : Options

    Raises
    ------
    DataError
        If too few are long enough.
    """
    count, num_steps = sequences.values.shape[:2]
    lengths = np.full(count, num_steps) if sequences.lengths is None else sequences.lengths
    units = count if sequences.groups is None else len(np.unique(sequences.groups))
    whole = _Pieces(np.arange(count), np.zeros(count, np.int64), lengths)
    pieces, gaps = _without_gaps(whole, sequences.times, options.gap or GAP)
    if gaps:
        note = f"{gaps:,} {'gap' if gaps == 1 else 'gaps'} of time cut recordings, and no window crosses them: gap="
        sequences = replace(sequences, reading=sequences.reading.noting(f"{note}{options.gap or GAP:g}"))
    if sequences.splits is None and units < len(SPLITS):
        return _divided(sequences, pieces, options)
    lookback = usual_lookback(pieces.lengths) if options.lookback is None else options.lookback
    how = StepWindows(lookback, options.label or "last", options.stride)
    own = sequences
    if gaps and own.groups is None:
        own = replace(own, groups=np.arange(count), grouped_by="recording")
    return _enough(_cut(own, pieces), how)


def _without_gaps(pieces: _Pieces, times: NDArray[Any] | None, gap: float) -> tuple[_Pieces, int]:
    """Return the pieces between gaps of time, and how many gaps there are."""
    if times is None:
        return pieces, 0
    apart = np.diff(times, axis=1)
    apart = apart.astype("timedelta64[ns]").astype(np.float64) if apart.dtype.kind == "m" else apart.astype(np.float64)
    inside = np.arange(1, times.shape[1]) < pieces.lengths[:, None]
    if not inside.any():
        return pieces, 0
    after = inside & (apart > gap * np.median(apart[inside]))
    starts = np.c_[np.ones(len(times), np.bool_), after]
    sequences, first = np.nonzero(starts)
    following = np.r_[first[1:], 0]
    last = np.r_[sequences[1:] != sequences[:-1], True]
    ends = np.where(last, pieces.lengths[sequences], following)
    return _Pieces(sequences, first, ends - first), int(after.sum())


def _divided(sequences: Sequences, pieces: _Pieces, options: Options) -> Sequences:
    """Return recordings that are divided by time, each part in consecutive sequences as long as the longest window."""
    shares = np.cumsum([0, 1 - options.validation - options.test, options.validation, options.test])
    total = np.bincount(pieces.sequences, pieces.lengths).astype(np.int64)
    done = np.cumsum(pieces.lengths) - pieces.lengths
    done -= done[np.searchsorted(pieces.sequences, pieces.sequences)]  # steps of the same sequence before
    parts = []
    for split in range(len(SPLITS)):
        low, high = (np.rint(share * total).astype(np.int64)[pieces.sequences] for share in shares[split : split + 2])
        start = np.clip(low - done, 0, pieces.lengths)
        end = np.clip(high - done, 0, pieces.lengths)
        chosen = np.flatnonzero(end > start)
        parts.append(_Pieces(pieces.sequences[chosen], pieces.first[chosen] + start[chosen], (end - start)[chosen]))
    shortest = min(int(part.lengths.max(initial=0)) for part in parts)
    fewest = min(int(part.lengths.sum()) for part in parts)
    usual = usual_lookback(np.concatenate([part.lengths for part in parts]))
    lookback = max(min(2, shortest), min(usual, shortest, fewest // PARTS))
    how = StepWindows(options.lookback or lookback, options.label or "last", options.stride)
    splits = np.repeat(np.arange(len(SPLITS)), [len(part.lengths) for part in parts])
    joined = _Pieces(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))
    kept = joined.lengths >= how.lookback
    for split, name in enumerate(SPLITS):
        if not (kept & (splits == split)).any():
            raise DataError(
                f"{sequences.source} has too few steps for its {name} part: the longest stretch has "
                f"{int(joined.lengths[splits == split].max(initial=0))}, but a window {how.lookback} steps: choose a "
                f"shorter lookback."
            )
    joined, splits = _Pieces(*(array[kept] for array in joined)), splits[kept]
    blocks, recordings = _in_blocks(joined, how.lookback)
    note = (
        f"there {'is one recording' if len(total) == 1 else f'are {len(total)} recordings'}, divided by time: the "
        f"first {shares[1]:.0%} for training, then {options.validation:.0%} for validation and {options.test:.0%} for "
        f"the test; windows of up to {how.lookback} steps: lookback=, split=COLUMN"
    )
    return replace(
        _cut(replace(sequences, groups=None, grouped_by=""), blocks),
        splits=splits[recordings],
        recordings=recordings,
        step_windows=how,
        reading=sequences.reading.noting(note),
    )


def _in_blocks(pieces: _Pieces, size: int) -> tuple[_Pieces, NDArray[np.int64]]:
    """Return each piece as consecutive ones of `size` steps, the last shorter, and which piece each is of."""
    numbers = -(-pieces.lengths // size)
    of = np.repeat(np.arange(len(numbers)), numbers)
    place = (np.arange(len(of)) - np.repeat(np.cumsum(numbers) - numbers, numbers)) * size
    lengths = np.minimum(size, pieces.lengths[of] - place)
    return _Pieces(pieces.sequences[of], pieces.first[of] + place, lengths), of


def _enough(sequences: Sequences, how: StepWindows) -> Sequences:
    """Return the recordings in which a window ends."""
    count, num_steps = sequences.values.shape[:2]
    lengths = np.full(count, num_steps) if sequences.lengths is None else sequences.lengths
    owners, steps = ending_steps(lengths, None, how)
    if how.label == "pure" and len(owners):
        _, flat = np.unique(sequences.targets.astype(str), return_inverse=True)
        one = pure(flat.reshape(-1), owners * num_steps + steps, how.lookback)
        owners = owners[one]
    kept = np.unique(owners)
    short = count - len(kept)
    if short and len(kept) < len(SPLITS):
        raise DataError(
            f"{sequences.source} has only {len(kept)} of {count} recordings in which a window of {how.lookback} steps "
            f"ends: choose a shorter lookback, which is the longest window."
        )
    reading = sequences.reading
    if short:
        reading = reading.noting(
            f"{short:,} of {count:,} recordings are left out, as no window of {how.lookback} steps"
            f"{' of one class' if how.label == 'pure' else ''} ends in them: lookback="
        )
        pieces = _Pieces(kept, np.zeros(len(kept), np.int64), lengths[kept])
        sequences = _cut(sequences, pieces)
    return replace(sequences, step_windows=how, reading=reading)


def _cut(sequences: Sequences, pieces: _Pieces) -> Sequences:
    """Return pieces of sequences as sequences; whole ones, all of them, as they are."""
    count, num_steps = sequences.values.shape[:2]
    if len(pieces.sequences) == count and (pieces.first == 0).all() and not pieces.lengths.max() < num_steps:
        return sequences
    steps = np.arange(int(pieces.lengths.max()))
    inside = steps < pieces.lengths[:, None]
    places = np.minimum(pieces.first[:, None] + steps, num_steps - 1)
    rows = pieces.sequences[:, None]
    before = sequences.where

    def place(sequence: int, step: int, feature: int) -> str:
        return before(int(pieces.sequences[sequence]), int(pieces.first[sequence]) + step, feature)

    def chosen(array: NDArray[Any] | None) -> Any:
        return None if array is None else array[pieces.sequences]

    values = sequences.values[rows, places]
    values[~inside] = 0
    return replace(
        sequences,
        values=values,
        targets=sequences.targets[rows, places],
        lengths=None if inside.all() else pieces.lengths,
        splits=chosen(sequences.splits),
        groups=chosen(sequences.groups),
        names=(),
        times=None,
        place=place,
    )
