"""Derivatives beyond the first are right: PyTorch computes them from the same weights."""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import lengthwise.torch as ours
from tests.torch.pairs import assert_close, cells, leaves, pair_of, states_of


def penalty_gradients(module, x, hx, wrap=lambda x: x):
    """The gradients of the squared gradients of all outputs at every input, state and parameter."""
    x = x.clone().requires_grad_()
    hx = [state.clone().requires_grad_() for state in leaves(hx)]
    outputs = leaves(module(wrap(x), tuple(hx) if len(hx) > 1 else hx[0]))
    inputs = [x, *hx, *module.parameters()]
    first = torch.autograd.grad(sum(output.square().sum() for output in outputs), inputs, create_graph=True)
    return [*first, *torch.autograd.grad(sum(gradient.square().sum() for gradient in first), inputs)]


@pytest.mark.parametrize("options", [{}, {"bidirectional": True, "batch_first": True}, {"bias": False}], ids=str)
@cells
def test_second_derivatives_are_those_of_pytorch(cell, options):
    modules = pair_of(cell, 3, 5, 2, **options)
    batch = 6 if options.get("batch_first") else 4
    x, hx = torch.randn(6, 4, 3), states_of(cell, (4 if options.get("bidirectional") else 2, batch, 5))
    assert ours.runs_on_kernels(modules[0], x, hx)
    for one, other in zip(*(penalty_gradients(module, x, hx) for module in modules), strict=True):
        assert_close(one, other)


@cells
def test_second_derivatives_of_packed_sequences_are_those_of_pytorch(cell):
    modules = pair_of(cell, 3, 5, 2, bidirectional=True)
    x, hx = torch.randn(6, 4, 3), states_of(cell, (4, 4, 5))

    def pack(x):
        return pack_padded_sequence(x, [3, 6, 1, 6], enforce_sorted=False)

    for one, other in zip(*(penalty_gradients(module, x, hx, pack) for module in modules), strict=True):
        assert_close(one, other)


@pytest.mark.parametrize("is_packed", [False, True], ids=["padded", "packed"])
@cells
def test_second_derivatives_with_dropout_between_layers_are_those_of_pytorch(cell, is_packed):
    modules = pair_of(cell, 3, 5, 3, dropout=0.4, bidirectional=True)
    x, hx = torch.randn(6, 4, 3), states_of(cell, (6, 4, 5))

    def pack(x):
        return pack_padded_sequence(x, [6, 5, 3, 1]) if is_packed else x

    found = []
    for module in modules:
        assert module.training
        torch.manual_seed(1)  # so that both drop the same
        found.append(penalty_gradients(module, x, hx, pack))
    for one, other in zip(*found, strict=True):
        assert_close(one, other)
    undropped = penalty_gradients(modules[0].eval(), x, hx, pack)
    assert not torch.allclose(found[0][0], undropped[0])


def test_a_weight_in_two_places_has_the_second_derivative_of_both():
    results = []
    x = torch.randn(6, 4, 3)
    for module in pair_of("rnn", 3, 5, 2):
        module.weight_ih_l1 = module.weight_hh_l0
        results.append(penalty_gradients(module, x, torch.zeros(2, 4, 5)))
    for one, other in zip(*results, strict=True):
        assert_close(one, other)


def test_a_gradient_penalty_trains_as_in_pytorch():
    losses = []
    for module in pair_of("gru", 3, 5, 1, batch_first=True):
        optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
        random = torch.Generator().manual_seed(1)
        for _ in range(5):
            x = torch.randn(8, 6, 3, generator=random).requires_grad_()
            score = module(x)[0][:, -1].sum()
            (gradient,) = torch.autograd.grad(score, x, create_graph=True)
            loss = score.square() + (gradient.norm(dim=(1, 2)) - 1).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        losses.append(loss)
    assert_close(*losses, relative=1e-4)


def test_third_derivatives_are_those_of_pytorch():
    results = []
    x = torch.randn(4, 2, 3)
    for module in pair_of("gru", 3, 2, 1):
        inputs = x.clone().requires_grad_()
        value = module(inputs)[0].sum()
        for _ in range(2):
            (gradient,) = torch.autograd.grad(value, inputs, create_graph=True)
            value = gradient.pow(3).sum()
        results.append(torch.autograd.grad(value, inputs)[0])
    assert_close(*results)


@cells
def test_gradients_may_come_in_a_batch(cell):
    results = []
    x = torch.randn(3, 2, 3)
    for module in pair_of(cell, 3, 4, 2):
        inputs = x.clone().requires_grad_()
        y, _ = module(inputs)
        every = torch.eye(y.numel()).view(-1, *y.shape)
        results.append(torch.autograd.grad(y, inputs, every, is_grads_batched=True)[0])
    assert_close(*results)


def test_gradients_may_come_in_a_batch_of_torch_func():
    mine, theirs = pair_of("gru", 3, 4, 1)
    x = torch.randn(3, 2, 3)
    y, pull_back = torch.func.vjp(lambda x: theirs(x)[0], x)
    every = torch.eye(y.numel()).view(-1, *y.shape)
    (expected,) = torch.func.vmap(pull_back)(every)
    inputs = x.clone().requires_grad_()
    of_y, _ = mine(inputs)
    actual = torch.func.vmap(lambda gradient: torch.autograd.grad(of_y, inputs, gradient, retain_graph=True)[0])(every)
    assert_close(actual, expected)


def test_a_model_around_it_is_differentiated_twice():
    models = [nn.Sequential(nn.Linear(3, 3), nn.Tanh()) for _ in range(2)]
    models[0].load_state_dict(models[1].state_dict())
    results = []
    x = torch.randn(6, 4, 3)
    for model, module in zip(models, pair_of("lstm", 3, 5, 1), strict=True):
        y, _ = module(model(x))
        parameters = list(model.parameters())
        first = torch.autograd.grad(y.square().sum(), parameters, create_graph=True)
        results.append(torch.autograd.grad(sum(gradient.square().sum() for gradient in first), parameters))
    for one, other in zip(*results, strict=True):
        assert_close(one, other)
