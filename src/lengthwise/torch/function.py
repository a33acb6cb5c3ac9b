"""The kernels as a function that PyTorch can differentiate.

Letters as in `lengthwise.engine.simd.stack`. Sequences come padded, batch first; if their lengths differ, the longest
first. The kernels have first derivatives; further ones are those of PyTorch's own functions.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch._C._functorch import is_functorch_wrapped_tensor, is_legacy_batchedtensor

from lengthwise.engine.simd.stack_runner import EMPTY, Kept, run_stack, run_stack_backward
from lengthwise.engine.simd.stack_types import Above, Batch
from lengthwise.torch.by_pytorch import gradients_by_pytorch
from lengthwise.torch.call import Call

Function = TypeVar("Function", bound=Callable[..., Any])

_UNTRACED: dict[Callable[..., Any], Callable[..., Any]] = {}


def _array(tensor: Tensor | None) -> NDArray[np.float32]:
    return EMPTY if tensor is None else np.ascontiguousarray(tensor.numpy(force=True))


def _batch(call: Call, x: Tensor, h: Tensor | None, c: Tensor | None) -> Batch:
    return Batch(_array(x), call.lengths, _array(h), _array(c), given=h is not None, B=len(call.lengths))


def weights_a_layer(call: Call) -> int:
    """Return how many weights PyTorch has of a layer's direction: W_x, W_h, and two biases or none."""
    return len(call.shapes) // (call.sizes.L * call.sizes.D)


def to_parameters(call: Call, weights: tuple[Tensor, ...]) -> NDArray[np.float32]:
    """Return PyTorch's weights as the engine's parameters (P,), with the sum of two biases, except a GRU's b_hn."""
    H, arrays = call.sizes.H, [_array(weight) for weight in weights]
    parts = []
    for W_x, W_h, *biases in batched(arrays, weights_a_layer(call)):
        parts += [W_x.ravel(), W_h.ravel()]
        if not biases:
            parts.append(np.zeros(len(W_x) + (H if call.cell == "gru" else 0), np.float32))
        elif call.cell == "gru":
            of_x, of_h = biases
            parts += [of_x[: 2 * H] + of_h[: 2 * H], of_x[2 * H :], of_h[2 * H :]]
        else:
            parts.append(biases[0] + biases[1])
    return np.concatenate(parts)


def to_weights(call: Call, parameters: NDArray[np.float32]) -> list[Tensor]:
    """Return a gradient at the engine's parameters (P,) as those at PyTorch's weights."""
    H = call.sizes.H
    made = []
    start = 0
    for W_x, W_h, *biases in batched(call.shapes, weights_a_layer(call)):
        for rows, columns in (W_x, W_h):
            stop = start + rows * columns
            made.append(torch.from_numpy(parameters[start:stop].reshape(rows, columns)))
            start = stop
        rows = W_x[0]
        db = parameters[start : start + rows]
        start += rows
        of_h = db
        if call.cell == "gru":
            of_h = np.concatenate([db[: 2 * H], parameters[start : start + H]])
            start += H
        # Two arrays and not one: to change one gradient in place must not change the other.
        made += [torch.from_numpy(array) for array in (db, of_h.copy())[: len(biases)]]
    return made


def batched(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Yield the items, `size` at a time."""
    for first in range(0, len(items), size):
        yield items[first : first + size]


def untraced(function: Function) -> Function:
    """Return a function so that `torch.compile` runs it as it is, and does not look for operations of PyTorch in it.

    Where nothing is compiled it is the function itself: to import the compiler would take a second.
    """
    if "torch._dynamo" not in sys.modules:
        return function
    if function not in _UNTRACED:
        _UNTRACED[function] = torch.compiler.disable(function)  # type: ignore[no-untyped-call]
    return cast("Function", _UNTRACED[function])


def _is_batch(gradient: Tensor | None) -> bool:
    """Return whether a gradient is one of a batch, of ``is_grads_batched`` or `torch.func`: NumPy cannot read it."""
    return gradient is not None and (is_legacy_batchedtensor(gradient) or is_functorch_wrapped_tensor(gradient))


class Stack(torch.autograd.Function):
    """Stacked layers: ``Stack.apply(call, x, h, c, *weights)`` returns y, the final h, and the final c of an LSTM.

    x (B, s, F), h and c (L * D, B, H) or None, weights as PyTorch names and orders them; y (B, s, D * H).
    """

    @staticmethod
    def forward(
        ctx: Any, call: Call, x: Tensor, h: Tensor | None, c: Tensor | None, *weights: Tensor
    ) -> tuple[Tensor, ...]:
        """Compute the outputs."""
        kept_states: list[Tensor] = []

        def keep(chunks: int, floats: int) -> NDArray[np.float32]:
            kept_states.append(torch.empty(chunks, floats))
            return kept_states[0].numpy()

        results, kept = untraced(run_stack)(
            call.cell, call.sizes, to_parameters(call, weights), _batch(call, x, h, c), threads=call.threads,
            keep=keep if call.keep else None,
        )  # fmt: skip
        if call.keep:
            ctx.call, ctx.panels = call, kept.panels
            ctx.set_materialize_grads(False)
            ctx.save_for_backward(*kept_states, x, h, c, *weights)
        outputs = results if results.c.size else results[:2]
        return tuple(torch.from_numpy(output) for output in outputs)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor | None, ...]:
        """Compute the gradients at x, h, c and the weights."""
        call: Call = ctx.call
        states, *inputs = ctx.saved_tensors
        if torch.is_grad_enabled() or any(_is_batch(gradient) for gradient in gradients):
            return None, *gradients_by_pytorch(call, inputs, gradients, ctx.needs_input_grad[1:])
        x, h, c = inputs[:3]
        of_y, of_h, of_c = (*gradients, None)[:3]
        above = Above(_array(of_y), _array(of_h), _array(of_c), of_y is not None, of_h is not None, of_c is not None)
        _, needs_x, needs_h, needs_c, *_ = ctx.needs_input_grad
        dx, dh, dc, dparameters = untraced(run_stack_backward)(
            call.cell, call.sizes, _batch(call, x, h, c), above, Kept(states.numpy(), ctx.panels),
            threads=call.threads, of_x=needs_x, of_h=needs_h or needs_c,
        )  # fmt: skip
        return (
            None,
            torch.from_numpy(dx) if needs_x else None,
            torch.from_numpy(dh) if needs_h else None,
            torch.from_numpy(dc) if needs_c else None,
            *to_weights(call, dparameters),
        )
