"""The windows of sequences that are the training examples.

A *window* of length s of a sequence of T steps is s consecutive steps; the first is its `start`, 0 to T - s. There are
T - s + 1 of them:

>>> [list(range(5))[start : start + 3] for start in range(5 - 3 + 1)]
[[0, 1, 2], [1, 2, 3], [2, 3, 4]]

If sequences differ in length, T is each sequence's own length. A sequence that is shorter than the window has one
window, which begins at 0 and is the whole sequence.

An *epoch* has as many steps as the windows of n sequences fill batches, n (T - s + 1) // batch_size. So shorter windows
get more steps in an epoch, as in the notebook; this holds for every way of sampling:

``blocks``
    The notebook's. A step draws an aligned block of `batch_size` consecutive sequences, with replacement, and for each
    of them a random start. Sequences after the last whole block are never drawn.
``crops``
    Passes over all sequences, each in another random order, with one window at a random start of every sequence.
``shuffle``
    Every window once in an epoch. An epoch has T - s + 1 passes over the sequences, each in another random order; a
    sequence's start is random in the first pass and increases by one, cyclically, in each later pass. Sequences with
    fewer windows are not in the later passes.
``ordered``
    Blocks in file order, repeatedly; random starts. With s = T, the notebook's cell for the full length.

A *placement* says which of a sequence's windows there are: all of them (``any``), only the last one, which ends with
the sequence (``end``), or only the first one (``start``).

>>> {placement: first_and_count(np.array([5]), 3, placement) for placement in get_args(Placement)}
{'end': (array([2]), array([1])), 'any': (array([0]), array([3])), 'start': (array([0]), array([1]))}

Windows depend only on the seed, the epoch and the step, so any step can be drawn again without the earlier ones.

Blocks and crops are drawn by the number of the step in the whole training, and a window's start as a fraction of its
possible starts. So trainings with the same seed at different lengths read the same sequences in the same order, with
windows at corresponding positions (common random numbers), which reduces the random part of their difference.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from lengthwise.errors import UsageError

Sampling = Literal["blocks", "crops", "shuffle", "ordered"]
"""How a training step's windows are chosen."""

Placement = Literal["end", "any", "start"]
"""Which windows of a sequence there are: the last one, all of them, or the first one."""

Phase = Literal["train", "test"]
"""The use of the windows; each phase has its own random numbers."""

PHASES: tuple[Phase, ...] = get_args(Phase)

DRAWN_AT_ONCE = 8192
"""Windows drawn from one random generator. Changing it changes the windows, and so the result, of every seed."""

CROPS_AT_ONCE = 1 << 14
"""Windows of passes over few sequences that are drawn together, and kept: 256 KiB."""


class Windows(NamedTuple):
    """The windows of some steps.

    Attributes
    ----------
    sequences : ndarray of shape (steps, batch_size), int64
        The index of the sequence in the split.
    starts : ndarray of shape (steps, batch_size), int64
        The window's first step in the sequence, 0 to T - s.
    """

    sequences: NDArray[np.int64]
    starts: NDArray[np.int64]


def check_seq_len(seq_len: int, num_steps: int, name: str = "seq_len") -> None:
    """Raise `UsageError` if no window of `seq_len` steps, called `name`, fits into sequences of `num_steps`.

    >>> check_seq_len(40, 28)
    Traceback (most recent call last):
    lengthwise.errors.UsageError: seq_len is 40, but the sequences have 28 steps: choose 1 to 28.
    """
    if not 1 <= seq_len <= num_steps:
        raise UsageError(f"{name} is {seq_len}, but the sequences have {num_steps} steps: choose 1 to {num_steps}.")


def count_windows(num_sequences: int, num_steps: int, seq_len: int) -> int:
    """Return the number of windows of the sequences, n (T - s + 1).

    >>> count_windows(55000, 28, 19)
    550000
    """
    return num_sequences * (num_steps - seq_len + 1)


def windows_of(lengths: NDArray[np.int64], seq_len: int) -> NDArray[np.int64]:
    """Return the number of windows of sequences of these lengths, T - s + 1, but at least 1.

    >>> windows_of(np.array([28, 19, 5]), 19).tolist()
    [10, 1, 1]
    """
    return np.maximum(lengths - seq_len + 1, 1)


def first_and_count(
    lengths: NDArray[np.int64], seq_len: int, placement: Placement
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first start, and the number of windows, of sequences of these lengths.

    Parameters
    ----------
    lengths : ndarray of shape (n,), int64
        Steps of each sequence.
    seq_len : int
        Steps of a window, s. A sequence of fewer steps is a window as a whole.
    placement : {"end", "any", "start"}

    Returns
    -------
    first, count : ndarray of shape (n,), int64
        A sequence's windows begin at `first`, ``first + 1``, … ``first + count - 1``.
    """
    first = np.maximum(lengths - seq_len, 0) if placement == "end" else np.zeros_like(lengths)
    return first, windows_of(lengths, seq_len) if placement == "any" else np.ones_like(lengths)


@dataclass(frozen=True, eq=False)
class Sampler:
    """The windows of every step of every epoch.

    Parameters
    ----------
    num_sequences, num_steps : int
        n and T of the split.
    seq_len : int
        Steps of a window, s, 1 to T.
    batch_size : int
        Windows a step, 1 to n.
    sampling : {"blocks", "crops", "shuffle", "ordered"}
        How they are chosen; see the head of this module.
    seed : int
        The run's seed, 0 or more.
    phase : {"train", "test"}
        The phase, which has its own random numbers.
    placement : {"any", "end", "start"}
        Which windows of a sequence there are.
    lengths : ndarray of shape (n,), int64, optional
        The steps of each sequence, at most T; all T if not given.
    in_turn : bool
        Whether windows are consecutive: each step has the windows that follow those of the previous step in the same
        sequences; at their end, other sequences begin. An epoch has all sequences once, in a random order, and
        `sampling` is ignored.

    Raises
    ------
    UsageError
        If a value is out of range.
    """

    num_sequences: int
    num_steps: int
    seq_len: int
    batch_size: int
    sampling: Sampling = "blocks"
    seed: int = 0
    phase: Phase = "train"
    placement: Placement = "any"
    lengths: NDArray[np.int64] | None = None
    in_turn: bool = False

    def __post_init__(self) -> None:
        check_seq_len(self.seq_len, self.num_steps)
        if not 1 <= self.batch_size <= self.num_sequences:
            raise UsageError(
                f"batch_size is {self.batch_size}, but the {self.phase} split has {self.num_sequences} sequences: "
                f"choose 1 to {self.num_sequences}."
            )
        if self.sampling not in get_args(Sampling):
            raise UsageError(f"sampling is {self.sampling!r}, but must be one of {', '.join(get_args(Sampling))}.")
        if self.placement not in get_args(Placement):
            raise UsageError(f"placement is {self.placement!r}, but must be one of {', '.join(get_args(Placement))}.")
        if self.in_turn and self.lengths is not None:
            raise UsageError(
                "carry_state is True, but the sequences have different lengths: states are carried along sequences of "
                "the same length; leave carry_state out."
            )
        if self.seed < 0:
            raise UsageError(f"seed is {self.seed}, but must be 0 or more.")

    @property
    def num_windows(self) -> NDArray[np.int64]:
        """Windows of each sequence, of shape (n,)."""
        return _first_and_count(self)[1]

    def starts(self, random: np.random.Generator, sequences: NDArray[np.int64]) -> NDArray[np.int64]:
        """Draw a start at random for each of some sequences: a fraction of the room that its windows have."""
        return _at_fraction(random.random(sequences.shape), self.num_windows[sequences])

    @property
    def steps_per_epoch(self) -> int:
        """Steps of an epoch, n (T - s + 1) // batch_size.

        >>> Sampler(num_sequences=55000, num_steps=28, seq_len=19, batch_size=128).steps_per_epoch
        4296
        """
        if self.in_turn:
            return self.num_blocks * (self.num_steps // self.seq_len)
        return int(self.num_windows.sum()) // self.batch_size

    def draw(self, epoch: int, first: int, most: int) -> Windows:
        """Return the windows of steps `first`, `first` + 1, … of an epoch, at least one and at most `most` steps.

        Parameters
        ----------
        epoch : int
            From 0.
        first : int
            From 0 to ``steps_per_epoch - 1``.
        most : int
            Maximum number of steps; fewer are returned where an epoch that is drawn as such ends before (`by_epoch`).
            Otherwise the steps go on into the next epochs.
        """
        at_once = self.steps_at_once
        begin = first if self.by_epoch else epoch * self.steps_per_epoch + first
        end = min(begin + most, self.steps_per_epoch) if self.by_epoch else begin + most
        drawn = []
        for part in range(begin // at_once, -(-end // at_once)):
            windows = _draw_part(self, epoch if self.by_epoch else 0, part)
            chosen = slice(max(begin - part * at_once, 0), end - part * at_once)
            sequences = windows.sequences[chosen]
            drawn.append(Windows(sequences, windows.starts[chosen] + _first_and_count(self)[0][sequences]))
        return drawn[0] if len(drawn) == 1 else Windows(*map(np.concatenate, zip(*drawn, strict=True)))

    @property
    def steps_at_once(self) -> int:
        """Steps that are drawn together, from one random generator."""
        return max(1, DRAWN_AT_ONCE // self.batch_size)

    @property
    def by_epoch(self) -> bool:
        """Whether an epoch is drawn as such, and not some steps of the whole training."""
        return self.in_turn or self.sampling in ("shuffle", "ordered")

    @property
    def num_blocks(self) -> int:
        """Whole blocks of `batch_size` consecutive sequences, n // batch_size."""
        return self.num_sequences // self.batch_size


def _generator(seed: int, phase: Phase, *place: int) -> np.random.Generator:
    key = (1 + get_args(Phase).index(phase), *place)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def _random(sampler: Sampler, epoch: int, *place: int) -> np.random.Generator:
    return _generator(sampler.seed, sampler.phase, epoch, *place)


def _block(sampler: Sampler, blocks: NDArray[np.int64]) -> NDArray[np.int64]:
    return blocks[:, None] * sampler.batch_size + np.arange(sampler.batch_size)


def _at_fraction(fraction: NDArray[np.float64], num_windows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the start that lies at a fraction, from 0 to below 1, of each sequence's starts."""
    return (fraction * num_windows).astype(np.int64)


def _blocks(sampler: Sampler, epoch: int, part: int, steps: NDArray[np.int64]) -> Windows:
    random = _random(sampler, epoch, part)
    sequences = _block(sampler, random.integers(sampler.num_blocks, size=len(steps)))
    return Windows(sequences, sampler.starts(random, sequences))


def _ordered(sampler: Sampler, epoch: int, part: int, steps: NDArray[np.int64]) -> Windows:
    sequences = _block(sampler, steps % sampler.num_blocks)
    return Windows(sequences, sampler.starts(_random(sampler, epoch, part), sequences))


def _crops(sampler: Sampler, _epoch: int, _part: int, steps: NDArray[np.int64]) -> Windows:
    batch, count = sampler.batch_size, sampler.num_sequences
    begin, end = int(steps[0]) * batch, (int(steps[-1]) + 1) * batch
    sequences, fractions = np.empty(end - begin, np.int64), np.empty(end - begin)
    at_once = max(1, CROPS_AT_ONCE // count)
    size = at_once * count
    passes = _few_passes if size <= CROPS_AT_ONCE else _large_passes
    for block in range(begin // size, -(-end // size)):
        first, last = max(begin, block * size), min(end, (block + 1) * size)
        there, here = slice(first - block * size, last - block * size), slice(first - begin, last - begin)
        order, of_order = passes(count, sampler.seed, sampler.phase, block * at_once, at_once)
        sequences[here], fractions[here] = order[there], of_order[there]
    starts = _at_fraction(fractions, sampler.num_windows[sequences])
    return Windows(sequences.reshape(-1, batch), starts.reshape(-1, batch))


def _shuffle(sampler: Sampler, epoch: int, _part: int, steps: NDArray[np.int64]) -> Windows:
    places = steps[:, None] * sampler.batch_size + np.arange(sampler.batch_size)
    ends = _ends_of_passes(sampler)
    passes = np.searchsorted(ends, places, side="right")
    positions = places - np.concatenate([[0], ends])[passes]
    sequences = np.empty_like(places)
    for number in range(passes[0, 0], passes[-1, -1] + 1):
        here = passes == number
        sequences[here] = _order_of_pass(sampler, epoch, number)[positions[here]]
    return Windows(sequences, (_first_starts(sampler, epoch)[sequences] + passes) % sampler.num_windows[sequences])


def _in_turn(sampler: Sampler, epoch: int, _part: int, steps: NDArray[np.int64]) -> Windows:
    blocks, tile = np.divmod(steps, sampler.num_steps // sampler.seq_len)
    sequences = _order_of_pass(sampler, epoch, 0)[_block(sampler, blocks)]
    return Windows(sequences, np.broadcast_to(tile[:, None] * sampler.seq_len, sequences.shape))


_DRAW = {"blocks": _blocks, "crops": _crops, "shuffle": _shuffle, "ordered": _ordered}


@lru_cache(maxsize=2)
def _first_and_count(sampler: Sampler) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    lengths = steps_of_each(sampler.num_sequences, sampler.num_steps, sampler.lengths)
    return first_and_count(lengths, sampler.seq_len, sampler.placement)


def steps_of_each(num_sequences: int, num_steps: int, lengths: NDArray[np.int64] | None) -> NDArray[np.int64]:
    """Return the steps of each sequence, (n,): all T where no lengths are given."""
    return np.full(num_sequences, num_steps) if lengths is None else lengths


@lru_cache(maxsize=2)
def _draw_part(sampler: Sampler, epoch: int, part: int) -> Windows:
    begin = part * sampler.steps_at_once
    end = begin + sampler.steps_at_once
    if sampler.by_epoch:
        end = min(end, sampler.steps_per_epoch)
    draw = _in_turn if sampler.in_turn else _DRAW[sampler.sampling]
    return draw(sampler, epoch, part, np.arange(begin, end))


def _passes_of_crops(
    num_sequences: int, seed: int, phase: Phase, first: int, count: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the sequences of some passes one after another, and each one's place in its room, both (count n,)."""
    order, fractions = np.empty((count, num_sequences), np.int64), np.empty((count, num_sequences))
    for row in range(count):
        random = _generator(seed, phase, 0, first + row)
        order[row] = random.permutation(num_sequences)
        fractions[row] = random.random(num_sequences)[order[row]]
    return order.ravel(), fractions.ravel()


# Runs of one seed at other lengths, which a study trains next, have the same passes.
_few_passes = lru_cache(maxsize=64)(_passes_of_crops)
_large_passes = lru_cache(maxsize=4)(_passes_of_crops)


@lru_cache(maxsize=2)
def _order_of_pass(sampler: Sampler, epoch: int, number: int) -> NDArray[np.int64]:
    return _random(sampler, epoch, 0, number).permutation(np.flatnonzero(sampler.num_windows > number))


@lru_cache(maxsize=2)
def _ends_of_passes(sampler: Sampler) -> NDArray[np.int64]:
    """Return the cumulative number of windows after each pass of an epoch."""
    sizes = np.bincount(sampler.num_windows)  # numbers of sequences with 0, 1, 2, … windows
    return np.cumsum(sampler.num_sequences - np.cumsum(sizes)[:-1])


@lru_cache(maxsize=1)
def _first_starts(sampler: Sampler, epoch: int) -> NDArray[np.int64]:
    return sampler.starts(_random(sampler, epoch, 1, 0), np.arange(sampler.num_sequences))
