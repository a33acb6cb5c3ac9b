"""Documents of a table, of which the next token is predicted after each one: a token a row, or a text a row.

A document is a sequence, and no window reaches from one into another. Of texts, tokens are characters. A step is a
token, one-hot among those of the training split; all others, and the rarest of very many, are one more, `UNKNOWN`.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lengthwise.data.cells import as_text, is_number_column
from lengthwise.data.column_names import GROUP, SEQUENCE, SPLIT, TIME, TOKENS, plain_name
from lengthwise.data.dataset import SPLITS
from lengthwise.data.dates import looks_like_time
from lengthwise.data.options import Options
from lengthwise.data.reading import listed
from lengthwise.data.sequence_keys import is_counter, sequence_keys
from lengthwise.data.splitting import TRAIN, draw_splits, given_splits
from lengthwise.data.text import UNKNOWN
from lengthwise.errors import DataError, UsageError

TEXT_LENGTH = 20
"""Cells of so many characters on average, with blanks in most of them, are texts …"""

WORD_LENGTH = 3
"""… and so are those of so many characters, if most are different: they could not be predicted as tokens."""

HALF = 0.5

MOST_BYTES = 1 << 29
"""Bytes of the one-hot tokens up to which every token has a place of its own …"""

MOST_TOKENS = 5000
"""… if they are at most so many."""

OTHER_USES = frozenset((*SEQUENCE, *TIME, *SPLIT, *GROUP))


class Documents(NamedTuple):
    """Documents as sequences of one-hot tokens.

    Attributes
    ----------
    values : ndarray of shape (n, T, tokens), uint8
    targets : ndarray of shape (n, T), int64
        The number of the token that follows.
    lengths : ndarray of shape (n,), int64
    tokens : tuple of str
    notes : tuple of str
    """

    values: NDArray[np.uint8]
    targets: NDArray[np.int64]
    lengths: NDArray[np.int64]
    tokens: tuple[str, ...]
    notes: tuple[str, ...]


def token_column(frame: pd.DataFrame, options: Options, source: str) -> str:
    """Return the column of tokens or texts: the named one, one with a usual name, or the only one without another use.

    Raises
    ------
    UsageError
        If there is none, or several could be it.
    """
    if options.features is not None:
        raise UsageError(f"task is language, where the tokens are the inputs: leave features out of {source}.")
    if options.target is not None:
        return options.target
    named = {*(options.sequence or ()), *(options.time or ()), options.split, options.group}
    free = [name for name in map(str, frame) if name not in named and plain_name(name) not in OTHER_USES]
    usual = [name for word in TOKENS for name in free if plain_name(name) == word]
    keys = {key for name in free for key in sequence_keys(frame, free, (), name) if key != name}
    others = [name for name in free if not (name in keys or is_counter(frame[name]) or looks_like_time(frame[name]))]
    free = usual[:1] or others
    if len(free) != 1:
        raise UsageError(
            f"{source} has no column that is known to hold tokens or texts: its columns are "
            f"{listed(list(map(str, frame)), 20)}; name one with the option target=COLUMN."
        )
    return free[0]


def are_texts(column: "pd.Series[Any]") -> bool:
    """Return whether each cell of a column is a text, and not a token."""
    if is_number_column(column):
        return False
    text = as_text(column.dropna())
    if not len(text):
        return False
    length = text.str.len().mean()
    is_running = length >= TEXT_LENGTH and text.str.contains(r"\s").mean() > HALF
    return bool(is_running or (length >= WORD_LENGTH and text.nunique() > HALF * len(text)))


def are_long_texts(column: "pd.Series[Any]") -> bool:
    """Return whether each cell of a column is certainly a text, and no name of a row with a number in it."""
    if not are_texts(column):
        return False
    text = as_text(column.dropna())
    return bool(text.str.len().mean() >= TEXT_LENGTH or text.str.contains(r"\s").mean() > HALF) and bool(
        text.str.contains(r"\d").mean() < HALF
    )


def tokens_of(column: "pd.Series[Any]", source: str) -> NDArray[Any]:
    """Return the cells of a column as tokens.

    Raises
    ------
    DataError
        If they are numbers with fractions.
    """
    if not is_number_column(column):
        return as_text(column).to_numpy(object)
    numbers = column.to_numpy(np.float64)
    if (numbers != np.floor(numbers)).any():
        at = int(np.argmax(numbers != np.floor(numbers)))
        raise DataError(
            f"{source}: {column.name} has {numbers[at]:g}, but numbers with fractions are no tokens: name the column "
            f"of tokens with target=COLUMN, or predict numbers with task=step_regression or forecasting."
        )
    return column.astype(np.int64).astype("str").to_numpy(object)


def encoded(documents: Sequence[NDArray[Any]], training: Sequence[NDArray[Any]]) -> Documents:
    """Return documents of two or more tokens as sequences.

    >>> found = encoded([np.array(list("abac")), np.array(list("bd"))], [np.array(list("abac"))])
    >>> found.tokens, found.targets.tolist(), found.lengths.tolist()
    (('a', 'b', 'c', '�'), [[1, 0, 2], [3, 0, 0]], [3, 1])

    Parameters
    ----------
    documents : sequence of ndarray of shape (tokens,), object or str
    training : sequence of ndarray
        What of them the known tokens are taken from.
    """
    lengths = np.array([len(document) - 1 for document in documents], np.int64)
    size = len(documents) * int(lengths.max())
    most = min(MOST_TOKENS, max(2, MOST_BYTES // size))
    found, counts = np.unique(np.concatenate(training).astype(str), return_counts=True)
    kept = np.sort(found[np.argsort(-counts, kind="stable")[:most]])
    rare = len(found) - len(kept)
    flat = np.concatenate(documents).astype(str)
    numbers = np.minimum(np.searchsorted(kept, flat), len(kept) - 1)
    unknown = kept[numbers] != flat
    numbers[unknown] = len(kept)
    tokens = (*kept.tolist(), *((UNKNOWN,) if unknown.any() else ()))
    values = np.zeros((len(documents), int(lengths.max()), len(tokens)), np.uint8)
    targets = np.zeros(values.shape[:2], np.int64)
    ends = np.cumsum(lengths + 1)
    for at, own in enumerate(np.split(numbers, ends[:-1])):
        values[at, np.arange(lengths[at]), own[:-1]] = 255  # bytes stand for value / 255
        targets[at, : lengths[at]] = own[1:]
    notes = [f"{rare:,} rarer tokens are read as one, {UNKNOWN}"] if rare else []
    return Documents(values, targets, lengths, tokens, tuple(notes))


def encoded_texts(column: "pd.Series[Any]") -> Documents:
    """Return each cell of a column as a sequence of words, if most have blanks, or else of characters.

    Words are in small letters, and signs are words.

    >>> found = encoded_texts(pd.Series(["A good film.", "so bad"], name="text"))
    >>> found.tokens, found.lengths.tolist(), found.notes
    (('.', 'a', 'bad', 'film', 'good', 'so'), [4, 2], ("each row's text is a sequence of words",))
    """
    text = as_text(column)
    are_words = bool(text.str.contains(r"\s").mean() > HALF)
    cells = [re.findall(r"\w+|[^\w\s]", cell.lower()) if are_words else list(cell) for cell in text]
    known = [cell or [UNKNOWN] for cell in cells]
    found = encoded([np.array([*cell, cell[-1]], object) for cell in known], [np.array(cell, object) for cell in known])
    said = f"each row's {column.name} is a sequence of {'words' if are_words else 'characters'}"
    return found._replace(notes=(said, *found.notes))


def training_part(
    documents: Sequence[NDArray[Any]],
    splits: NDArray[Any] | None,
    groups: NDArray[Any] | None,
    options: Options,
) -> tuple[NDArray[Any] | None, list[NDArray[Any]]]:
    """Return the split of each document, and the documents from which a network learns.

    Splits that are not given are drawn, whole documents or groups of them. Of too few there are none: each document is
    divided later, and its first part is for training.
    """
    if splits is None:
        units = len(documents) if groups is None else len(np.unique(groups))
        if units < len(SPLITS):
            share = 1 - options.validation - options.test
            return None, [document[: max(1, round(share * (len(document) - 1)))] for document in documents]
        splits = draw_splits(np.zeros(len(documents)), options, groups=groups, stratified=False)
        return splits, [document for document, split in zip(documents, splits, strict=True) if split == TRAIN]
    numbers = given_splits(splits)
    return splits, [document for document, split in zip(documents, numbers, strict=True) if split == TRAIN]
