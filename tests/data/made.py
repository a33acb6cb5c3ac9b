"""Small sequences for tests of files and arrays."""

import numpy as np


def walks(count=60, num_steps=12, features=2, classes=3, seed=0):
    """Make random walks, (count, num_steps, features) float32, and their labels, cycling through 0 to classes - 1."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(count, num_steps, features)).cumsum(axis=1).astype(np.float32)
    return values, np.arange(count) % classes


def gathered(dataset):
    """Return the values and the targets of all splits together."""
    splits = [dataset.split(name) for name in ("train", "validation", "test")]
    return (np.concatenate([np.asarray(split.values) for split in splits]),
            np.concatenate([split.targets for split in splits]))  # fmt: skip


def in_order(values):
    """Return sequences in an order that does not depend on the given one."""
    flat = values.reshape(len(values), -1)
    return flat[np.lexsort(flat.T)]
