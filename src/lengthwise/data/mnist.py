"""MNIST, which ships with the package: by rows, by pixels, and by pixels in a fixed random order."""

from collections.abc import Callable
from dataclasses import replace
from importlib.resources import as_file, files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.dataset import Dataset
from lengthwise.data.idx_folder import load_idx_folder
from lengthwise.data.options import Options

PIXELS = 784

PERMUTATION_SEED = 0
"""The seed of the pixels' fixed order in ``mnist-permuted``."""


def load_mnist(name: str, _options: Options) -> Dataset:
    """Return MNIST: 28 rows are 28 steps of 28 features."""
    with as_file(files("lengthwise.data") / "mnist") as folder:
        return load_idx_folder(folder, name)


def load_pixels(name: str, options: Options) -> Dataset:
    """Return MNIST pixel by pixel, row after row: 784 steps of one feature."""
    return _reshaped(load_mnist(name, options), lambda values: values.reshape(len(values), PIXELS, 1))


def load_permuted(name: str, options: Options) -> Dataset:
    """Return MNIST pixel by pixel in a fixed random order, the same for all images."""
    order = pixel_order()
    return _reshaped(load_mnist(name, options), lambda values: values.reshape(len(values), PIXELS, 1)[:, order])


def pixel_order() -> NDArray[np.int64]:
    """Return the order of the pixels in ``mnist-permuted``; NumPy guarantees that RandomState never changes."""
    return np.random.RandomState(PERMUTATION_SEED).permutation(PIXELS)


def _reshaped(dataset: Dataset, reshape: Callable[[NDArray[Any]], NDArray[Any]]) -> Dataset:
    train, validation, test = (
        replace(split, values=reshape(np.asarray(split.values)))
        for split in (dataset.train, dataset.validation, dataset.test)
    )
    return replace(dataset, train=train, validation=validation, test=test)
