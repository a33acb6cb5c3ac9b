"""The scores of a study's runs, as the analysis takes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

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
    >>> scores.block((10, 20), 2)
    array([[0.9 , 0.92],
           [0.95, 0.97]])

    Rows are kept sorted by length and seed, and arrays read-only. Seeds with smaller numbers count as run earlier.

    Parameters
    ----------
    seq_lens : array_like of shape (runs,)
        The length that each run was trained on.
    seeds : array_like of shape (runs,)
        Its seed. Runs with the same seed are compared as a pair: they share what the seed does at every length.
    scores : array_like of shape (runs,)
        Its score on all cases, finite. A run that failed has none: leave it out, and report how many there were.
    per_case : array_like of shape (runs, cases), optional
        Its score on each case, the same cases for all runs; the weighted mean of a row is the run's score. A case is
        what more of would be drawn: a sequence, or a whole group (a person, a machine, a recording).
    case_weights : array_like of shape (cases,), optional
        How much each case counts, such as the number of sequences of each group; positive, all alike by default.
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
    per_case: NDArray[np.float64] | None = None
    case_weights: NDArray[np.float64] | None = None
    metric: Metric = ACCURACY

    def __init__(
        self,
        seq_lens: ArrayLike,
        seeds: ArrayLike,
        scores: ArrayLike,
        per_case: ArrayLike | None = None,
        case_weights: ArrayLike | None = None,
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
        values = None if per_case is None else np.array(per_case, np.float64)
        if values is not None:
            if values.ndim != 2 or values.shape[0] != order.size or values.shape[1] < 2:
                raise UsageError(
                    f"per_case has the shape {values.shape}, but must be (runs, cases) with {order.size} runs "
                    "and at least 2 cases."
                )
            values = values[order]
        for name, column in (
            ("seq_lens", columns[0][order].astype(np.int64)),
            ("seeds", columns[1][order].astype(np.int64)),
            ("scores", columns[2][order]),
            ("per_case", values),
            ("case_weights", None if case_weights is None else np.array(case_weights, np.float64)),
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
        if self.per_case is not None:
            self._check_cases(self.per_case)
        elif self.case_weights is not None:
            raise UsageError("case_weights are given, but no scores per case: give per_case too.")

    def _check_cases(self, values: NDArray[np.float64]) -> None:
        weights = self.case_weights
        if weights is not None and (weights.shape != values.shape[1:] or not np.all(weights > 0)):
            raise UsageError(
                f"case_weights has the shape {weights.shape} and the least weight {weights.min(initial=np.inf):g}, but "
                f"must be {values.shape[1]} positive numbers, one for each case."
            )
        if not np.allclose(np.average(values, axis=1, weights=weights), self.scores, rtol=1e-4, atol=1e-6):
            raise UsageError(
                "The mean of a run's scores per case is not the run's score: give case_weights that say how much each "
                "case counts, or leave per_case out."
            )

    @property
    def lengths(self) -> tuple[int, ...]:
        """The lengths, ascending."""
        return tuple(np.unique(self.seq_lens).tolist())

    @property
    def num_seeds(self) -> tuple[int, ...]:
        """Runs of each of the lengths."""
        return tuple(np.unique(self.seq_lens, return_counts=True)[1].tolist())

    def block(self, lengths: Sequence[int], num_seeds: int) -> NDArray[np.float64]:
        """Return the scores of so many seeds at each of these lengths, of shape (lengths, num_seeds).

        A column holds one seed if so many seeds are there at all of them: the first such. Otherwise the columns hold
        the first runs of each length; where seeds differ, comparing them as pairs is still valid, but less powerful.
        """
        return np.asarray(self.scores[self._rows(lengths, num_seeds)])

    def block_by_case(self, lengths: Sequence[int], num_seeds: int) -> NDArray[np.float64] | None:
        """Return the same by case, of shape (lengths, num_seeds, cases); None if it is not known."""
        return None if self.per_case is None else self.per_case[self._rows(lengths, num_seeds)]

    def _rows(self, lengths: Sequence[int], num_seeds: int) -> NDArray[np.int64]:
        of_length = [np.flatnonzero(self.seq_lens == seq_len) for seq_len in lengths]
        shared = reduce(np.intersect1d, [self.seeds[rows] for rows in of_length])[:num_seeds]
        if shared.size == num_seeds:
            of_length = [rows[np.isin(self.seeds[rows], shared)] for rows in of_length]
        return np.stack([rows[:num_seeds] for rows in of_length])
