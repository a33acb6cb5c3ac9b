"""Training steps of the engine torch on CUDA, recorded as a graph once and replayed.

A step of a small network is a hundred kernels, most of a few microseconds: launched one by one, launching takes most
of the time. A graph is launched at once. It reads its windows from a queue on the device, and counts its position
there.
"""

from collections.abc import Callable

import torch
from torch import Tensor

QUEUE_STEPS = 1024
"""Most steps in the queue: 2 MB of windows with a batch of 128."""

WARM_UPS = 3
"""Steps before a graph is recorded, in which libraries choose their kernels; PyTorch's documentation asks for them."""


class NotRecordedError(Exception):
    """An update cannot be recorded as a graph."""


class Recording:
    """One update, recorded. While it is recorded, no other thread may draw from PyTorch's generators.

    Parameters
    ----------
    make_update : callable ``(sequences, starts, scale)``
        Makes an update with windows (B,) and a scale (4,) of `scales_of`; returns its mean loss and score, (2,). It
        changes only tensors whose addresses stay the same, and never waits for the device.
    windows : Tensor of shape (n, 2, B), int64
        Examples of windows, on the device: the sequences, and the windows' first steps.
    scales : Tensor of shape (n, 4), float32

    Raises
    ------
    NotRecordedError
        If an update cannot be recorded. PyTorch may then not free some of the device's memory.
    """

    def __init__(
        self, make_update: Callable[[Tensor, Tensor, Tensor], Tensor], windows: Tensor, scales: Tensor
    ) -> None:
        device = windows.device
        self._windows = windows[:1].repeat(QUEUE_STEPS, 1, 1)
        self._scales = scales[:1].repeat(QUEUE_STEPS, 1)
        self._results = torch.zeros(QUEUE_STEPS, 2, device=device)
        self._next = torch.zeros(1, dtype=torch.int64, device=device)

        def make_next() -> None:
            sequences, starts = self._windows.index_select(0, self._next)[0]
            scale = self._scales.index_select(0, self._next)[0]
            self._results.index_copy_(0, self._next, make_update(sequences, starts, scale)[None])
            self._next.add_(1)

        self._graph = torch.cuda.CUDAGraph()
        for _ in range(WARM_UPS):
            make_next()
        # Other threads go on with their own steps meanwhile.
        recording = torch.cuda.graph(
            self._graph, stream=torch.cuda.current_stream(device), capture_error_mode="thread_local"
        )
        try:
            with recording:
                make_next()
        except RuntimeError as error:
            raise NotRecordedError(str(error).splitlines()[0]) from error

    def replay(self, windows: Tensor, scales: Tensor) -> Tensor:
        """Make the updates of windows (n, 2, B) with scales (n, 4); return their mean losses and scores, (n, 2)."""
        results = []
        for some, their_scales in zip(windows.split(QUEUE_STEPS), scales.split(QUEUE_STEPS), strict=True):
            count = len(some)
            self._windows[:count] = some
            self._scales[:count] = their_scales
            self._next.zero_()
            for _ in range(count):
                self._graph.replay()
            results.append(self._results[:count].clone())
        return torch.cat(results)
