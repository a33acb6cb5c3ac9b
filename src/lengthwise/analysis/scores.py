"""The scores of a study's runs, as the analysis takes them."""

from collections import Counter
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
    overlap : float, default 0
        Where runs are not seeds but folds or other divisions of the same data, so that they share sequences to train
        on: the sequences that a run is judged on over those that it is trained on, such as 0.25 with five folds. With
        R runs, the variance of a mean is then taken as (1 / R + overlap) times that of the runs (Nadeau and Bengio
        2003, Inference for the generalization error, Machine Learning 52, 239-281).

    Raises
    ------
    UsageError
        If shapes do not fit, a score is not finite, a run is there twice, or a row's mean is not the run's score; if
        `overlap` is negative, or given with scores per case.
    """

    seq_lens: NDArray[np.int64]
    seeds: NDArray[np.int64]
    scores: NDArray[np.float64]
    per_case: NDArray[np.float64] | None = None
    case_weights: NDArray[np.float64] | None = None
    metric: Metric = ACCURACY
    overlap: float = 0.0

    def __init__(
        self,
        seq_lens: ArrayLike,
        seeds: ArrayLike,
        scores: ArrayLike,
        per_case: ArrayLike | None = None,
        case_weights: ArrayLike | None = None,
        *,
        metric: Metric = ACCURACY,
        overlap: float = 0.0,
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
        object.__setattr__(self, "overlap", float(overlap))
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
        if not 0 <= self.overlap < np.inf:
            raise UsageError(f"overlap is {self.overlap:g}, but must be 0 or more, such as 0.25 for five folds.")
        if self.per_case is not None:
            self._check_cases(self.per_case)
            if self.overlap:
                raise UsageError(
                    "overlap is given and scores per case too, but folds are compared by their means alone."
                )
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

    @property
    def num_answers(self) -> float | None:
        """How many answers a run gave that are right or wrong; None where scores are something else, or not by case.

        One a case; where `case_weights` count the sequences of groups, as many as these are.
        """
        values = self.per_case
        if values is None or self.metric.name != ACCURACY.name or values.min() < 0 or values.max() > 1:
            return None
        weight = 0.0 if self.case_weights is None else float(self.case_weights.sum())
        return max(float(values.shape[1]), weight)

    def block(self, lengths: Sequence[int], num_seeds: int) -> NDArray[np.float64]:
        """Return the scores of so many seeds at each of these lengths, of shape (lengths, num_seeds).

        A column holds one seed if so many seeds are there at all of them: the first such. Otherwise each length has the
        seeds that most lengths have, and a seed stands in the same column wherever there is room. Two runs of different
        seeds in a column make a pair of independent runs, or of runs that share a seed with another pair, on either
        side of it: then differences are correlated negatively, and their variance is overestimated.
        """
        return np.asarray(self.scores[self._rows(lengths, num_seeds)])

    def block_by_case(self, lengths: Sequence[int], num_seeds: int) -> NDArray[np.float64] | None:
        """Return the same by case, of shape (lengths, num_seeds, cases); None if it is not known."""
        return None if self.per_case is None else self.per_case[self._rows(lengths, num_seeds)]

    def paired(self, lengths: Sequence[int], num_seeds: int) -> NDArray[np.bool_]:
        """Return whether each two of these lengths have a seed in the same column of `block`, (lengths, lengths)."""
        seeds = self.seeds[self._rows(lengths, num_seeds)]
        return np.asarray(np.any(seeds[:, None] == seeds, axis=-1))

    def _rows(self, lengths: Sequence[int], num_seeds: int) -> NDArray[np.int64]:
        of_length = [np.flatnonzero(self.seq_lens == seq_len) for seq_len in lengths]
        shared = reduce(np.intersect1d, [self.seeds[rows] for rows in of_length])[:num_seeds]
        if shared.size == num_seeds:
            return np.stack([rows[np.isin(self.seeds[rows], shared)] for rows in of_length])
        return self._aligned(of_length, num_seeds)

    def _aligned(self, of_length: list[NDArray[np.int64]], num_seeds: int) -> NDArray[np.int64]:
        """Return so many of each length's rows, those of a seed in one column where there is room; see `block`."""
        counts = Counter(seed for rows in of_length for seed in self.seeds[rows].tolist())
        by_commonness = sorted(counts, key=lambda seed: (-counts[seed], seed))
        chosen = []
        for rows in of_length:
            row_of = dict(zip(self.seeds[rows].tolist(), rows.tolist(), strict=True))
            first = [seed for seed in by_commonness if seed in row_of][:num_seeds]
            chosen.append({seed: row_of[seed] for seed in first})
        places = np.full((len(chosen), num_seeds), -1)
        for seed in by_commonness:
            holders = np.array([place for place, left in enumerate(chosen) if seed in left], np.int64)
            free = places[holders] < 0
            column = int(np.argmax(free.sum(axis=0)))
            for place in holders[free[:, column]]:
                places[place, column] = chosen[place].pop(seed)
        for place, left in enumerate(chosen):
            places[place, places[place] < 0] = list(left.values())
        return places
