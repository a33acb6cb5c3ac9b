"""The engine against plain NumPy and against PyTorch."""

import numba
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lengthwise.engine.adam import Adam
from lengthwise.engine.cells import CELLS
from lengthwise.engine.chunk import forward_chunk, gather, pack_layer, step_floats
from lengthwise.engine.engine import CHUNK, _workspace
from lengthwise.engine.step import State
from lengthwise.windows import Windows
from tests import naive
from tests.engine.problems import make_problem, problems

RELATIVE = 1e-5


def assert_close(actual, expected, relative=RELATIVE):
    """Agree to `relative` of the largest value: a float32 sum whose terms cancel is no nearer than its terms."""
    expected = np.asarray(expected, dtype=np.float64)
    np.testing.assert_allclose(actual, expected, rtol=relative, atol=relative * max(np.abs(expected).max(), 1e-3))


@numba.njit
def gather_and_forward(cell, parameters, panels, data, sizes, count, workspace):
    for index in range(sizes.L + 1):
        pack_layer(cell, parameters, panels, sizes, index)
    gather(data.values, sizes, count, data.scale, workspace)
    forward_chunk(cell, panels, sizes, workspace, False)


@settings(deadline=None, max_examples=150)
@given(problems())
def test_loss_and_every_gradient_are_those_of_the_naive_network(problem):
    with problem.engine() as engine:
        loss, gradient = engine.gradient(problem.parameters, problem.data, problem.windows)
    named = problem.network.named(problem.parameters)
    expected_loss, expected = naive.loss_and_gradients(named, problem.inputs(), problem.labels())
    assert_close(loss, expected_loss)
    assert_close(gradient, problem.network.flat(expected))


@settings(deadline=None, max_examples=60)
@given(problems(), st.integers(1, CHUNK))
def test_states_and_logits_are_those_of_the_naive_network(problem, count):
    count = min(count, problem.batch_size)
    sizes = problem.network.sizes(problem.seq_len)
    workspace = _workspace("rnn", sizes)
    starts = problem.windows.sequences[0] * problem.values.shape[1] + problem.windows.starts[0]
    workspace.offsets[:count] = starts[:count] * sizes.F
    panels = np.full(2 * len(problem.parameters), np.nan, np.float32)
    gather_and_forward(CELLS["rnn"], problem.parameters, panels, problem.data, sizes, count, workspace)
    states, logits = naive.forward(problem.network.named(problem.parameters), problem.inputs()[:count])
    stride = step_floats(sizes.H)
    kept = workspace.kept[: sizes.L * (sizes.s + 1) * stride].reshape(sizes.L, sizes.s + 1, stride)
    kept = kept[:, :, : sizes.H * CHUNK]
    kept = kept.reshape(sizes.L, sizes.s + 1, sizes.H, CHUNK)
    assert (kept[:, 0] == 0).all()
    for layer, expected in enumerate(states):
        assert_close(kept[layer, 1:, :, :count].transpose(2, 0, 1), expected)
    assert_close(workspace.z.reshape(-1, CHUNK)[: sizes.O, :count].T, logits)


@settings(deadline=None, max_examples=60)
@given(problems())
def test_evaluation_gives_the_loss_and_prediction_of_every_window(problem):
    with problem.engine() as engine:
        losses, predicted = engine.evaluate(problem.parameters, problem.data, problem.windows)
    _, logits = naive.forward(problem.network.named(problem.parameters), problem.inputs())
    p = naive.softmax(logits)
    assert_close(losses[0], -np.log(p[np.arange(len(p)), problem.labels()]))
    top_two = np.sort(logits, axis=1)[:, -2:]
    clear = top_two[:, 1] - top_two[:, 0] > 1e-4
    assert (predicted[0] == logits.argmax(axis=1))[clear].all()


def torch_network(problem):
    network, named = problem.network, problem.network.named(problem.parameters)
    rnn = torch.nn.RNN(network.input_size, network.hidden_size, network.num_layers, batch_first=True)
    head = torch.nn.Linear(network.hidden_size, network.num_classes)
    with torch.no_grad():
        for layer in range(network.num_layers):
            getattr(rnn, f"weight_ih_l{layer}").copy_(torch.from_numpy(named[f"rnn.weight_ih_l{layer}"]))
            getattr(rnn, f"weight_hh_l{layer}").copy_(torch.from_numpy(named[f"rnn.weight_hh_l{layer}"]))
            getattr(rnn, f"bias_ih_l{layer}").copy_(torch.from_numpy(named[f"rnn.bias_l{layer}"]))
            getattr(rnn, f"bias_hh_l{layer}").zero_().requires_grad_(requires_grad=False)
        head.weight.copy_(torch.from_numpy(named["head.weight"]))
        head.bias.copy_(torch.from_numpy(named["head.bias"]))
    return rnn, head


def torch_loss(rnn, head, problem, step=0):
    outputs, _ = rnn(torch.from_numpy(problem.inputs(step).astype(np.float32)))
    return torch.nn.functional.cross_entropy(head(outputs[:, -1]), torch.from_numpy(problem.labels(step)))


@pytest.mark.parametrize(
    "sizes",
    [
        {},
        {"input_size": 28, "hidden_size": 31, "num_layers": 3, "num_classes": 10, "seq_len": 19, "num_steps": 28,
         "batch_size": 128},
        {"input_size": 1, "hidden_size": 17, "num_layers": 1, "seq_len": 63, "num_steps": 63, "batch_size": 33,
         "dtype": np.float32},
    ],
)  # fmt: skip
def test_loss_and_gradients_are_those_of_pytorch(sizes):
    problem = make_problem(**sizes)
    with problem.engine() as engine:
        loss, gradient = engine.gradient(problem.parameters, problem.data, problem.windows)
    rnn, head = torch_network(problem)
    expected = torch_loss(rnn, head, problem)
    expected.backward()
    assert_close(loss, expected.item())
    expected = {
        f"head.{name}" if name in ("weight", "bias") else f"rnn.{name.replace('bias_ih', 'bias')}": parameter.grad
        for name, parameter in [*rnn.named_parameters(), *head.named_parameters()]
        if "bias_hh" not in name
    }
    assert_close(gradient, problem.network.flat({name: grad.numpy() for name, grad in expected.items()}))


def test_training_with_textbook_adam_is_that_of_pytorch_over_50_steps():
    problem = make_problem(hidden_size=9, batch_size=24, steps=50)
    state = State(problem.parameters.copy(), np.zeros_like(problem.parameters), np.zeros_like(problem.parameters))
    with problem.engine() as engine:
        losses, _ = engine.train(state, 0, problem.data, problem.windows, Adam(lr=0.01, epsilon_hat=False))
    rnn, head = torch_network(problem)
    optimizer = torch.optim.Adam([*rnn.parameters(), *head.parameters()], lr=0.01)
    expected = []
    for step in range(50):
        optimizer.zero_grad()
        loss = torch_loss(rnn, head, problem, step)
        loss.backward()
        optimizer.step()
        expected.append(loss.item())
    assert_close(losses, expected)
    assert_close(problem.network.named(state.parameters)["head.weight"], head.weight.detach().numpy())


@settings(deadline=None, max_examples=30)
@given(problems(), st.integers(2, 5))
def test_the_number_of_threads_changes_no_bit(problem, threads):
    results = []
    for count in (1, threads):
        state = State(problem.parameters.copy(), *(np.zeros_like(problem.parameters) for _ in range(2)))
        windows = Windows(*(np.repeat(array, 3, axis=0) for array in problem.windows))
        with problem.engine(count) as engine:
            losses, accuracies = engine.train(state, 5, problem.data, windows, Adam(lr=0.01))
            evaluation = engine.evaluate(state.parameters, problem.data, windows)
        results.append([*state, losses, accuracies, *evaluation])
    for one, many in zip(*results, strict=True):
        assert one.tobytes() == many.tobytes()


def test_accuracy_of_a_step_is_its_share_of_correct_predictions_before_the_update():
    problem = make_problem(batch_size=100)
    with problem.engine() as engine:
        state = State(problem.parameters.copy(), *(np.zeros_like(problem.parameters) for _ in range(2)))
        _, predicted = engine.evaluate(problem.parameters, problem.data, problem.windows)
        _, accuracies = engine.train(state, 0, problem.data, problem.windows, Adam())
    assert accuracies[0] == (predicted[0] == problem.labels()).mean()


def test_a_nan_in_the_parameters_shows_in_the_loss():
    problem = make_problem()
    parameters = problem.parameters.copy()
    parameters[0] = np.nan
    with problem.engine() as engine:
        loss, _ = engine.gradient(parameters, problem.data, problem.windows)
    assert np.isnan(loss)


def test_memory_does_not_grow_with_the_batch():
    small, large = make_problem(batch_size=16 * CHUNK), make_problem(batch_size=160 * CHUNK)
    with small.engine() as one, large.engine() as other:
        assert one.workspace_bytes == other.workspace_bytes
