"""Assigning each sequence to the training, the validation or the test split."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.array_names import PARTS
from lengthwise.data.dataset import SPLITS
from lengthwise.data.options import Options
from lengthwise.errors import DataError

TRAIN, VALIDATION, TEST = range(len(SPLITS))


def draw_splits(
    targets: NDArray[Any], options: Options, *, groups: NDArray[Any] | None = None, stratified: bool = True
) -> NDArray[np.int8]:
    """Draw a split for each sequence.

    Sequences are shuffled, sorted by class (a stable sort), and taken at even distances: so each class's fraction of a
    split is its fraction of the whole, to within one sequence.

    Parameters
    ----------
    targets : ndarray of shape (n, …)
        Classes, if `stratified`.
    options : Options
        Its `validation`, `test` and `seed` are used.
    groups : ndarray of shape (n,), optional
        Sequences of the same group stay together; then groups are drawn, and classes are ignored.
    stratified : bool
        Whether every split gets the same fraction of each class.

    Returns
    -------
    ndarray of shape (n,), int8
        0, 1 or 2, in the order of `SPLITS`.

    Raises
    ------
    DataError
        If there are fewer than three sequences or groups.

    Examples
    --------
    >>> draw_splits(np.repeat([0, 1], 5), Options(validation=0.2, test=0.2)).tolist()
    [2, 0, 1, 0, 0, 0, 0, 1, 0, 2]
    """
    if groups is not None:
        _, members = np.unique(groups, return_inverse=True)
        return draw_splits(np.zeros(members.max() + 1), options, stratified=False)[members]
    count = len(targets)
    if count < len(SPLITS):
        raise DataError(f"there are {count} sequences or groups of them, but three splits need at least 3.")
    validation, test = (max(1, round(count * share)) for share in (options.validation, options.test))
    while validation + test >= count:
        validation, test = max(1, validation - 1), max(1, test - 1)
    order = _order(targets, options.seed, stratified=stratified)
    held_out = order[_evenly(validation + test, count)]
    splits = np.full(count, TRAIN, np.int8)
    splits[held_out] = VALIDATION
    splits[held_out[_evenly(test, validation + test)]] = TEST
    return splits


def draw_validation(
    splits: NDArray[np.int8],
    targets: NDArray[Any],
    options: Options,
    *,
    groups: NDArray[Any] | None = None,
    stratified: bool = True,
) -> NDArray[np.int8]:
    """Return splits in which a fraction of the training sequences has become the validation split.

    Parameters
    ----------
    splits : ndarray of shape (n,), int8
        Without a validation split.
    targets, options, groups, stratified
        As for `draw_splits`.

    Raises
    ------
    DataError
        If there are fewer than two training sequences or groups.
    """
    training = np.flatnonzero(splits == TRAIN)
    units, members = training, np.arange(len(training))
    if groups is not None:
        units, members = np.unique(groups[training], return_inverse=True)
    if len(units) < 2:
        raise DataError(
            f"there is {len(units)} training sequence or group, but at least 2 are needed: one of them for validation."
        )
    order = _order(
        targets[training] if groups is None else np.zeros(len(units)),
        options.seed,
        stratified=stratified and groups is None,
    )
    count = min(len(units) - 1, max(1, round(len(units) * options.validation)))
    chosen = np.zeros(len(units), bool)
    chosen[order[_evenly(count, len(units))]] = True
    splits = splits.copy()
    splits[training[chosen[members]]] = VALIDATION
    return splits


def draw_folds(
    targets: NDArray[Any], folds: int, seed: int, *, groups: NDArray[Any] | None = None, stratified: bool = True
) -> NDArray[np.int64]:
    """Draw a fold for each sequence.

    Sequences are shuffled, sorted by class, and dealt out in turn, so that each class's sequences differ by at most one
    between folds. Groups are dealt out whole, the largest first, each to the fold that has least of what it has: of its
    classes, and of sequences (a greedy form of scikit-learn's ``StratifiedGroupKFold``).

    Parameters
    ----------
    targets : ndarray of shape (n, …)
        Classes, if `stratified`.
    folds : int
        How many; at most as many as there are sequences, or groups.
    seed : int
    groups : ndarray of shape (n,), optional
        Sequences of the same group are in the same fold.
    stratified : bool
        Whether classes are spread evenly.

    Returns
    -------
    ndarray of shape (n,), int64
        0 to ``folds - 1``.

    Examples
    --------
    >>> draw_folds(np.repeat([0, 1], 4), 4, seed=0).tolist()
    [2, 3, 0, 1, 0, 2, 1, 3]
    >>> draw_folds(np.zeros(6), 3, seed=0, groups=np.array([5, 5, 7, 7, 9, 9]), stratified=False).tolist()
    [0, 0, 1, 1, 2, 2]
    """
    if groups is None:
        numbers = np.empty(len(targets), np.int64)
        numbers[_order(targets, seed, stratified=stratified)] = np.arange(len(targets)) % folds
        return numbers
    units, members = np.unique(groups, return_inverse=True)
    if len(units) == folds:
        return members.astype(np.int64)
    classes = np.unique(targets, return_inverse=True)[1] if stratified else np.zeros(len(targets), np.int64)
    counts = np.zeros((len(units), classes.max() + 2))  # the last column counts all sequences
    np.add.at(counts, (members, classes), 1)
    counts[:, -1] = counts.sum(axis=1)
    shares = counts / counts.sum(axis=0)
    order = np.random.default_rng(seed).permutation(len(units))
    filled = np.zeros((folds, shares.shape[1]))
    chosen = np.empty(len(units), np.int64)
    for unit in order[np.argsort(-counts[order, -1], kind="stable")]:
        chosen[unit] = np.argmin(filled @ shares[unit])
        filled[chosen[unit]] += shares[unit]
    return chosen[members]


def _order(targets: NDArray[Any], seed: int, *, stratified: bool) -> NDArray[np.int64]:
    """Return a random order, within classes if `stratified`."""
    order = np.random.default_rng(seed).permutation(len(targets))
    return order[np.argsort(targets[order], kind="stable")] if stratified else order


def _evenly(count: int, total: int) -> NDArray[np.int64]:
    """Return `count` of the numbers below `total`, at even distances.

    >>> _evenly(3, 10).tolist()
    [1, 5, 8]
    """
    return (2 * np.arange(count) + 1) * total // (2 * count)


def given_splits(given: NDArray[Any]) -> NDArray[np.int8]:
    """Return the numbers of splits that are given by number or name.

    Raises
    ------
    DataError
        If one is unknown.
    """
    if given.ndim == 1 and np.issubdtype(given.dtype, np.integer):
        known = (given >= 0) & (given < len(SPLITS))
        numbers = np.where(known, given, 0)
    else:
        names = {word: SPLITS.index(split) for word, split in PARTS.items()}
        labels, inverse = np.unique(given.astype(str), return_inverse=True)
        table = np.array([names.get(label.strip().lower(), -1) for label in labels])
        numbers = table[inverse.ravel()]
        known = numbers >= 0
    if not known.all():
        at = int(np.argmin(known))
        raise DataError(
            f"sequence {at} is in split {given[at]!s}, but a split is {', '.join(SPLITS)}, or 0, 1, 2 in that order."
        )
    return np.asarray(numbers, np.int8)
