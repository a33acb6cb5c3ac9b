"""Our modules and PyTorch's with the same weights, and what comes out of them."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

import lengthwise.torch as ours

PAIRS = {
    "rnn": (ours.RNN, nn.RNN, {}),
    "rnn_relu": (ours.RNN, nn.RNN, {"nonlinearity": "relu"}),
    "gru": (ours.GRU, nn.GRU, {}),
    "lstm": (ours.LSTM, nn.LSTM, {}),
}

cells = pytest.mark.parametrize("cell", PAIRS)


def assert_close(actual, expected, relative=2e-5):
    """Agree to `relative` of the largest value: a float32 sum whose terms cancel is no nearer than its terms."""
    expected = expected.detach().numpy()
    scale = max(np.abs(expected).max(initial=0), 1e-3)
    np.testing.assert_allclose(actual.detach().numpy(), expected, rtol=relative, atol=relative * scale)


def pair_of(cell, F, H, L, **options):
    """Our module and PyTorch's, with the same weights."""
    our_kind, kind, more = PAIRS[cell]
    torch.manual_seed(0)
    theirs = kind(F, H, L, **more, **options)
    mine = our_kind(F, H, L, **more, **options)
    mine.load_state_dict(theirs.state_dict())
    return mine, theirs


def states_of(cell, size, *, scale=0.5):
    made = tuple(scale * torch.randn(size) for _ in range(2 if cell == "lstm" else 1))
    return made if cell == "lstm" else made[0]


def leaves(value):
    """The tensors of what goes into a module or comes out."""
    if isinstance(value, PackedSequence):
        return [value.data]
    if isinstance(value, torch.Tensor):
        return [value]
    return [tensor for part in value if part is not None for tensor in leaves(part)]


def clones(value):
    """The same with leaves of its own, which gradients reach."""
    if value is None:
        return None
    if isinstance(value, PackedSequence):
        return value._replace(data=value.data.clone().requires_grad_())
    if isinstance(value, torch.Tensor):
        return value.clone().requires_grad_()
    return tuple(clones(part) for part in value)


def outputs_and_gradients(module, inputs, hx, weigh=lambda outputs: outputs):
    """What comes out, and the gradients of a weighted sum of all of it at every input and parameter."""
    inputs, hx = clones(inputs), clones(hx)
    results = module(inputs) if hx is None else module(inputs, hx)
    outputs = leaves(results)
    random = torch.Generator().manual_seed(1)
    loss = sum((torch.randn(output.shape, generator=random) * output).sum() for output in weigh(outputs))
    loss.backward()
    gradients = [leaf.grad for leaf in leaves((inputs, hx))] + [parameter.grad for parameter in module.parameters()]
    return outputs, gradients


def check_same(mine, theirs, inputs, hx=None, **how):
    assert ours.runs_on_kernels(mine, inputs, hx)
    for actual, expected in zip(
        outputs_and_gradients(mine, inputs, hx, **how), outputs_and_gradients(theirs, inputs, hx, **how), strict=True
    ):
        for one, other in zip(actual, expected, strict=True):
            assert (one is None) == (other is None)
            if one is not None:
                assert one.shape == other.shape
                assert_close(one, other)


def inputs_of(B, s, F, *, batch_first=False, **_options):
    return torch.randn(B, s, F) if batch_first else torch.randn(s, B, F)
