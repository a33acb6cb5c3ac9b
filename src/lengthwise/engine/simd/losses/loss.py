"""What a loss is to the engine: how a chunk is evaluated, and how the gradient of its loss enters the network."""

from collections.abc import Callable

from lengthwise.engine.protocol import LOSS_KINDS
from lengthwise.engine.simd.dispatch import Choice, chosen


class Loss(Choice):
    """A loss, as the kernels are compiled for it.

    Parameters
    ----------
    name : str
        The engine's name of it: its kind is that of `lengthwise.engine.protocol.LOSS_KINDS`.
    store_target : kernel ``(data, sequence, start, j, sizes, workspace)``
        Stores the target of the window of `sequence` that begins at `start`, the chunk's j-th.
    loss_and_predictions : kernel ``(cell, panels, data, sizes, chunk, workspace, predicted)``
        Writes each example's loss and score to ``workspace.losses`` and ``workspace.scores``, and its prediction to
        ``predicted``, the address of the first example's, after the layers have run.
    loss_and_gradient : kernel ``(cell, panels, gradients, data, sizes, chunk, workspace, dh)``
        Writes the losses and the scores, adds the head's gradients, and writes the gradient at the top layer's outputs.
        An example's part of the loss is weighted by ``workspace.factors``.
    """

    def __init__(
        self,
        name: str,
        *,
        store_target: Callable[..., None],
        loss_and_predictions: Callable[..., None],
        loss_and_gradient: Callable[..., None],
    ) -> None:
        self.kind = LOSS_KINDS[name]
        super().__init__(
            name,
            store_target=store_target,
            loss_and_predictions=loss_and_predictions,
            loss_and_gradient=loss_and_gradient,
        )


@chosen
def store_target(loss, data, sequence, start, j, sizes, workspace):
    """Store the target of a window; see `Loss`."""


@chosen
def loss_and_predictions(loss, cell, panels, data, sizes, chunk, workspace, predicted):
    """Evaluate a chunk; see `Loss`."""


@chosen
def loss_and_gradient(loss, cell, panels, gradients, data, sizes, chunk, workspace, dh):
    """Evaluate a chunk, and begin its backward pass; see `Loss`."""
