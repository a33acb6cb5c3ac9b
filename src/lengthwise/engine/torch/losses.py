"""The losses of `lengthwise.engine.simd.losses` in PyTorch's operations.

Letters: B windows of s steps, O classes or numbers.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy


class LossOutputs(NamedTuple):
    """The result of a loss for a batch.

    Attributes
    ----------
    losses, scores : Tensor of shape (B,), float32
    predicted : Tensor of shape (B,), (B, O) or (B, s)
        As `lengthwise.engine.protocol.Engine.evaluate` returns them.
    """

    losses: Tensor
    scores: Tensor
    predicted: Tensor


def _cross_entropy(z: Tensor, y: Tensor, lengths: Tensor) -> LossOutputs:  # noqa: ARG001 - all losses are called alike
    predicted = z.argmax(1)
    return LossOutputs(cross_entropy(z, y, reduction="none"), (predicted == y).float(), predicted)


def _squared_error(z: Tensor, y: Tensor, lengths: Tensor) -> LossOutputs:  # noqa: ARG001 - all losses are called alike
    error = z - y
    return LossOutputs(error.square().mean(1), error.abs().mean(1), z)


def _step_cross_entropy(z: Tensor, y: Tensor, lengths: Tensor) -> LossOutputs:
    valid = torch.arange(z.shape[1], device=z.device) < lengths[:, None]
    predicted = z.argmax(2)
    losses = cross_entropy(z.transpose(1, 2), y, reduction="none")
    return LossOutputs(
        torch.where(valid, losses, 0).sum(1) / lengths,
        (valid & (predicted == y)).sum(1) / lengths,
        torch.where(valid, predicted, -1),
    )


TORCH_LOSSES: dict[str, Callable[[Tensor, Tensor, Tensor], LossOutputs]] = {
    "cross_entropy": _cross_entropy,
    "squared_error": _squared_error,
    "step_cross_entropy": _step_cross_entropy,
}
"""Functions of the module's outputs z, the targets, and the windows' valid steps (B,); by the loss's name."""
