"""What a study's networks are judged on: the cases, and the scores of its runs on them.

A case is what more of would be drawn: a sequence, or a whole group, such as a person, where the data have any.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lengthwise.analysis import LengthScores
from lengthwise.study.store import Store

if TYPE_CHECKING:
    import pandas as pd

PEOPLE = ("subject", "person", "participant", "people")
"""What groups are called that are people, as their column may say with an ending such as ``_id``."""


@dataclass(frozen=True)
class Cases:
    """What the lengths were chosen by.

    Attributes
    ----------
    count : int
        How many cases there are.
    title : str
        What they are: sequences, people, groups.
    folds : int
        In how many folds they were judged; 0 if they are the validation split.
    split : str
        The name of the split that they are of; empty if there is no other to tell it from.
    """

    count: int
    title: str
    folds: int
    split: str = "validation"

    @property
    def runs_a_seed(self) -> int:
        """Trainings of a length and a seed."""
        return max(1, self.folds)

    @property
    def sentence(self) -> str:
        """What they are, and by which networks they were judged.

        >>> Cases(15, "people", folds=15).sentence
        '15 people, each judged by networks that had not seen them'
        >>> Cases(50, "sequences", folds=5).sentence
        '50 sequences, each judged by networks that had not seen it'
        >>> Cases(5000, "sequences", folds=0).sentence
        '5,000 sequences of the validation split'
        >>> Cases(200, "cases", folds=0, split="").sentence
        '200 cases'
        >>> Cases(1, "cases", folds=0, split="").sentence
        'one score a training: what other cases would show is not known'
        >>> Cases(1, "data", folds=5, split="").sentence
        '5 folds of the same data'
        """
        if self.folds and self.count == 1:
            return f"{self.folds} folds of the same {self.title}"
        start = f"{self.count:,} {self.title}"
        if self.count == 1:
            return "one score a training: what other cases would show is not known"
        if not self.split:
            return start
        if not self.folds:
            return f"{start} of the {self.split} split"
        return f"{start}, each judged by networks that had not seen {'them' if self.title == 'people' else 'it'}"


def cases_of(store: Store, scores: LengthScores) -> Cases:
    """Return what a study's lengths are chosen by, given their scores on it."""
    count = 1 if scores.per_case is None else scores.per_case.shape[1]
    subject = store.subject
    title = subject.cases if subject.block == 1 else f"stretches of {subject.block} forecasts"
    if store.groups("validation") is not None:
        title = _groups_title(subject.grouped_by)
    if subject.divisions:
        return Cases(1, "data", subject.divisions, "")
    return Cases(count, title, store.design.folds, subject.chosen_on)


def _groups_title(grouped_by: str) -> str:
    """Return what groups are called, by the name of their column.

    >>> _groups_title("Subject_ID"), _groups_title("machine"), _groups_title("group"), _groups_title("")
    ('people', 'groups (machine)', 'groups', 'groups')
    """
    if grouped_by.lower().startswith(PEOPLE):
        return "people"
    return "groups" if grouped_by.lower() in ("", "group") else f"groups ({grouped_by})"


def scores_of(store: Store, runs: "pd.DataFrame", split: str) -> LengthScores:
    """Return the scores of one configuration's runs on a split, with those of every case, to compare lengths by.

    With folds, the runs of a length and a seed make one row together: in place of the validation split the whole pool,
    each sequence judged by the network that had not seen it; the test split is judged by the first fold's network.
    Seeds of which a fold is missing are left out.

    Parameters
    ----------
    store : Store
    runs : DataFrame
        Finished runs, at least one seed with all its folds.
    split : {"validation", "test"}
    """
    complete = complete_seeds(store, runs)
    seeds = _runs_of_seeds(complete)
    lengths, numbers = np.array(list(seeds)).T
    per_sequence = np.stack([_per_sequence(store, seq_len, of_seed, split) for (seq_len, _), of_seed in seeds.items()])
    if not per_sequence.size:  # where one score is all that is known
        divisions = store.subject.divisions
        overlap = 1 / (divisions - 1) if divisions else 0.0
        means = complete.groupby(["seq_len", "seed"]).val_score.mean().to_numpy()
        return LengthScores(lengths, numbers, means, metric=store.metric, overlap=overlap)
    per_sequence = store.metric.by_case(per_sequence)
    names = store.groups(split)
    weights = None
    if names is None:
        cases = in_blocks(per_sequence, store.subject.block)
    else:
        cases, weights = by_group(per_sequence, names)
    is_known = cases.shape[1] > 1
    return LengthScores(
        lengths,
        numbers,
        per_sequence.mean(axis=1),
        cases if is_known else None,
        weights if is_known else None,
        metric=store.metric,
    )


def complete_seeds(store: Store, runs: "pd.DataFrame") -> "pd.DataFrame":
    """Return the runs of the seeds that have all their folds; all runs where there are no folds."""
    folds = store.design.folds
    if not folds:
        return runs
    counts = runs.groupby(["seq_len", "seed"]).fold.transform("nunique")
    return runs[counts == folds]


def without_begun(store: Store, runs: "pd.DataFrame") -> "pd.DataFrame":
    """Return the runs of one configuration without lengths that are first tried in the round under way, and lack seeds.

    Where a study chooses its lengths and its time ends in a round, what was shown of the others would be withheld else.

    Parameters
    ----------
    store : Store
    runs : DataFrame
        Failed ones among them.
    """
    design, rounds = store.design, store.rounds
    if store.looks is None or len(rounds) < 2:
        return runs
    wanted = runs.seq_len.map(lambda seq_len: len(design.seeds_of(seq_len)) * max(design.folds, 1))
    of_length = runs.groupby("seq_len").id
    is_begun = (of_length.transform("min") > rounds[-1].after) & (of_length.transform("size") < wanted)
    return runs[~is_begun]


def _runs_of_seeds(runs: "pd.DataFrame") -> dict[tuple[int, int], list[int]]:
    """Return the ids of the runs of each length and seed, both ascending, by their folds."""
    found: dict[tuple[int, int], list[int]] = {}
    columns = (runs[name].tolist() for name in ("seq_len", "seed", "fold", "id"))
    for seq_len, seed, _, run in sorted(zip(*columns, strict=True)):
        found.setdefault((seq_len, seed), []).append(run)
    return found


def _per_sequence(store: Store, seq_len: int, runs: list[int], split: str) -> NDArray[np.float64]:
    """Return the score of each sequence, shape (n,), from the runs of one length and seed, by their folds."""
    if not store.design.folds or split == "test":
        return store.per_sequence(runs[0], split, seq_len)
    parts = [store.per_sequence(run, split, seq_len) for run in runs]
    if store.subject.told:
        return np.concatenate(parts)
    whole = np.empty(sum(map(len, parts)))
    for run, part in zip(runs, parts, strict=True):
        whole[store.judged(run)] = part
    return whole


def by_group(
    per_sequence: NDArray[np.float64], groups: NDArray[np.str_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean score of each group, and its number of sequences, by which it is weighted.

    >>> by_group(np.array([[1.0, 2.0, 3.0]]), np.array(["P1", "P2", "P1"]))
    (array([[2., 2.]]), array([2., 1.]))

    Parameters
    ----------
    per_sequence : ndarray of shape (runs, n)
    groups : ndarray of shape (n,)

    Returns
    -------
    ndarray of shape (runs, groups), ndarray of shape (groups,)
    """
    _, members, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    sums = [np.bincount(members, row, len(sizes)) for row in per_sequence]
    return np.array(sums) / sizes, sizes.astype(np.float64)


def in_blocks(per_sequence: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Return the scores of blocks of about `size` neighbouring sequences, whose mean is that of the sequences.

    Forecasts from neighbouring origins are about the same steps, so their errors are no independent cases; those of
    blocks as long as the horizon nearly are.

    >>> in_blocks(np.array([[1.0, 2.0, 3.0, 4.0, 6.0]]), 2)
    array([[2.4, 4. ]])

    Parameters
    ----------
    per_sequence : ndarray of shape (runs, n)
    size : int

    Returns
    -------
    ndarray of shape (runs, n // size), at least one block
        The sum of each block over the mean size of a block.
    """
    if size == 1:
        return per_sequence
    count = max(1, per_sequence.shape[1] // size)
    sums = [part.sum(axis=1) for part in np.array_split(per_sequence, count, axis=1)]
    blocks: NDArray[np.float64] = np.stack(sums, axis=1) * count / per_sequence.shape[1]
    return blocks
