"""The sequences of the engine torch, and the windows that it cuts out of them.

On the CPU the sequences stay NumPy arrays, so that a file that is mapped into memory is not read as a whole. On another
device there is one copy of them, which all engines share, and windows are cut out of it there.
"""

import threading
import weakref
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lengthwise.engine.protocol import Data


class Batch(NamedTuple):
    """The windows of one step, on the device.

    Attributes
    ----------
    x : Tensor of shape (B, s, F), float32
        Zero beyond a window's length.
    targets : Tensor of shape (B,), (B, O) or (B, s)
        The target of each window.
    lengths : Tensor of shape (B,), int64
        Valid steps of each window.
    weights : Tensor of shape (B,), float32
        Factor of each window's loss in training.
    """

    x: Tensor
    targets: Tensor
    lengths: Tensor
    weights: Tensor


class Sequences(NamedTuple):
    """The `Data` of an engine where its windows are cut out: arrays on the CPU, else tensors.

    Attributes
    ----------
    values : ndarray or Tensor of shape (n, T, F), uint8 or float32
    targets : ndarray or Tensor of shape (n,), (n, O) or (n, T)
    lengths : ndarray or Tensor of shape (n,), int64
    weights : ndarray or Tensor of shape (n,), float32
    scale : float
    offsets : ndarray or Tensor of shape (s,), int64
        0 to s - 1.
    """

    values: Any
    targets: Any
    lengths: Any
    weights: Any
    scale: float
    offsets: Any


def sequences_on(device: torch.device, data: Data, seq_len: int) -> Sequences:
    """Return the sequences where windows of `seq_len` steps are cut out for a device."""
    arrays: list[Any] = [data.values, data.targets, data.lengths, data.weights]
    offsets: Any = np.arange(seq_len)
    if device.type != "cpu":
        arrays = [_shared(array, device) for array in arrays]
        offsets = torch.tensor(offsets, device=device)
    values, targets, lengths, weights = arrays
    return Sequences(values, targets, lengths, weights, float(data.scale), offsets)


def cut(data: Sequences, sequences: Any, starts: Any, *, every_step: bool, are_short: bool) -> Batch:
    """Cut out the windows of one step.

    Parameters
    ----------
    data : Sequences
    sequences, starts : ndarray or Tensor of shape (B,), int64
        The sequence of each window, and its first step; arrays or tensors as those of `data`.
    every_step : bool
        Whether there is a target for every step.
    are_short : bool
        Whether a window may end before `seq_len` steps.

    Returns
    -------
    Batch
        Its targets are (B, s) if there is one for every step; beyond a window's length they do not matter.
    """
    rows, steps = sequences[:, None], starts[:, None] + data.offsets
    places = (rows, steps.clip(max=data.values.shape[1] - 1))
    if data.values.shape[1] == 1:  # windows that overlap: each begins at the step that is its sequence
        places = ((rows + steps).clip(max=len(data.values) - 1), rows * 0)
    x = torch.as_tensor(data.values[places]).float() * data.scale
    targets = data.targets[rows, steps.clip(max=data.targets.shape[1] - 1)] if every_step else data.targets[sequences]
    lengths = torch.as_tensor((data.lengths[sequences] - starts).clip(max=len(data.offsets)))
    if are_short:
        valid = torch.as_tensor(data.offsets) < lengths[:, None]
        x = torch.where(valid[..., None], x, 0.0)
    return Batch(x, torch.as_tensor(targets), lengths, torch.as_tensor(data.weights[sequences]))


_SHARED: dict[tuple[int, str], Tensor] = {}
_SHARING = threading.Lock()


def _shared(array: NDArray[Any], device: torch.device) -> Tensor:
    """Return the copy of an array on a device, which all engines share, and which lives as long as the array."""
    key = (id(array), str(device))
    with _SHARING:
        if key not in _SHARED:
            _SHARED[key] = torch.tensor(np.asarray(array), device=device)
            weakref.finalize(array, _SHARED.pop, key, None)
        return _SHARED[key]
