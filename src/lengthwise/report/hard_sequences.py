"""The sequences that need a long window: correct at the longest length, wrong at a shorter one, in most seeds."""

import base64
import io
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lengthwise.study.answer import Answer
from lengthwise.study.study import Study
from lengthwise.windows import Placement

MOST = 12
"""Maximum number of sequences to show."""

SERIES_UP_TO = 3
"""Sequences with up to this many features are drawn as curves, others as an image."""

SIDE = 112
"""Height of a drawing, in pixels of the page."""

PIECES = 4 * SIDE
"""Pieces into which steps and features of a larger sequence are divided: of each, its mean or its range is drawn."""


class HardSequence(NamedTuple):
    """A sequence for which the short window is not enough.

    Attributes
    ----------
    sequence : int
        Its index in the test split.
    long_right, short_right : float
        Fraction of its windows that are classified correctly, the mean over seeds, at each of the two lengths.
    """

    sequence: int
    long_right: float
    short_right: float


class Comparison(NamedTuple):
    """The test sequences that are predicted correctly at only one of two lengths.

    Attributes
    ----------
    long, short : int
        The lengths.
    num_sequences : int
    gained, lost : int
        Number of sequences correct at `long` and wrong at `short` in most seeds, and of the opposite cases.
    hardest : list of HardSequence
        Of those gained, the ones with the largest difference first.
    """

    long: int
    short: int
    num_sequences: int
    gained: int
    lost: int
    hardest: list[HardSequence]


def compared_lengths(answer: Answer) -> tuple[int, int] | None:
    """Return the longest length and the one to compare with it: the recommended one, or the next shorter."""
    lengths = sorted(summary.seq_len for summary in answer.validation)
    if len(lengths) < 2:
        return None
    found = answer.recommendation
    recommended = None if found is None else found.seq_len
    return lengths[-1], lengths[-2] if recommended in (None, lengths[-1]) else recommended


def compare(study: Study, answer: Answer) -> Comparison | None:
    """Return the test sequences that need the longest window; None for a single length, or if targets are numbers."""
    lengths = compared_lengths(answer)
    if lengths is None or not answer.metric.is_accuracy or not answer.test:
        return None
    shares = [_shares(study, answer, length) for length in lengths]
    long_mostly, short_mostly = ((share > 0.5).mean(axis=0) > 0.5 for share in shares)
    long_right, short_right = (share.mean(axis=0) for share in shares)
    gained = np.flatnonzero(long_mostly & ~short_mostly)
    order = gained[np.argsort(short_right[gained] - long_right[gained], kind="stable")][:MOST]
    return Comparison(
        long=lengths[0],
        short=lengths[1],
        num_sequences=len(long_right),
        gained=len(gained),
        lost=int((short_mostly & ~long_mostly).sum()),
        hardest=[HardSequence(int(place), float(long_right[place]), float(short_right[place])) for place in order],
    )


def _shares(study: Study, answer: Answer, seq_len: int) -> NDArray[np.float64]:
    """Return the fraction of each sequence's windows that each seed classifies correctly, shape (seeds, n)."""
    is_judged = answer.runs.test_score.notna()  # with folds, the test split is judged by the first alone
    runs = answer.runs.id[(answer.runs.seq_len == seq_len) & is_judged]
    return np.stack([study.store.per_sequence(int(run), "test", seq_len) for run in runs])


def draw(values: NDArray[np.float32], seq_len: int, placement: Placement = "any") -> str:
    """Return a drawing of a sequence as SVG, with a window framed and the rest pale.

    Parameters
    ----------
    values : ndarray of shape (T, F)
    seq_len : int
    placement : {"any", "end", "start"}
        Which window: of those anywhere, the middle one.
    """
    room = max(0, len(values) - seq_len)
    start = {"any": room // 2, "end": room, "start": 0}[placement]
    return (_curves if values.shape[1] <= SERIES_UP_TO else _picture)(values, start, min(seq_len, len(values)))


def _picture(values: NDArray[np.float32], start: int, seq_len: int) -> str:
    num_steps, features = values.shape
    seen = _means(_means(values.astype(float)).T).T
    low, high = float(seen.min()), float(seen.max())
    grey = 255 - np.round(255 * (seen - low) / ((high - low) or 1)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "PNG", optimize=True)
    source = base64.b64encode(file.getvalue()).decode()
    width = min(2 * SIDE, SIDE * features / num_steps)
    pale = "".join(
        f'<rect class="pale" x="0" y="{first}" width="{features}" height="{height}"/>'
        for first, height in ((0, start), (start + seq_len, num_steps - start - seq_len))
    )
    return (
        f'<svg viewBox="-0.5 -0.5 {features + 1} {num_steps + 1}" width="{width:.0f}" height="{SIDE}" '
        f'preserveAspectRatio="none" aria-hidden="true">'
        f'<image width="{features}" height="{num_steps}" preserveAspectRatio="none" '
        f'href="data:image/png;base64,{source}"/>{pale}'
        f'<rect class="window" x="0" y="{start}" width="{features}" height="{seq_len}"/></svg>'
    )


def _curves(values: NDArray[np.float32], start: int, seq_len: int) -> str:
    num_steps, features = values.shape
    low, high = float(values.min()), float(values.max())
    heights = SIDE * (1 - (values.astype(float) - low) / ((high - low) or 1))
    places = np.arange(num_steps) * 2 * SIDE / max(1, num_steps - 1)
    lines = "".join(
        '<polyline points="{}"/>'.format(
            " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(*_outline(places, heights[:, feature]), strict=True))
        )
        for feature in range(features)
    )
    left, right = places[start], places[start + seq_len - 1]
    return (
        f'<svg class="series" viewBox="-2 -2 {2 * SIDE + 4} {SIDE + 4}" width="{2 * SIDE}" height="{SIDE}" '
        f'aria-hidden="true"><rect class="window" x="{left:.1f}" y="0" width="{max(right - left, 1):.1f}" '
        f'height="{SIDE}"/>{lines}</svg>'
    )


def _begins(count: int) -> NDArray[np.intp]:
    """Return where the pieces of so many values begin: each is its own piece where they are few."""
    pieces = min(count, PIECES)
    return np.arange(pieces) * count // pieces


def _means(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean row of each piece, shape (T, F) to (at most `PIECES`, F)."""
    begins = _begins(len(values))
    counts = np.diff(begins, append=len(values))
    return np.asarray(np.add.reduceat(values, begins, axis=0) / counts[:, None])


def _outline(
    places: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a curve, or of a long one the least and the largest value of each piece, so that no peak is lost."""
    if len(values) <= PIECES:
        return places, values
    begins = _begins(len(values))
    ranges = np.stack([np.minimum.reduceat(values, begins), np.maximum.reduceat(values, begins)], axis=1)
    return np.repeat(places[begins], 2), ranges.ravel()
