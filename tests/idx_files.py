"""Idx files made for tests: written from the format's description, independently of the reader."""

import gzip
import struct

import numpy as np

CODES = {"uint8": 0x08, "int8": 0x09, "int16": 0x0B, "int32": 0x0C, "float32": 0x0D, "float64": 0x0E}


def idx_bytes(array):
    """Return an idx file's bytes: two zeros, type, rank, the sizes, the values, all big-endian."""
    header = struct.pack(">BBBB", 0, 0, CODES[array.dtype.name], array.ndim)
    header += struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


def write_idx(path, array):
    """Write an idx file, compressed if its name ends with .gz."""
    content = idx_bytes(array)
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    return path


def digits(count, *, num_steps=8, features=6, num_classes=3, seed=0):
    """Make images that a network can learn to tell apart, (count, num_steps, features), and their labels."""
    random = np.random.default_rng(seed)
    labels = random.integers(num_classes, size=count)
    labels[:num_classes] = np.arange(num_classes)
    stripes = np.arange(features) % num_classes == labels[:, None]
    images = np.where(stripes[:, None], 150, 60) + random.integers(-60, 60, (count, num_steps, features))
    return images.clip(0, 255).astype(np.uint8), labels.astype(np.uint8)


def write_folder(folder, *, train=240, test=100, ending=".gz", **shape):
    """Write the four files of a small data set; of 240 training images, 20 are the validation split."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (part, count) in enumerate({"train": train, "t10k": test}.items()):
        images, labels = digits(count, seed=seed, **shape)
        write_idx(folder / f"{part}-images-idx3-ubyte{ending}", images)
        write_idx(folder / f"{part}-labels-idx1-ubyte{ending}", labels)
    return folder
