"""The engine torch trains the networks of the SIMD engine, on the same windows, to the same losses."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from lengthwise.engine.protocol import Optimizer
from lengthwise.errors import UsageError
from lengthwise.networks.backend import Backend
from tests.engine.problems import make_problem
from tests.engine.trainings import CELLS, OPTIMIZERS, PROBLEMS, assert_same_training, engine_of, trained

TORCH = Backend("torch")


@pytest.mark.parametrize("options", PROBLEMS.values(), ids=PROBLEMS)
def test_the_losses_of_the_first_100_steps_are_those_of_the_simd_engine(options):
    problem = make_problem(steps=100, **options)
    ours, theirs = (trained(problem, backend, Optimizer()) for backend in (Backend(), TORCH))
    assert_same_training(problem, theirs, ours)


@pytest.mark.parametrize("cell", CELLS)
def test_the_gradient_is_that_of_the_naive_network(cell):
    problem = make_problem(cell=cell, short=True, bidirectional=True)
    with engine_of(problem, TORCH) as engine:
        loss, gradient = engine.gradient(problem.parameters, problem.data, problem.windows)
    expected_loss, expected = problem.expected()
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    np.testing.assert_allclose(gradient, expected, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
def test_every_optimizer_is_that_of_the_simd_engine(optimizer):
    problem = make_problem(steps=100)
    ours, theirs = (trained(problem, backend, optimizer) for backend in (Backend(), TORCH))
    np.testing.assert_allclose(theirs[1], ours[1], rtol=1e-4)
    np.testing.assert_allclose(theirs[0].parameters, ours[0].parameters, atol=1e-4)


@pytest.mark.parametrize("options", [{}, {"short": True, "bidirectional": True}, {"task": "tagging", "short": True}])
def test_the_first_steps_of_windows_are_evaluated_as_windows_of_so_many_steps(options):
    problem = make_problem(seq_len=5, **options)
    with engine_of(problem, TORCH) as engine:
        results = engine.evaluate_prefixes(problem.parameters, problem.data, problem.windows, [2, 5, 1])
    for length, (losses, predicted) in zip([2, 5, 1], results, strict=True):
        with engine_of(replace(problem, seq_len=length), TORCH) as engine:
            alone = engine.evaluate(problem.parameters, problem.data, problem.windows)
        np.testing.assert_allclose(losses, alone[0], rtol=1e-6)
        np.testing.assert_array_equal(predicted, alone[1])


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_the_outputs_of_windows_are_those_of_the_simd_engine(task, monkeypatch):
    monkeypatch.setattr("lengthwise.engine.torch.engine.VALUES_AT_ONCE", 24)  # several parts
    problem = make_problem(task=task, steps=2, short=True)
    ours, theirs = (
        engine_of(problem, backend).outputs(problem.parameters, problem.data, problem.windows)
        for backend in (Backend(), TORCH)
    )
    assert theirs.dtype == ours.dtype
    np.testing.assert_allclose(theirs, ours, atol=1e-5)


def test_training_in_two_calls_is_training_in_one():
    problem = make_problem(cell="gru", steps=10)
    at_once, in_parts = problem.state(), problem.state()
    parts = [type(problem.windows)(*(array[part] for array in problem.windows)) for part in np.split(np.arange(10), 2)]
    with engine_of(problem, TORCH) as engine:
        lrs = np.linspace(0.01, 0.001, 10)
        engine.train(at_once, 0, problem.data, problem.windows, Optimizer(), lrs)
        for updates, part in zip((0, 5), parts, strict=True):
            engine.train(in_parts, updates, problem.data, part, Optimizer(), lrs[updates : updates + 5])
    for one, other in zip(at_once, in_parts, strict=True):
        assert one.tobytes() == other.tobytes()


def test_a_state_may_be_changed_once_it_is_synchronized_and_another_trained_in_between():
    problem, optimizer = make_problem(steps=3), Optimizer(lr=0.05)
    data, windows = problem.data, problem.windows
    state, other, expected = problem.state(), problem.state(), problem.state()
    with engine_of(problem, TORCH) as engine:
        engine.train(state, 0, data, windows, optimizer)
        engine.train(other, 0, data, windows, optimizer)
        engine.train(state, 3, data, windows, optimizer)
        engine.synchronize()
        state.m[:] = 0
        engine.train(state, 6, data, windows, optimizer)
    for updates in (0, 3, 6):
        if updates == 6:
            expected.m[:] = 0
        with engine_of(problem, TORCH) as engine:
            engine.train(expected, updates, data, windows, optimizer)
        if updates == 0:
            for one, two in zip(other, expected, strict=True):
                assert one.tobytes() == two.tobytes()
    for one, two in zip(state, expected, strict=True):
        assert one.tobytes() == two.tobytes()


def test_pytorch_has_its_threads_back_afterwards():
    before = torch.get_num_threads()
    with engine_of(make_problem(), TORCH, threads=before + 1):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_device_that_is_not_there_is_an_error():
    with pytest.raises(UsageError, match="device is 'cuda', but PyTorch finds none here: choose cpu"):
        engine_of(make_problem(), Backend("torch", "cuda"))


def test_the_workspace_grows_with_the_batch_and_the_window():
    sizes = []
    for shape in ({"batch_size": 8}, {"batch_size": 16}, {"batch_size": 16, "seq_len": 6}):
        with engine_of(make_problem(**shape), TORCH) as engine:
            sizes.append(engine.workspace_bytes)
    assert 0 < sizes[0] < sizes[1] < sizes[2]
