"""The average of the weights, against PyTorch's own, in both engines."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from lengthwise.engine.protocol import ADAM, SGD, Optimizer, State
from lengthwise.engine.torch.optimizers import shares_of_new
from lengthwise.networks.backend import Backend, make_engine
from lengthwise.windows import Windows
from tests.engine.peers import torch_loss, torch_network
from tests.engine.problems import SEED, make_problem

STEPS = 50

ENGINES = [Backend(), Backend("torch")]


@pytest.fixture(scope="module")
def problem():
    return make_problem(hidden_size=9, batch_size=24, steps=STEPS)


def engine_of(problem, backend=ENGINES[0], threads=1):
    return make_engine(problem.network, problem.seq_len, problem.batch_size, threads, SEED, backend)


def state_with_average(problem):
    p = problem.parameters
    return State(p.copy(), np.zeros_like(p), np.zeros_like(p), p.copy())


def part(windows, first, last):
    return Windows(*(array[first:last] for array in windows))


def train(problem, optimizer, engine, at_once=STEPS):
    """Train, `at_once` steps a call; return the state and the parameters after each call."""
    state, after = state_with_average(problem), []
    for first in range(0, STEPS, at_once):
        windows = part(problem.windows, first, first + at_once)
        engine.train(state, first, problem.data, windows, optimizer)
        engine.synchronize()
        after.append(state.parameters.copy())
    return state, after


def averaged_by_torch(decay, rows):
    """PyTorch's average of parameters that are given for each step."""
    module = torch.nn.ParameterList([torch.nn.Parameter(torch.zeros(len(rows[0])))])
    averaged = AveragedModel(module, multi_avg_fn=get_ema_multi_avg_fn(decay))
    for row in rows:
        with torch.no_grad():
            module[0].copy_(torch.from_numpy(row))
        averaged.update_parameters(module)
    return averaged.module[0].detach().numpy()


@pytest.mark.parametrize("backend", ENGINES, ids=lambda backend: backend.engine)
@pytest.mark.parametrize("decay", [0.5, 0.9, 0.999])
def test_the_average_of_our_weights_is_pytorchs_over_50_steps(problem, backend, decay):
    with engine_of(problem, backend) as engine:
        state, after = train(problem, Optimizer(ADAM, lr=0.003, ema_decay=decay), engine, at_once=1)
    assert len(after) == STEPS
    np.testing.assert_allclose(state.average, averaged_by_torch(decay, after), rtol=0, atol=1e-6)
    assert np.abs(state.average - state.parameters).max() > 1e-3


@pytest.mark.parametrize("backend", ENGINES, ids=lambda backend: backend.engine)
def test_a_training_in_pytorch_with_its_average_comes_to_the_same(problem, backend):
    with engine_of(problem, backend) as engine:
        state, _ = train(problem, Optimizer(SGD, lr=0.05, momentum=0.5, ema_decay=0.9), engine)
    rnn, head = torch_network(problem)
    both = torch.nn.ModuleList([rnn, head])
    averaged = AveragedModel(both, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    optimizer = torch.optim.SGD([p for p in both.parameters() if p.requires_grad], lr=0.05, momentum=0.5)
    for step in range(STEPS):
        optimizer.zero_grad()
        torch_loss(rnn, head, problem, step).backward()
        optimizer.step()
        averaged.update_parameters(both)
    ours = problem.network.named(state.average)
    theirs = {f"rnn.{name}": value for name, value in averaged.module[0].named_parameters()}
    theirs |= {f"head.{name}": value for name, value in averaged.module[1].named_parameters()}
    for name, values in ours.items():
        expected = theirs[name.replace("bias", "bias_ih") if name.startswith("rnn.bias") else name]
        np.testing.assert_allclose(values, expected.detach().numpy(), rtol=0, atol=1e-5)


def test_the_average_is_the_same_bits_whatever_the_calls_and_the_threads(problem):
    optimizer = Optimizer(ema_decay=0.9)
    results = []
    for at_once, threads in ((STEPS, 1), (1, 1), (7, 1), (STEPS, 2)):
        with engine_of(problem, threads=threads) as engine:
            results.append(train(problem, optimizer, engine, at_once)[0])
    for other in results[1:]:
        assert [array.tobytes() for array in other] == [array.tobytes() for array in results[0]]


@pytest.mark.parametrize("backend", ENGINES, ids=lambda backend: backend.engine)
def test_an_average_changes_nothing_of_the_training(problem, backend):
    with engine_of(problem, backend) as engine:
        with_average, _ = train(problem, Optimizer(ema_decay=0.9), engine)
        plain, _ = train(problem, Optimizer(), engine)
    for name in ("parameters", "m", "v"):
        np.testing.assert_array_equal(getattr(with_average, name), getattr(plain, name))
    np.testing.assert_array_equal(plain.average, problem.parameters)


@pytest.mark.parametrize("backend", ENGINES, ids=lambda backend: backend.engine)
def test_the_average_begins_with_the_first_updates_weights(problem, backend):
    state = state_with_average(problem)
    with engine_of(problem, backend) as engine:
        engine.train(state, 0, problem.data, part(problem.windows, 0, 1), Optimizer(ema_decay=0.999))
    np.testing.assert_array_equal(state.average, state.parameters)


@given(decay=st.floats(0.01, 0.999), first=st.integers(1, 5), count=st.integers(1, 60), seed=st.integers(0, 99))
def test_the_shares_weigh_every_update_as_the_powers_of_the_decay_say(decay, first, count, seed):
    """Unrolled: the newest weighs 1 - d, each before it d times as much, and the first of all takes what is left."""
    rows = np.random.default_rng(seed).normal(size=first - 1 + count)
    average = 0.0
    shares = [*shares_of_new(decay, 1, first - 1), *shares_of_new(decay, first, count)]
    for share, row in zip(shares, rows, strict=True):
        average += share * (row - average)
    ages = np.arange(len(rows))[::-1]
    weights = (1 - decay) * decay**ages
    weights[0] = decay ** ages[0]
    np.testing.assert_allclose(weights.sum(), 1)
    np.testing.assert_allclose(average, weights @ rows, atol=1e-12)
