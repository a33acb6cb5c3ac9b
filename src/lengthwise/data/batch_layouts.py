"""The layouts in which the same mini-batch feeds different kinds of network.

A batch of images, (batch, height, width), becomes

>>> import numpy as np
>>> images = np.zeros((128, 28, 28), np.uint8)
>>> {layout.name: layout.apply(images).shape for layout in LAYOUTS}
{'dense': (128, 784), 'nhwc': (128, 28, 28, 1), 'nchw': (128, 1, 28, 28), 'batch_major': (128, 28, 28), \
'time_major': (28, 128, 28)}

All are views of the same array; only ``dense`` copies it, and only where the images are not contiguous.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from lengthwise.errors import UsageError

Array = NDArray[Any]


def _check(images: Array) -> None:
    if images.ndim != 3:
        raise UsageError(f"images have shape {images.shape}, but must have three axes: batch, height (time), width.")


def dense(images: Array) -> Array:
    """Return [batch, inputs], for fully connected networks: an image is one row of all its pixels."""
    _check(images)
    return images.reshape(len(images), images.shape[1] * images.shape[2])


def nhwc(images: Array) -> Array:
    """Return [batch, height, width, channel], for convolutions where the channel comes last, with one channel."""
    _check(images)
    return images[:, :, :, None]


def nchw(images: Array) -> Array:
    """Return [batch, channel, height, width], for convolutions where the channel comes first, with one channel."""
    _check(images)
    return images[:, None]


def batch_major(images: Array) -> Array:
    """Return [batch, time, input], for recurrent networks: a row of the image is a time step."""
    _check(images)
    return images[:]


def time_major(images: Array) -> Array:
    """Return [time, batch, input], for recurrent networks that read one step of all sequences after another."""
    _check(images)
    return images.transpose(1, 0, 2)


@dataclass(frozen=True)
class Layout:
    """A layout and what it is for.

    Attributes
    ----------
    name : str
    network : str
        The kind of network that takes it.
    axes : str
        What its axes are.
    apply : callable
        Takes images of shape (batch, height, width), returns them in this layout.
    """

    name: str
    network: str
    axes: str
    apply: Callable[[Array], Array]


LAYOUTS = (
    Layout("dense", "fully connected", "[batch, inputs]", dense),
    Layout("nhwc", "2-D CNN, NHWC", "[batch, height, width, channel]", nhwc),
    Layout("nchw", "2-D CNN, NCHW", "[batch, channel, height, width]", nchw),
    Layout("batch_major", "RNN, batch-major", "[batch, time, input]", batch_major),
    Layout("time_major", "RNN, time-major", "[time, batch, input]", time_major),
)
"""All of them, in the order in which the notebook lists them."""
