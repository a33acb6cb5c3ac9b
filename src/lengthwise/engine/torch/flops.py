"""The floating-point operations of a PyTorch module."""

from collections.abc import Callable
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode


def counted_flops(call: Callable[[], object]) -> int:
    """Return the floating-point operations of a call, as PyTorch counts those of products and convolutions."""
    # oneDNN's layer of an LSTM is one operation, which the counter does not know.
    counter = FlopCounterMode(display=False, custom_mapping={torch.ops.aten.mkldnn_rnn_layer: _lstm_layer_flops})
    with counter:
        call()
    return counter.get_total_flops()


def _lstm_layer_flops(x: torch.Size, W_x: torch.Size, W_h: torch.Size, *_rest: Any, **_more: Any) -> int:
    """Return the operations of the products of x (s, B, F) and h with W_x (4 H, F) and W_h (4 H, H)."""
    return 2 * x[0] * x[1] * W_x[0] * (W_x[1] + W_h[1])
