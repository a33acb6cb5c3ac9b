"""Parsing lengths, and choosing the default lengths."""

from collections.abc import Iterable

import numpy as np

from lengthwise.errors import UsageError
from lengthwise.windows import check_seq_len

SPREAD = 12
"""About how many lengths at equal ratios may be tried by default for sequences longer than MNIST's."""

EVERY_SHORT_LENGTH = 12
"""Up to this every length may be tried: there one step more may be all that counts, and costs little."""

EVERY_LENGTH_UP_TO = 28
"""For sequences up to this length, every length is tried by default."""

LONGEST_BY_DEFAULT = 512
"""The longest length that may be tried by default: trainings at longer ones take longer than most people wait."""


def parse_lengths(text: str, name: str = "seq_lens") -> tuple[int, ...]:
    """Read lengths as they are written on the command line: numbers and ranges, ends included.

    Errors call them `name`.

    >>> parse_lengths("1:4,8"), parse_lengths("1:28:9")
    ((1, 2, 3, 4, 8), (1, 10, 19, 28))
    """
    lengths: set[int] = set()
    for part in text.split(","):
        try:
            bounds = [int(number) for number in part.split(":")]
        except ValueError:
            bounds = []
        if not 1 <= len(bounds) <= 3 or (len(bounds) == 3 and bounds[2] < 1):
            raise UsageError(
                f"{name} has the part {part!r}, but must be numbers and ranges, such as 1:28 or 4,8,16:28:4."
            )
        first, last = bounds[0], bounds[min(1, len(bounds) - 1)]
        if first > last:
            raise UsageError(f"{name} has the range {part!r}, whose first length is above its last.")
        lengths.update(range(first, last + 1, *bounds[2:]))
    return tuple(sorted(lengths))


def spread_lengths(num_steps: int, season: int = 1) -> tuple[int, ...]:
    """Return the lengths to try for sequences of `num_steps`: all, or those up to 12 and about 12 at equal ratios.

    Longer ones than `LONGEST_BY_DEFAULT` are not among them.

    Where the sequences repeat themselves after a season, its multiples are among them, and both neighbours of the
    first: what happens at the same place in the season is at the beginning of such a window.

    >>> len(spread_lengths(28)), spread_lengths(100)
    (28, (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 22, 32, 46, 68, 100))
    >>> spread_lengths(100, season=24)[12:]
    (15, 22, 23, 24, 25, 32, 46, 48, 68, 72, 96, 100)
    """
    num_steps = min(num_steps, LONGEST_BY_DEFAULT)
    if num_steps <= EVERY_LENGTH_UP_TO:
        return tuple(range(1, num_steps + 1))
    count = SPREAD
    lengths: set[int] = set()
    while len(lengths) < SPREAD:
        lengths = set(np.rint(np.geomspace(1, num_steps, count)).astype(int).tolist())
        count += 1
    lengths |= set(range(1, EVERY_SHORT_LENGTH + 1))
    if season > 1:
        seasonal = {season - 1, season, season + 1, *range(2 * season, num_steps + 1, season)}
        lengths |= {length for length in seasonal if length <= num_steps}
    return tuple(sorted(lengths))


def choose_lengths(given: str | Iterable[int], num_steps: int, name: str = "seq_lens") -> tuple[int, ...]:
    """Return the given lengths for sequences of `num_steps`, in ascending order and without duplicates.

    Parameters
    ----------
    given : str or iterable of int
        As for `parse_lengths`, or ``"all"``.
    num_steps : int
    name : str
        How errors name them.

    Raises
    ------
    UsageError
        If they are invalid, or a length is larger than `num_steps`.

    Examples
    --------
    >>> choose_lengths("all", 4), choose_lengths([8, 2], 9)
    ((1, 2, 3, 4), (2, 8))
    """
    if given == "all":
        return tuple(range(1, num_steps + 1))
    lengths = parse_lengths(given, name) if isinstance(given, str) else tuple(sorted({int(one) for one in given}))
    for length in lengths:
        check_seq_len(length, num_steps, name.removesuffix("s"))
    return lengths
