"""Every loss against plain NumPy and against PyTorch."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lengthwise.engine.simd.engine import SimdEngine
from lengthwise.engine.simd.losses import LOSSES
from lengthwise.tasks.tasks import TASKS
from lengthwise.windows import Windows
from tests import naive
from tests.engine.problems import make_problem, problems
from tests.engine.simd.test_engine import assert_close, torch_gradient, torch_network

CELLS = ("rnn", "lstm")
TASKS_BESIDE_CLASSIFICATION = tuple(task for task in naive.LOSSES if task in TASKS and task != "classification")


def test_every_loss_is_tested_here():
    tested = {TASKS[task].loss for task in ("classification", *TASKS_BESIDE_CLASSIFICATION)}
    assert tested == set(LOSSES)


def problems_of(task, cell):
    heads = ("last",) if task in naive.STEPWISE else ("last", "mean", "max")
    return problems(cell=cell, dtype=np.uint8, task=task, pooling=st.sampled_from(heads))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("task", TASKS_BESIDE_CLASSIFICATION)
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_loss_and_every_gradient_are_those_of_the_naive_network(task, cell, data):
    problem = data.draw(problems_of(task, cell))
    assume(problem.is_smooth())
    with problem.engine() as engine:
        loss, gradient = engine.gradient(problem.parameters, problem.data, problem.windows)
    expected_loss, expected = problem.expected()
    assert_close(loss, expected_loss)
    assert_close(gradient, expected)


def torch_loss(rnn, head, problem):
    """The loss of windows that are all of one length, as PyTorch has it."""
    outputs, _ = rnn(torch.from_numpy(problem.inputs().astype(np.float32)))
    targets = torch.from_numpy(problem.labels())
    if problem.network.task == "regression":
        return torch.nn.functional.mse_loss(head(outputs[:, -1]), targets)
    return torch.nn.functional.cross_entropy(head(outputs).transpose(1, 2), targets)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("task", TASKS_BESIDE_CLASSIFICATION)
def test_loss_and_gradients_are_those_of_pytorch(task, cell):
    problem = make_problem(cell=cell, task=task, hidden_size=17, seq_len=9, num_steps=12, batch_size=70)
    with problem.engine(threads=2) as engine:
        loss, gradient = engine.gradient(problem.parameters, problem.data, problem.windows)
    rnn, head = torch_network(problem)
    expected = torch_loss(rnn, head, problem)
    expected.backward()
    assert_close(loss, expected.item())
    assert_close(gradient, torch_gradient(problem, rnn, head))


@pytest.mark.parametrize("task", naive.LOSSES)
def test_weights_multiply_each_sequence_s_part_of_the_loss(task):
    problem = make_problem(task=task, weighted=True, batch_size=50)
    with problem.engine() as engine:
        loss, gradient = engine.gradient(problem.parameters, problem.data, problem.windows)
    expected_loss, expected = problem.expected()
    assert_close(loss, expected_loss)
    assert_close(gradient, expected)


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("task", TASKS_BESIDE_CLASSIFICATION)
def test_evaluation_gives_each_window_its_loss_and_its_prediction(task, short):
    problem = make_problem(task=task, batch_size=50, short=short)
    with problem.engine() as engine:
        losses, predicted = engine.evaluate(problem.parameters, problem.data, problem.windows)
    lengths = problem.window_lengths()
    for b, length in enumerate(lengths):
        *_, z = naive.forward(problem.network, problem.named, problem.inputs()[b : b + 1, :length])
        target = problem.labels()[b : b + 1]
        if task == "regression":
            assert_close(predicted[0, b], z[0])
        else:
            target = target[:, :length]
            np.testing.assert_array_equal(predicted[0, b, :length], z[0].argmax(axis=1))
            assert (predicted[0, b, length:] == -1).all()
        assert_close(losses[0, b], naive.LOSSES[task](z, target)[0][0])


def test_the_outputs_of_windows_are_the_numbers_that_are_predicted():
    problem = make_problem(task="regression", batch_size=50, short=True)
    with problem.engine() as engine:
        outputs = engine.outputs(problem.parameters, problem.data, problem.windows)
        _, predicted = engine.evaluate(problem.parameters, problem.data, problem.windows)
    assert outputs.tobytes() == predicted.tobytes()


@pytest.mark.parametrize("task", TASKS_BESIDE_CLASSIFICATION)
def test_the_first_steps_of_windows_are_evaluated_as_windows_of_so_many_steps_bit_for_bit(task):
    problem = make_problem(task=task, batch_size=50, seq_len=5, short=True)
    with problem.engine() as engine:
        results = engine.evaluate_prefixes(problem.parameters, problem.data, problem.windows, [2, 5, 1])
    for length, found in zip([2, 5, 1], results, strict=True):
        with dataclasses.replace(problem, seq_len=length).engine() as engine:
            alone = engine.evaluate(problem.parameters, problem.data, problem.windows)
        for one, other in zip(found, alone, strict=True):
            assert one.shape == other.shape
            assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("task", TASKS_BESIDE_CLASSIFICATION)
def test_the_score_of_a_step_is_that_of_its_windows_before_the_update(task):
    problem = make_problem(task=task, batch_size=100)
    with problem.engine() as engine:
        _, predicted = engine.evaluate(problem.parameters, problem.data, problem.windows)
        state = problem.state()
        _, scores = problem.train(engine, state)
    labels = problem.labels()
    expected = np.abs(predicted[0] - labels).mean() if task == "regression" else (predicted[0] == labels).mean()
    assert scores[0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("task", TASKS_BESIDE_CLASSIFICATION)
def test_the_number_of_threads_changes_no_bit(task):
    problem = make_problem(task=task, batch_size=200)
    results = []
    for threads in (1, 3):
        state = problem.state()
        with problem.engine(threads) as engine:
            losses, scores = problem.train(engine, state)
            results.append([*state, losses, scores, *engine.evaluate(state.parameters, problem.data, problem.windows)])
    for one, many in zip(*results, strict=True):
        assert one.tobytes() == many.tobytes()


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_carried_state_is_that_of_pytorch_and_gives_its_gradients(cell):
    s, batch = 5, 70
    problem = make_problem(
        cell=cell, task="tagging", hidden_size=17, seq_len=s, num_steps=3 * s, batch_size=batch, steps=3
    )
    sequences = np.tile(np.arange(batch), (3, 1))
    windows = Windows(sequences, np.repeat(np.arange(3)[:, None] * s, batch, axis=1))
    problem = dataclasses.replace(problem, windows=windows)
    sizes = problem.network.sizes(s)._replace(carry=True)
    rnn, head = torch_network(problem)
    state = None
    with SimdEngine(problem.network.engine_cell, sizes, batch, threads=2, loss=problem.network.loss) as engine:
        for step in range(3):
            here = Windows(*(array[step : step + 1] for array in windows))
            loss, gradient = engine.gradient(problem.parameters, problem.data, here)
            for parameter in (*rnn.parameters(), *head.parameters()):
                parameter.grad = None
            outputs, state = rnn(torch.from_numpy(problem.inputs(step).astype(np.float32)), state)
            state = tuple(part.detach() for part in state) if cell == "lstm" else state.detach()
            targets = torch.from_numpy(problem.labels(step))
            expected = torch.nn.functional.cross_entropy(head(outputs).transpose(1, 2), targets)
            expected.backward()
            assert_close(loss, expected.item())
            assert_close(gradient, torch_gradient(problem, rnn, head))


def test_a_sequence_begins_with_no_state():
    problem = make_problem(task="tagging", seq_len=4, num_steps=8, batch_size=40)
    starts = np.zeros_like(problem.windows.starts)
    problem = dataclasses.replace(problem, windows=problem.windows._replace(starts=starts))
    sizes = problem.network.sizes(4)._replace(carry=True)
    with SimdEngine(problem.network.engine_cell, sizes, 40, threads=1, loss=problem.network.loss) as engine:
        engine.gradient(problem.parameters, problem.data, problem.windows)
        loss, gradient = engine.gradient(problem.parameters, problem.data, problem.windows)
    expected_loss, expected = problem.expected()
    assert_close(loss, expected_loss)
    assert_close(gradient, expected)
