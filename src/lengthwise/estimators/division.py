"""How a search divides sequences, and what the steps of a pipeline make of them before its network is trained."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing

from lengthwise.data import load_data
from lengthwise.data.dataset import SPLITS


def splits_of(y: NDArray[Any], drawn: dict[str, Any]) -> NDArray[np.int8]:
    """Return the split of each sequence, 0, 1 or 2, as `load_data` draws it: from the targets and the options alone."""
    numbered = load_data(np.arange(len(y), dtype=np.float32)[:, None], y, **drawn)
    splits = np.empty(len(y), np.int8)
    for number, name in enumerate(SPLITS):
        splits[np.asarray(numbered.split(name).values)[:, 0, 0].astype(int)] = number
    return splits


def transformed(steps: Pipeline, X: Any, y: NDArray[Any], training: NDArray[np.int64]) -> Any:
    """Return what the steps of a pipeline make of X, fitted to its training part."""
    return clone(steps).fit(_safe_indexing(X, training), y[training]).transform(X)
