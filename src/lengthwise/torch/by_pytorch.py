"""The layers by PyTorch's own functions: for derivatives that the kernels do not have."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import _VF, Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lengthwise.torch.call import Call

FUNCTIONS: dict[str, Callable[..., tuple[Tensor, ...]]] = {
    "rnn": _VF.rnn_tanh,
    "rnn_relu": _VF.rnn_relu,
    "gru": _VF.gru,
    "lstm": _VF.lstm,
}


def outputs_by_pytorch(
    call: Call, x: Any, h: Tensor | None, c: Tensor | None, weights: Sequence[Any]
) -> tuple[Tensor, ...]:
    """Return what `lengthwise.torch.function.Stack` does, from the same arguments."""
    L, D, H = call.sizes.L, call.sizes.D, call.sizes.H
    if h is None:
        h = x.new_zeros(L * D, len(x), H)
        c = h if call.cell == "lstm" else None
    hx = h if c is None else (h, c)
    has_biases = len(weights) == 4 * L * D
    options = (has_biases, L, 0.0, False, D == 2)
    function = FUNCTIONS[call.cell]
    if (call.lengths == call.sizes.s).all():
        return function(x, hx, weights, *options, True)
    packed = pack_padded_sequence(x, torch.from_numpy(call.lengths), batch_first=True)
    y, *final = function(packed.data, packed.batch_sizes, hx, weights, *options)
    padded, _ = pad_packed_sequence(packed._replace(data=y), batch_first=True)
    return padded, *final


def gradients_by_pytorch(
    call: Call, inputs: Sequence[Tensor | None], gradients: Sequence[Tensor | None], needed: Sequence[bool]
) -> list[Tensor | None]:
    """Return the gradients at the inputs x, h, c and weights that are needed, from those at the outputs.

    They can be differentiated again if gradients are recorded, and the gradients at the outputs may be a batch of
    `torch.func`.
    """
    with torch.enable_grad():
        # One tensor may be several weights, and each place has a gradient of its own: hence a view for each.
        x, h, c, *weights = (None if tensor is None else tensor.view_as(tensor) for tensor in inputs)
        outputs = outputs_by_pytorch(call, x, h, c, weights)
    given: list[Any] = [pair for pair in zip(outputs, gradients, strict=True) if pair[1] is not None]
    places = [place for place, is_needed in enumerate(needed) if is_needed]
    views: tuple[Any, ...] = (x, h, c, *weights)
    found = torch.autograd.grad(
        [output for output, _ in given],
        [views[place] for place in places],
        [gradient for _, gradient in given],
        create_graph=torch.is_grad_enabled(),
        allow_unused=True,
    )
    at_place = dict(zip(places, found, strict=True))
    return [at_place.get(place) for place in range(len(inputs))]
