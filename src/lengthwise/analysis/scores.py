"""The scores of a study's runs, as the analysis takes them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lengthwise.errors import UsageError
from lengthwise.tasks.metrics import ACCURACY, Metric


@dataclass(frozen=True, eq=False, init=False)
class LengthScores:
    """How well each run did: one row a run, in any order.

    >>> scores = LengthScores([10, 10, 20, 20], [0, 1, 0, 1], [0.90, 0.92, 0.95, 0.97])
    >>> scores.lengths, scores.num_seeds
    ((10, 20), (2, 2))
    >>> scores.first(20, 2)
    array([0.95, 0.97])

    Rows are kept sorted by length and seed, and arrays read-only. Seeds with smaller numbers count as run earlier.

    Parameters
    ----------
    seq_lens : array_like of shape (runs,)
        The length that each run was trained on.
    seeds : array_like of shape (runs,)
        Its seed. The same seed at two lengths is *not* taken as a pair.
    scores : array_like of shape (runs,)
        Its score on all sequences, finite. A run that failed has none: leave it out, and say so.
    per_sequence : array_like of shape (runs, sequences), optional
        Its score on each sequence, the same sequences for all runs; the mean of a row is the run's score.
    metric : Metric, default: accuracy
        What a score is, such as ``Metric("loss", higher_is_better=False)``.

    Raises
    ------
    UsageError
        If shapes do not fit, a score is not finite, a run is there twice, or a row's mean is not the run's score.
    """

    seq_lens: NDArray[np.int64]
    seeds: NDArray[np.int64]
    scores: NDArray[np.float64]
    per_sequence: NDArray[np.float64] | None = None
    metric: Metric = ACCURACY

    def __init__(
        self,
        seq_lens: ArrayLike,
        seeds: ArrayLike,
        scores: ArrayLike,
        per_sequence: ArrayLike | None = None,
        *,
        metric: Metric = ACCURACY,
    ) -> None:
        columns = np.asarray(seq_lens), np.asarray(seeds), np.asarray(scores, np.float64)
        shapes = [column.shape for column in columns]
        if len(shapes[0]) != 1 or len(set(shapes)) != 1 or shapes[0] == (0,):
            raise UsageError(
                f"seq_lens, seeds and scores have the shapes {shapes[0]}, {shapes[1]} and {shapes[2]}, "
                "but must be three columns of one row a run, at least one run."
            )
        order = np.lexsort((columns[1], columns[0]))
        values = None if per_sequence is None else np.asarray(per_sequence, np.float64)
        if values is not None:
            if values.ndim != 2 or values.shape[0] != order.size or values.shape[1] < 2:
                raise UsageError(
                    f"per_sequence has the shape {values.shape}, but must be (runs, sequences) with {order.size} runs "
                    "and at least 2 sequences."
                )
            values = values[order]
        for name, column in (
            ("seq_lens", columns[0][order].astype(np.int64)),
            ("seeds", columns[1][order].astype(np.int64)),
            ("scores", columns[2][order]),
            ("per_sequence", values),
        ):
            if column is not None:
                column.flags.writeable = False
            object.__setattr__(self, name, column)
        object.__setattr__(self, "metric", metric)
        self._check()

    def _check(self) -> None:
        runs = np.stack([self.seq_lens, self.seeds], axis=1)
        twice = np.flatnonzero(np.all(runs[1:] == runs[:-1], axis=1))
        if twice.size:
            seq_len, seed = runs[twice[0]]
            raise UsageError(f"The run of length {seq_len} with seed {seed} is there twice: give each run once.")
        bad = np.flatnonzero(~np.isfinite(self.scores))
        if bad.size:
            seq_len, seed = runs[bad[0]]
            raise UsageError(
                f"The score of length {seq_len} with seed {seed} is {self.scores[bad[0]]}, but scores must be finite: "
                "leave runs out that failed."
            )
        if self.per_sequence is not None:
            self._check_sequences(self.per_sequence)

    def _check_sequences(self, values: NDArray[np.float64]) -> None:
        if not np.allclose(values.mean(axis=1), self.scores, rtol=1e-4, atol=1e-6):
            raise UsageError(
                "The mean of a run's scores per sequence is not the run's score: give scores that weigh every "
                "sequence equally, or leave per_sequence out."
            )

    @property
    def lengths(self) -> tuple[int, ...]:
        """The lengths, ascending."""
        return tuple(np.unique(self.seq_lens).tolist())

    @property
    def num_seeds(self) -> tuple[int, ...]:
        """Runs of each of the lengths."""
        return tuple(np.unique(self.seq_lens, return_counts=True)[1].tolist())

    def first(self, seq_len: int, num_seeds: int) -> NDArray[np.float64]:
        """Return the scores of a length's first runs, of shape (num_seeds,)."""
        first: NDArray[np.float64] = self.scores[self.seq_lens == seq_len][:num_seeds]
        return first

    def first_by_sequence(self, seq_len: int, num_seeds: int) -> NDArray[np.float64] | None:
        """Return the same by sequence, of shape (num_seeds, sequences); None if it is not known."""
        return None if self.per_sequence is None else self.per_sequence[self.seq_lens == seq_len][:num_seeds]
