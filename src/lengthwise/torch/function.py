"""The kernels as a function that PyTorch can differentiate, once.

Letters as in `lengthwise.engine.stack`. Sequences come padded, batch first, the longest first or not.
"""

from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lengthwise.engine.layout import Sizes
from lengthwise.engine.stack import Above, Batch
from lengthwise.engine.stack_runner import NONE, Kept, run_stack, run_stack_backward


class Call(NamedTuple):
    """What is the same for forward and backward.

    Attributes
    ----------
    cell : str
    sizes : Sizes
    lengths : ndarray of shape (B,), int64
    threads : int
    keep : bool
        Whether there may be a backward.
    """

    cell: str
    sizes: Sizes
    lengths: NDArray[np.int64]
    threads: int
    keep: bool


def _array(tensor: Tensor | None) -> NDArray[np.float32]:
    return NONE if tensor is None else tensor.detach().contiguous().numpy()


def _batch(call: Call, x: Tensor, h: Tensor | None, c: Tensor | None) -> Batch:
    return Batch(_array(x), call.lengths, _array(h), _array(c), given=h is not None)


class Stack(torch.autograd.Function):
    """Stacked layers: ``Stack.apply(call, x, h, c, parameters)`` returns y, the final h, and the final c of an LSTM.

    x (B, s, F), h and c (L * D, B, H) or None, parameters (P,) in the engine's order; y (B, s, D * H).
    """

    @staticmethod
    def forward(
        ctx: Any, call: Call, x: Tensor, h: Tensor | None, c: Tensor | None, parameters: Tensor
    ) -> tuple[Tensor, ...]:
        """Compute the outputs."""
        room: list[Tensor] = []

        def keep(chunks: int, floats: int) -> NDArray[np.float32]:
            room.append(torch.empty(chunks, floats))
            return room[0].numpy()

        results, kept = run_stack(
            call.cell, call.sizes, _array(parameters), _batch(call, x, h, c), threads=call.threads,
            keep=keep if call.keep else None,
        )  # fmt: skip
        if call.keep:
            ctx.call, ctx.panels = call, kept.panels
            ctx.set_materialize_grads(False)
            ctx.save_for_backward(x, h, c, *room)
        outputs = results if results.c.size else results[:2]
        return tuple(torch.from_numpy(output) for output in outputs)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor | None, ...]:
        """Compute the gradients at x, h, c and the parameters."""
        if torch.is_grad_enabled():
            raise RuntimeError(
                "lengthwise.torch has no second derivatives, which create_graph=True asks for: use torch.nn's module."
            )
        call: Call = ctx.call
        x, h, c, room = ctx.saved_tensors
        of_y, of_h, of_c = (*gradients, None)[:3]
        above = Above(_array(of_y), _array(of_h), _array(of_c), of_y is not None, of_h is not None, of_c is not None)
        _, needs_x, needs_h, needs_c, _ = ctx.needs_input_grad
        dx, dh, dc, dparameters = run_stack_backward(
            call.cell, call.sizes, _batch(call, x, h, c), above, Kept(room.numpy(), ctx.panels),
            threads=call.threads, of_x=needs_x, of_h=needs_h or needs_c,
        )  # fmt: skip
        return (
            None,
            torch.from_numpy(dx) if needs_x else None,
            torch.from_numpy(dh) if needs_h else None,
            torch.from_numpy(dc) if needs_c else None,
            torch.from_numpy(dparameters),
        )
