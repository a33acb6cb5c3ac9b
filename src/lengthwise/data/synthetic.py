"""The adding problem and the copy task: standard tests of long memory, generated for any length.

As Bai, Kolter and Koltun define them (An empirical evaluation of generic convolutional and recurrent networks for
sequence modeling, 2018, arXiv 1803.01271, section 4.2 and appendix), with as many sequences as their programs draw.
"""

import numpy as np

from lengthwise.data.dataset import Dataset
from lengthwise.data.options import Options
from lengthwise.data.sequences import scale
from lengthwise.data.split import Split
from lengthwise.data.targets import StepWindows
from lengthwise.errors import UsageError

HELD_OUT = 1000
"""Sequences of the validation and of the test split."""

ADDING_TRAIN = 50000
COPY_TRAIN = 10000

MEMORY = 10
"""Symbols to remember in the copy task."""

SYMBOLS = 8
"""The symbols are 1 to 8; 0 is blank, and 9 marks the steps of the answer."""

ANSWER = SYMBOLS + 1


def make_adding(name: str, options: Options) -> Dataset:
    """Return the adding problem of T steps, ``adding:T``.

    A step is a number, uniform in [0, 1], and a mark, which is 1 at two steps and 0 at all others. The target is the
    sum of the two marked numbers. Always predicting 1 gives a mean squared error of 1/6 (the variance of the sum).
    """
    num_steps = _length(name, least=2, example="adding:600")
    splits = [
        _adding(np.random.default_rng([options.seed, part]), count, num_steps)
        for part, count in enumerate((ADDING_TRAIN, HELD_OUT, HELD_OUT))
    ]
    train, validation, test, scaling = scale(splits, options, default=False)
    return Dataset(name, train, validation, test, 0, "regression", (), ("number", "mark"), scaling)


def _adding(random: np.random.Generator, count: int, num_steps: int) -> Split:
    values = np.zeros((count, num_steps, 2), np.float32)
    random.random(dtype=np.float32, out=(numbers := np.empty((count, num_steps), np.float32)))
    values[:, :, 0] = numbers
    first = random.integers(num_steps, size=count)
    second = (first + random.integers(1, num_steps, size=count)) % num_steps  # uniform over the other steps
    sequences = np.arange(count)
    values[sequences, first, 1] = values[sequences, second, 1] = 1
    return Split(values, numbers[sequences, first] + numbers[sequences, second])


def make_copy(name: str, options: Options) -> Dataset:
    """Return the copy task with a blank time of T steps, ``copy:T``.

    Of T + 20 steps, the first ten are symbols from 1 to 8, the last eleven are 9, and all others 0. The target of each
    step is 0, except in the last ten steps, where the targets are the ten symbols in their order.
    """
    blank = _length(name, least=1, example="copy:1000")
    splits = [
        _copy(np.random.default_rng([options.seed, part]), count, blank)
        for part, count in enumerate((COPY_TRAIN, HELD_OUT, HELD_OUT))
    ]
    train, validation, test, scaling = scale(splits, options, default=False)
    classes = tuple(map(str, range(ANSWER + 1)))
    # The first symbol of the answer needs T + 11 steps; the other nine have as many behind them.
    windows = StepWindows(blank + MEMORY + 1)
    return Dataset(
        name, train, validation, test, len(classes), "tagging", classes, ("symbol",), scaling, step_windows=windows
    )


def _copy(random: np.random.Generator, count: int, blank: int) -> Split:
    num_steps = blank + 2 * MEMORY
    symbols = random.integers(1, SYMBOLS + 1, size=(count, MEMORY))
    values = np.zeros((count, num_steps, 1), np.float32)
    values[:, :MEMORY, 0] = symbols
    values[:, -MEMORY - 1 :, 0] = ANSWER
    targets = np.zeros((count, num_steps), np.int64)
    targets[:, -MEMORY:] = symbols
    return Split(values, targets)


def _length(name: str, *, least: int, example: str) -> int:
    kind, _, length = name.partition(":")
    if not (length.isascii() and length.isdigit() and int(length) >= least):
        raise UsageError(
            f"{name!r} has no valid number of steps for {kind}: write {least} or more steps, such as {example}."
        )
    return int(length)
