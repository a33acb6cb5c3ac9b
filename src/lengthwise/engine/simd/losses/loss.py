"""What a loss is to the engine: how a chunk is judged, and how the gradient of that reaches the network.

The three functions of a loss are compiled into the programs, as a cell's are: nothing is decided while they run.
"""

from collections.abc import Callable
from typing import Any

from numba.core import types
from numba.extending import NativeValue, models, overload, register_model, typeof_impl, unbox

from lengthwise.engine.protocol import LOSS_KINDS
from lengthwise.engine.simd.kernel import KERNEL_OPTIONS


class Loss:
    """A loss, as the kernels are compiled for it.

    Parameters
    ----------
    name : str
        What the engine calls it: its kind is that of `lengthwise.engine.protocol.LOSS_KINDS`.
    place_target : kernel ``(data, sequence, start, j, sizes, workspace)``
        Notes what is to be said of the window of `sequence` that begins at `start`, the chunk's j-th.
    judge : kernel ``(cell, panels, data, sizes, chunk, workspace, predicted)``
        Writes each example's loss and score to ``workspace.losses`` and ``workspace.scores``, and what the network says
        of it to ``predicted``, the address of the first example's part, after the layers have run.
    learn : kernel ``(cell, panels, gradients, data, sizes, chunk, workspace, dh)``
        Writes the losses and the scores, adds the head's gradients, and writes the gradient at the top layer's outputs.
        An example's part of the loss is weighed by ``workspace.factors``.
    """

    def __init__(
        self,
        name: str,
        *,
        place_target: Callable[..., None],
        judge: Callable[..., None],
        learn: Callable[..., None],
    ) -> None:
        self.name = name
        self.kind = LOSS_KINDS[name]
        self.functions = (place_target, judge, learn)
        _LOSSES[name] = self


_LOSSES: dict[str, Loss] = {}


class LossType(types.Type):
    """The Numba type of one loss: no data, only a choice of functions at compile time."""

    def __init__(self, loss: str) -> None:
        self.loss = loss
        super().__init__(name=f"loss({loss})")


register_model(LossType)(models.OpaqueModel)


@typeof_impl.register(Loss)
def _typeof_loss(loss: Loss, _context: Any) -> LossType:
    return LossType(loss.name)


@unbox(LossType)
def _unbox_loss(_kind: Any, _loss: Any, context: Any) -> Any:
    return NativeValue(context.context.get_dummy_value())


def place_target(loss, data, sequence, start, j, sizes, workspace):
    """Note what is to be said of a window; see `Loss`."""


def judge(loss, cell, panels, data, sizes, chunk, workspace, predicted):
    """Judge a chunk; see `Loss`."""


def learn(loss, cell, panels, gradients, data, sizes, chunk, workspace, dh):
    """Judge a chunk, and begin its backward pass; see `Loss`."""


@overload(place_target, jit_options=KERNEL_OPTIONS)
def _place_target(loss, data, sequence, start, j, sizes, workspace):
    place, _, _ = _LOSSES[loss.loss].functions
    return lambda loss, data, sequence, start, j, sizes, workspace: place(data, sequence, start, j, sizes, workspace)


@overload(judge, jit_options=KERNEL_OPTIONS)
def _judge(loss, cell, panels, data, sizes, chunk, workspace, predicted):
    _, function, _ = _LOSSES[loss.loss].functions
    return lambda loss, cell, panels, data, sizes, chunk, workspace, predicted: function(
        cell, panels, data, sizes, chunk, workspace, predicted
    )


@overload(learn, jit_options=KERNEL_OPTIONS)
def _learn(loss, cell, panels, gradients, data, sizes, chunk, workspace, dh):
    _, _, function = _LOSSES[loss.loss].functions
    return lambda loss, cell, panels, gradients, data, sizes, chunk, workspace, dh: function(
        cell, panels, gradients, data, sizes, chunk, workspace, dh
    )
