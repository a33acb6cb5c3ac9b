"""What PyTorch has once in a process, while runs are many: random generators, threads, the precision of products."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

GENERATORS = threading.Lock()
"""Held by whoever draws from PyTorch's generators, or records a graph, which registers them."""


@contextmanager
def own_generators(seed: int, device: torch.device | None = None) -> Iterator[None]:
    """Have PyTorch's generators for oneself, seeded; afterwards they are as they were."""
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
    """Let PyTorch use so many threads; afterwards as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def own_stream(device: torch.device) -> Iterator[None]:
    """Queue what this thread computes on a CUDA device apart from what others do there, so that both go on at once."""
    stream = torch.cuda.Stream(device)
    stream.wait_stream(torch.cuda.current_stream(device))
    try:
        with torch.cuda.stream(stream):
            yield
    finally:
        torch.cuda.current_stream(device).wait_stream(stream)


PRECISION = threading.Lock()
"""Held by whoever computes what depends on the precision of cuDNN's products."""


@contextmanager
def recurrent_products(*, tf32: bool) -> Iterator[None]:
    """Have cuDNN's recurrent layers multiply in TF32, as PyTorch has them do if nobody says otherwise, or in float32.

    TF32 is float32 with 10 bits of mantissa instead of 23.
    """
    # PyTorch before 2.9 has one switch for all of cuDNN.
    has_own = hasattr(torch.backends.cudnn, "rnn")
    where: Any = torch.backends.cudnn.rnn if has_own else torch.backends.cudnn
    name, value = ("fp32_precision", "tf32" if tf32 else "ieee") if has_own else ("allow_tf32", tf32)
    with PRECISION:
        before = getattr(where, name)
        setattr(where, name, value)
        try:
            yield
        finally:
            setattr(where, name, before)
