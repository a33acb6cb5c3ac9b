"""Modules like PyTorch's: whatever PyTorch's module gives, ours gives too, forward and backward."""

import copy
import inspect
import io
import multiprocessing
import os

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from torch.utils.flop_counter import FlopCounterMode

import lengthwise.torch as ours
from lengthwise.engine.simd import stack_runner
from lengthwise.engine.simd.vectors import CHUNK
from tests.torch.pairs import (
    PAIRS,
    assert_close,
    cells,
    check_same,
    inputs_of,
    leaves,
    outputs_and_gradients,
    pair_of,
    states_of,
)

SIZES = [
    {"F": 3, "H": 5, "L": 2, "B": 4, "s": 6},
    {"F": 28, "H": 31, "L": 3, "B": CHUNK, "s": 19},
    {"F": 1, "H": 17, "L": 1, "B": CHUNK + 1, "s": 63},
    {"F": 16, "H": 32, "L": 2, "B": 3 * CHUNK - 5, "s": 33},
    {"F": 7, "H": 1, "L": 1, "B": 1, "s": 1},
]

OPTIONS = [
    {},
    {"bidirectional": True},
    {"batch_first": True},
    {"bias": False},
    {"bidirectional": True, "batch_first": True, "bias": False},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@cells
def test_outputs_states_and_every_gradient_are_those_of_pytorch(cell, sizes, options):
    F, H, L, B, s = sizes.values()
    mine, theirs = pair_of(cell, F, H, L, **options)
    x = inputs_of(B, s, F, **options)
    D = 2 if options.get("bidirectional") else 1
    check_same(mine, theirs, x, states_of(cell, (L * D, B, H)))
    mine.zero_grad()
    theirs.zero_grad()
    check_same(mine, theirs, x)


@pytest.mark.filterwarnings("ignore:Input #.* not a double precision")
@pytest.mark.parametrize("kind", [ours.RNN, ours.GRU, ours.LSTM])
def test_every_gradient_is_that_of_finite_differences(kind):
    torch.manual_seed(0)
    module = kind(3, 4, num_layers=2, bidirectional=True)
    x = torch.randn(3, 2, 3, requires_grad=True)
    states = [torch.randn(4, 2, 4, requires_grad=True) for _ in range(2 if kind is ours.LSTM else 1)]

    def run(x, *others):
        hx = others[: len(states)]
        outputs, final = module(x, hx if len(hx) > 1 else hx[0])
        return outputs, *(final if len(hx) > 1 else [final])

    # float32 is good to 1e-7, so that a difference over 2e-2 is good to 1e-5, and its curvature adds about 1e-4.
    inputs = (x, *states, *module.parameters())
    assert torch.autograd.gradcheck(run, inputs, eps=1e-2, atol=3e-4, rtol=1e-3)


@pytest.mark.parametrize("enforce_sorted", [True, False])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("with_states", [False, True])
@cells
def test_packed_sequences_are_those_of_pytorch(cell, bidirectional, with_states, enforce_sorted):
    mine, theirs = pair_of(cell, 3, 5, 2, bidirectional=bidirectional)
    B, s = CHUNK + 3, 9
    lengths = torch.randint(1, s + 1, (B,))
    lengths[0] = s
    if enforce_sorted:
        lengths = lengths.sort(descending=True).values
    packed = pack_padded_sequence(torch.randn(s, B, 3), lengths, enforce_sorted=enforce_sorted)
    hx = states_of(cell, (4 if bidirectional else 2, B, 5)) if with_states else None
    check_same(mine, theirs, packed, hx)
    outputs, expected = (module(packed, hx)[0] for module in (mine, theirs))
    for name in ("batch_sizes", "sorted_indices", "unsorted_indices"):
        one, other = getattr(outputs, name), getattr(expected, name)
        assert (one is None) == (other is None)
        assert one is None or torch.equal(one, other)
    assert_close(pad_packed_sequence(outputs)[0], pad_packed_sequence(expected)[0])


@cells
def test_a_gradient_may_come_from_the_outputs_or_from_the_states_alone(cell):
    mine, theirs = pair_of(cell, 3, 5, 2, bidirectional=True)
    x, hx = torch.randn(6, 4, 3), states_of(cell, (4, 4, 5))
    for part in (slice(0, 1), slice(1, 2), slice(-1, None)):
        for module in (mine, theirs):
            module.zero_grad()
        check_same(mine, theirs, x, hx, weigh=lambda outputs, part=part: outputs[part])


@cells
def test_a_single_sequence_needs_no_batch(cell):
    mine, theirs = pair_of(cell, 3, 5, 2)
    check_same(mine, theirs, torch.randn(6, 3), states_of(cell, (2, 5)))


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("bidirectional", [False, True])
@cells
def test_dropout_in_training_draws_pytorchs_numbers(cell, bidirectional, is_packed, batch_first):
    mine, theirs = pair_of(cell, 3, 16, 3, dropout=0.4, bidirectional=bidirectional, batch_first=batch_first)
    x = torch.randn(6, 4, 3)
    if is_packed:
        x = pack_padded_sequence(
            x, [6, 5, 5, 1][:4] if not batch_first else [4, 4, 3, 2, 2, 1], batch_first=batch_first
        )
    results = []
    for module in (mine, theirs):
        torch.manual_seed(5)
        results.append(outputs_and_gradients(module, x, None))
        assert torch.rand(1) == pytest.approx(float(_after(5, theirs, x)))
    for actual, expected in zip(*results, strict=True):
        for one, other in zip(actual, expected, strict=True):
            assert_close(one, other)
    mine.eval()
    theirs.eval()
    assert_close(leaves(mine(x))[0], leaves(theirs(x))[0])


def _after(seed, module, x):
    """The generator's next number after PyTorch's module has drawn."""
    torch.manual_seed(seed)
    module(x)
    return torch.rand(1)


@cells
def test_the_number_of_threads_changes_no_bit(cell):
    mine, _ = pair_of(cell, 3, 5, 2)
    x = torch.randn(6, 5 * CHUNK + 1, 3)
    before = torch.get_num_threads()
    results = []
    try:
        for threads in (1, 3):
            torch.set_num_threads(threads)
            mine.zero_grad()
            results.append(outputs_and_gradients(mine, x, None))
    finally:
        torch.set_num_threads(before)
    for one, other in zip(*(outputs + gradients for outputs, gradients in results), strict=True):
        assert torch.equal(one, other)


@cells
def test_several_forwards_may_come_before_their_backwards(cell):
    mine, theirs = pair_of(cell, 3, 5, 2)
    inputs = [torch.randn(steps, 4, 3) for steps in (6, 6, 3)]
    for module in (mine, theirs):
        losses = [leaves(module(x))[0].sum() * scale for scale, x in enumerate(inputs, start=1)]
        for loss in reversed(losses):
            loss.backward()
    for one, other in zip(mine.parameters(), theirs.parameters(), strict=True):
        assert_close(one.grad, other.grad)


def test_a_state_of_one_window_can_begin_the_next_and_the_gradient_goes_through_both():
    mine, theirs = pair_of("lstm", 3, 5, 2)
    x, y = torch.randn(6, 4, 3), torch.randn(5, 4, 3)
    for module in (mine, theirs):
        _, states = module(x)
        module(y, states)[0].square().sum().backward()
    for one, other in zip(mine.parameters(), theirs.parameters(), strict=True):
        assert_close(one.grad, other.grad)


def train(kind, more):
    """Train a small classifier of PyTorch's usual form for a while, and return its losses."""
    torch.manual_seed(0)
    rnn = kind(4, 12, 2, batch_first=True, dropout=0.1, **more)
    head = nn.Linear(12, 3)
    optimizer = torch.optim.Adam([*rnn.parameters(), *head.parameters()], lr=0.01)
    generator = torch.Generator().manual_seed(1)
    losses = []
    for _ in range(40):
        x = torch.randn(20, 8, 4, generator=generator)
        y = x.sum((1, 2)).sign().long() + 1
        loss = nn.functional.cross_entropy(head(rnn(x)[0][:, -1]), y)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(rnn.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses


@cells
def test_a_small_model_is_trained_to_the_same_losses(cell):
    mine, theirs, more = PAIRS[cell]
    losses = train(theirs, more)
    np.testing.assert_allclose(train(mine, more), losses, rtol=1e-4)
    assert losses[-1] < losses[0]


@cells
def test_the_constructor_and_the_state_dict_are_pytorchs(cell):
    mine, theirs, _ = PAIRS[cell]
    assert inspect.signature(mine.__init__) == inspect.signature(theirs.__init__)
    assert list(inspect.signature(mine.forward).parameters) == ["self", "input", "hx"]
    torch.manual_seed(0)
    one = mine(3, 5, 2, bidirectional=True)
    torch.manual_seed(0)
    other = theirs(3, 5, 2, bidirectional=True)
    assert repr(one) == repr(other)
    assert isinstance(one, theirs)
    for (name, array), (same, expected) in zip(one.state_dict().items(), other.state_dict().items(), strict=True):
        assert name == same
        assert torch.equal(array, expected)


def test_it_can_be_copied_and_saved():
    mine, _ = pair_of("gru", 3, 5, 2)
    file = io.BytesIO()
    torch.save(mine, file)
    file.seek(0)
    x = torch.randn(6, 4, 3)
    for other in (copy.deepcopy(mine), torch.load(file, weights_only=False)):
        assert isinstance(other, ours.GRU)
        assert torch.equal(other(x)[0], mine(x)[0])


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize(
    ("options", "prepare"),
    [
        ({}, lambda module: module.double()),
        ({"proj_size": 2}, lambda module: module),
    ],
    ids=["float64", "proj_size"],
)
def test_what_the_kernels_do_not_compute_pytorch_does(options, prepare):
    mine, theirs = (prepare(module) for module in pair_of("lstm", 3, 5, 2, **options))
    x = torch.randn(6, 4, 3, dtype=mine.weight_ih_l0.dtype)
    assert not ours.runs_on_kernels(mine, x)
    assert torch.equal(mine(x)[0], theirs(x)[0])


def test_autocast_is_pytorchs():
    mine, theirs = pair_of("gru", 3, 5, 2)
    x = torch.randn(6, 4, 3)
    with torch.autocast("cpu", torch.bfloat16):
        assert not ours.runs_on_kernels(mine, x)
        assert torch.equal(mine(x)[0], theirs(x)[0])


def test_without_gradients_nothing_is_kept():
    mine, theirs = pair_of("gru", 3, 5, 2)
    x = torch.randn(6, 3 * CHUNK, 3)
    with torch.no_grad():
        y, _ = mine(x)
    assert y.grad_fn is None
    assert_close(y, theirs(x)[0])
    with torch.inference_mode():
        assert_close(mine(x)[0], theirs(x)[0])
    mine.requires_grad_(False)
    assert mine(x)[0].grad_fn is None


@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("batch_first", [False, True])
@cells
def test_outputs_and_states_can_be_viewed_in_another_shape(cell, batch_first, dropout):
    mine, _ = pair_of(cell, 3, 5, 2, bidirectional=True, batch_first=batch_first, dropout=dropout)
    x = torch.randn(6, 4, 3)
    y, *states = leaves(mine(x))
    assert y.is_contiguous()
    assert torch.equal(y.view(-1, 10)[7], y[1, 3])
    assert all(state.is_contiguous() for state in states)
    assert mine(torch.randn(6, 3))[0].is_contiguous()


WEIGHTS_COMPUTED = {
    "weight_norm": lambda module: parametrizations.weight_norm(module, "weight_hh_l0"),
    "spectral_norm": lambda module: parametrizations.spectral_norm(module, "weight_hh_l1"),
    "orthogonal": lambda module: parametrizations.orthogonal(module, "weight_ih_l0"),
    "old weight_norm": lambda module: nn.utils.weight_norm(module, "weight_ih_l1"),
    "old spectral_norm": lambda module: nn.utils.spectral_norm(module, "weight_hh_l0"),
    "pruned": lambda module: prune.l1_unstructured(module, "weight_hh_l0", 0.3),
}


@pytest.mark.filterwarnings("ignore:.*weight_norm. is deprecated")
@pytest.mark.parametrize("compute", WEIGHTS_COMPUTED.values(), ids=WEIGHTS_COMPUTED)
def test_weights_may_be_computed_from_others(compute):
    modules = pair_of("gru", 3, 5, 2)
    for module in modules:
        torch.manual_seed(1)
        compute(module)
    for _ in range(3):  # a spectral norm is computed from the one before
        check_same(*modules, torch.randn(6, 4, 3))
        for module in modules:
            module.zero_grad()


def test_weights_go_to_pytorchs_module_and_back():
    mine, theirs = pair_of("lstm", 3, 5, 2, bidirectional=True)
    with torch.no_grad():
        mine.bias_hh_l1_reverse.add_(1)
    theirs.load_state_dict(mine.state_dict())
    mine.flatten_parameters()
    check_same(mine, theirs, torch.randn(6, 4, 3))
    mine.load_state_dict(theirs.state_dict())
    assert mine.all_weights[3][3] is mine.bias_hh_l1_reverse


def test_a_weight_that_was_changed_before_backward_is_an_error_as_in_pytorch():
    for module in pair_of("gru", 3, 5, 2):
        y, _ = module(torch.randn(6, 4, 3))
        with torch.no_grad():
            module.weight_hh_l0.mul_(2)
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            y.sum().backward()


def test_other_devices_are_pytorchs():
    module = ours.GRU(3, 5, device="meta")
    x = torch.empty(6, 4, 3, device="meta")
    assert not ours.runs_on_kernels(module, x)
    assert module(x)[0].shape == (6, 4, 5)


def test_bfloat16_is_pytorchs():
    mine, theirs = (module.bfloat16() for module in pair_of("gru", 3, 5, 2))
    x = torch.randn(6, 4, 3, dtype=torch.bfloat16)
    assert not ours.runs_on_kernels(mine, x)
    assert torch.equal(mine(x)[0], theirs(x)[0])


@cells
def test_operations_that_are_counted_are_pytorchs(cell):
    counts = []
    for module in pair_of(cell, 3, 5, 2):
        with FlopCounterMode(display=False) as counter:
            module(torch.randn(6, 4, 3))
        counts.append(counter.get_total_flops())
    assert counts[0] == counts[1]
    assert cell == "lstm" or counts[0] > 0  # PyTorch counts none of its fused LSTM


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forked processes")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork")
def test_a_forked_process_runs_on_threads_of_its_own():
    mine, _ = pair_of("gru", 3, 5, 2)
    x = torch.randn(6, 3 * CHUNK, 3)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        expected = mine(x)[0].sum().item()
        forked = multiprocessing.get_context("fork")
        results = forked.Queue()
        process = forked.Process(target=lambda: results.put(mine(x)[0].detach().numpy().sum(dtype=np.float64)))
        process.start()
        try:
            assert results.get(timeout=60) == pytest.approx(expected, rel=1e-4, abs=1e-4)
        finally:
            process.kill()
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("x", "hx"),
    [
        (torch.zeros(6, 4, 2), None),
        (torch.zeros(6, 4, 3), torch.zeros(2, 3, 5)),
        (torch.zeros(6, 4, 3), torch.zeros(1, 4, 5)),
        (torch.zeros(2, 6, 4, 3), None),
    ],
    ids=["features", "batch of the states", "layers of the states", "dimensions"],
)
def test_shapes_that_do_not_fit_are_the_errors_of_pytorch(x, hx):
    mine, theirs = pair_of("gru", 3, 5, 2)
    errors = []
    for module in (mine, theirs):
        with pytest.raises((RuntimeError, ValueError)) as error:
            module(x, hx)
        errors.append((type(error.value), str(error.value)))
    assert errors[0] == errors[1]


def test_rooms_of_sizes_long_unused_are_given_back():
    mine, _ = pair_of("rnn", 3, 5, 1)
    for steps in range(1, 2 * stack_runner.MAX_SIZES):
        mine(torch.randn(steps, 2, 3))
    assert len(stack_runner._FREE_BUFFERS) <= stack_runner.MAX_SIZES
