"""Text, character by character: the network predicts the next character after each one.

The text is cut into consecutive sequences of T characters, and these into the training, the validation and the test
split, in this order. A step is a character, one-hot among those of the training split; all other characters become one
more class, ``UNKNOWN``.
"""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.dataset import Dataset
from lengthwise.data.options import Options
from lengthwise.data.split import Split
from lengthwise.data.targets import StepWindows
from lengthwise.errors import DataError, UsageError

STEPS = 256
"""Characters of a sequence, unless `lookback` is given."""

LONGEST = 64
"""Characters of the longest window, unless `lookback` is given."""

UNKNOWN = "\N{REPLACEMENT CHARACTER}"


def read_text(name: str, options: Options) -> Dataset:
    """Read a text file, in UTF-8 unless an encoding is given.

    Raises
    ------
    DataError
        If it cannot be read, or is too short.
    """
    try:
        text = Path(name).read_text(encoding=options.encoding or "utf-8-sig")
    except LookupError:
        raise UsageError(f"encoding is {options.encoding!r}, but must be one that Python knows, as cp1252.") from None
    except (OSError, UnicodeError) as error:
        kind = options.encoding or "UTF-8"
        raise DataError(f"{name} cannot be read as {kind} text: {error}; name another with encoding=cp1252.") from error
    return make_text(text, options, name)


def make_text(text: str, options: Options, name: str) -> Dataset:
    """Return a text as a data set.

    >>> found = make_text("banana " * 9, Options(lookback=6, validation=0.2, test=0.2), "banana")
    >>> found.classes, [len(found.split(split)) for split in ("train", "validation", "test")]
    ((' ', 'a', 'b', 'n'), [6, 2, 2])
    >>> one = found.train
    >>> "".join(found.classes[code] for code in one.values[0].argmax(axis=1)), one.targets[0].tolist()
    ('banana', [1, 3, 1, 3, 1, 0])
    """
    num_steps = STEPS if options.lookback is None else options.lookback
    count = (len(text) - 1) // num_steps
    held_out = [max(1, round(count * share)) for share in (options.validation, options.test)]
    training = count - sum(held_out)
    if training < 1:
        raise DataError(
            f"{name} has {len(text)} characters, but each split needs {num_steps} and the one that follows: choose a "
            f"longer text, or a shorter lookback."
        )
    letters = np.array(list(text[: count * num_steps + 1]))
    known = np.unique(letters[: training * num_steps + 1])
    codes = np.searchsorted(known, letters)
    unknown = (codes == len(known)) | (known[np.minimum(codes, len(known) - 1)] != letters)
    codes[unknown] = len(known)
    classes = (*known.tolist(), UNKNOWN) if unknown.any() else tuple(known.tolist())
    bounds = np.cumsum([0, training, *held_out]).tolist()
    train, validation, test = (
        _split(codes[first * num_steps : last * num_steps + 1], num_steps, len(classes))
        for first, last in itertools.pairwise(bounds)
    )
    return Dataset(
        name, train, validation, test, len(classes), "language", classes, classes,
        step_windows=StepWindows(LONGEST if options.lookback is None else options.lookback, stride=options.stride),
    )  # fmt: skip


def _split(codes: NDArray[Any], num_steps: int, num_classes: int) -> Split:
    """Return sequences of consecutive characters; the last character is only a target."""
    values = np.zeros((len(codes) - 1, num_classes), np.uint8)
    values[np.arange(len(values)), codes[:-1]] = 255  # bytes stand for value / 255
    targets = codes[1:].reshape(-1, num_steps)
    return Split(values.reshape(-1, num_steps, num_classes), targets, recordings=np.zeros(len(targets), np.int64))
