"""Settings of PyTorch that all runs of a process share: random generators, threads, the precision of products."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

GENERATORS = threading.RLock()
"""Held while PyTorch's generators are drawn from, and while a graph is recorded, which registers them.

Whoever needs both locks takes this one before `PRECISION`.
"""

PRECISION = threading.Lock()
"""Held while something is computed that depends on the precision of cuDNN's products."""

STREAMS = 32
"""Streams that PyTorch has on a device; it gives them out in turn, whether or not they are in use."""

_FREE = threading.BoundedSemaphore(STREAMS)
_TAKING = threading.Lock()
_TAKEN: set[int] = set()


@contextmanager
def own_generators(seed: int, device: torch.device | None = None) -> Iterator[None]:
    """Seed PyTorch's generators, with no other engine drawing from them; restore them afterwards."""
    on_cuda = device is not None and device.type == "cuda"
    with GENERATORS, torch.random.fork_rng(devices=[device] if on_cuda else []):
        torch.manual_seed(seed)
        yield


def generator_states(device: torch.device) -> list[Tensor]:
    """Return the states of the generators that a module on this device may draw from."""
    states = [torch.get_rng_state()]
    return [*states, torch.cuda.get_rng_state(device)] if device.type == "cuda" else states


@contextmanager
def threads_of(count: int) -> Iterator[None]:
    """Let PyTorch use `count` threads; afterwards as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def own_stream(device: torch.device) -> Iterator[None]:
    """Give this thread a stream of its own on a CUDA device, so that it does not wait for what others compute there.

    A thread that has left the default stream already keeps its stream. If all streams are taken, the thread waits for
    one, since no graph may be recorded in a stream in which another thread computes.
    """
    before = torch.cuda.current_stream(device)
    if before != torch.cuda.default_stream(device):
        yield
        return
    with _FREE:
        stream = _take_stream(device)
        try:
            stream.wait_stream(before)
            with torch.cuda.stream(stream):
                yield
        finally:
            before.wait_stream(stream)
            _TAKEN.discard(stream.cuda_stream)


def _take_stream(device: torch.device) -> torch.cuda.Stream:
    with _TAKING:
        while (stream := torch.cuda.Stream(device)).cuda_stream in _TAKEN:
            pass
        _TAKEN.add(stream.cuda_stream)
        return stream


@contextmanager
def recurrent_products(*, tf32: bool) -> Iterator[None]:
    """Have cuDNN's recurrent layers multiply in TF32, which is PyTorch's default, or in float32.

    TF32 is float32 with 10 bits of mantissa instead of 23.
    """
    # Older versions of PyTorch have one switch for all of cuDNN, and another object of this name.
    rnn: Any = getattr(torch.backends.cudnn, "rnn", None)
    has_own = hasattr(rnn, "fp32_precision")
    where: Any = rnn if has_own else torch.backends.cudnn
    name, value = ("fp32_precision", "tf32" if tf32 else "ieee") if has_own else ("allow_tf32", tf32)
    with PRECISION:
        before = getattr(where, name)
        setattr(where, name, value)
        try:
            yield
        finally:
            setattr(where, name, before)
