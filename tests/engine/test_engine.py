"""The engine against plain NumPy and against PyTorch."""

import numba
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lengthwise.engine.adam import Adam
from lengthwise.engine.cells import CELLS as KERNELS
from lengthwise.engine.chunk import forward_chunk, gather
from lengthwise.engine.engine import CHUNK, _workspace
from lengthwise.engine.head import head_forward
from lengthwise.engine.layout import Chunk, pack_layer, step_floats
from lengthwise.engine.step import State
from lengthwise.network import Network
from lengthwise.windows import Windows
from tests import naive
from tests.engine.problems import CELLS, make_problem, problems

RELATIVE = 1e-5


def assert_close(actual, expected, relative=RELATIVE):
    """Agree to `relative` of the largest value: a float32 sum whose terms cancel is no nearer than its terms."""
    expected = np.asarray(expected, dtype=np.float64)
    np.testing.assert_allclose(actual, expected, rtol=relative, atol=relative * max(np.abs(expected).max(), 1e-3))


@numba.njit
def gather_and_forward(cell, parameters, panels, data, sizes, chunk, workspace):
    for place in range(sizes.L * sizes.D + 1):
        pack_layer(cell, parameters, panels, sizes, place)
    gather(data.values, sizes, chunk, data.scale, workspace)
    forward_chunk(cell, panels, sizes, chunk, workspace)
    head_forward(cell, panels, sizes, chunk, workspace)


def problems_of(cell):
    """Only one cell is compiled for both types of data."""
    return problems(cell=cell) if cell == "rnn" else problems(cell=cell, dtype=np.uint8)


def new_state(problem):
    return State(problem.parameters.copy(), *(np.zeros_like(problem.parameters) for _ in range(2)))


@pytest.mark.parametrize("cell", CELLS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_loss_and_every_gradient_are_those_of_the_naive_network(cell, data):
    problem = data.draw(problems_of(cell))
    with problem.engine() as engine:
        loss, gradient = engine.gradient(problem.parameters, problem.data, problem.windows)
    expected_loss, expected = problem.expected()
    assert_close(loss, expected_loss)
    assert_close(gradient, expected)


@pytest.mark.parametrize("cell", CELLS)
@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_states_and_logits_are_those_of_the_naive_network(cell, data):
    problem = data.draw(problems(cell=cell, short=False, dtype=np.uint8, dropout=0.0))
    network, count = problem.network, min(CHUNK, problem.batch_size)
    sizes = network.sizes(problem.seq_len)
    workspace = _workspace(network.engine_cell, sizes)
    starts = problem.windows.sequences[0] * problem.values.shape[1] + problem.windows.starts[0]
    workspace.offsets[:count] = starts[:count] * sizes.F
    workspace.lengths[:] = sizes.s
    workspace.shares[:] = 1 / sizes.s
    panels = np.full(2 * len(problem.parameters), np.nan, np.float32)
    chunk = Chunk(0, count, sizes.s, False, np.uint64(0))
    kind = KERNELS[network.engine_cell]
    gather_and_forward(kind, problem.parameters, panels, problem.data, sizes, chunk, workspace)
    _, outputs, _, logits = naive.forward(network, problem.named, problem.inputs()[:count])
    stride = step_floats(kind.kept * sizes.H)
    places = sizes.L * sizes.D
    kept = workspace.kept[: places * (sizes.s + 1) * stride].reshape(sizes.L, sizes.D, sizes.s + 1, stride)
    kept = kept[..., : sizes.H * CHUNK].reshape(sizes.L, sizes.D, sizes.s + 1, sizes.H, CHUNK)
    assert (kept[:, :, 0] == 0).all()
    for layer, expected in enumerate(outputs):
        for d in range(sizes.D):
            actual = kept[layer, d, 1:, :, :count].transpose(2, 0, 1)
            assert_close(actual[:, ::-1] if d else actual, expected[..., d * sizes.H : (d + 1) * sizes.H])
    assert_close(workspace.z.reshape(-1, CHUNK)[: sizes.O, :count].T, logits)


@settings(deadline=None, max_examples=40)
@given(problems(cell="rnn"))
def test_evaluation_gives_each_window_its_loss_and_the_class_of_its_largest_logit(problem):
    with problem.engine() as engine:
        losses, predicted = engine.evaluate(problem.parameters, problem.data, problem.windows)
    lengths = problem.window_lengths()
    for b, length in enumerate(lengths):
        *_, logits = naive.forward(problem.network, problem.named, problem.inputs()[b : b + 1, :length])
        assert_close(losses[0, b], -np.log(naive.softmax(logits)[0, problem.labels()[b]]))
        top_two = np.sort(logits[0])[-2:]
        assert predicted[0, b] == logits[0].argmax() or top_two[1] - top_two[0] < 1e-4


def torch_network(problem):
    """PyTorch's own network with the problem's parameters: the recurrent layers and the head."""
    network, named = problem.network, problem.named
    kinds = {"rnn": torch.nn.RNN, "rnn_relu": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}
    options = {"nonlinearity": "relu"} if network.cell == "rnn_relu" else {}
    rnn = kinds[network.cell](
        network.input_size, network.hidden_size, network.num_layers, batch_first=True,
        bidirectional=network.bidirectional, **options,
    )  # fmt: skip
    head = torch.nn.Linear(network.num_directions * network.hidden_size, network.num_classes)
    with torch.no_grad():
        for name, parameter in rnn.named_parameters():
            if "bias_hh" not in name:
                parameter.copy_(torch.from_numpy(named["rnn." + name.replace("bias_ih", "bias")]))
                continue
            parameter.zero_()
            if network.cell == "gru":
                parameter[2 * network.hidden_size :] = torch.from_numpy(named["rnn." + name.replace("hh", "hn")])
        head.weight.copy_(torch.from_numpy(named["head.weight"]))
        head.bias.copy_(torch.from_numpy(named["head.bias"]))
    return rnn, head


def torch_loss(rnn, head, problem, step=0):
    lengths = torch.from_numpy(problem.window_lengths(step))
    inputs = torch.from_numpy(problem.inputs(step).astype(np.float32))
    packed = torch.nn.utils.rnn.pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
    outputs, state = rnn(packed)
    state = state[0] if problem.network.cell == "lstm" else state
    if problem.network.head == "last":
        top = torch.cat(list(state[-problem.network.num_directions :]), dim=1)
    else:
        outputs, _ = torch.nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True)
        valid = (torch.arange(outputs.shape[1]) < lengths[:, None])[..., None]
        top = (outputs * valid).sum(1) / lengths[:, None]
        if problem.network.head == "max":
            top = outputs.masked_fill(~valid, -torch.inf).amax(1)
    return torch.nn.functional.cross_entropy(head(top), torch.from_numpy(problem.labels(step)))


def torch_gradient(problem, rnn, head):
    """PyTorch's gradient as a flat vector of ours."""
    named = {"head.weight": head.weight.grad, "head.bias": head.bias.grad}
    for name, parameter in rnn.named_parameters():
        if "bias_hh" not in name:
            named["rnn." + name.replace("bias_ih", "bias")] = parameter.grad
        elif problem.network.cell == "gru":
            named["rnn." + name.replace("hh", "hn")] = parameter.grad[2 * problem.network.hidden_size :]
    return problem.network.flat({name: named[name].numpy() for name in problem.named})


@pytest.mark.parametrize("cell", ["rnn", "rnn_relu", "gru", "lstm"])
@pytest.mark.parametrize(
    "sizes",
    [
        {},
        {"input_size": 28, "hidden_size": 31, "num_layers": 3, "num_classes": 10, "seq_len": 19, "num_steps": 28,
         "batch_size": 128},
        {"input_size": 1, "hidden_size": 17, "num_layers": 1, "seq_len": 63, "num_steps": 63, "batch_size": 33},
        {"bidirectional": True, "seq_len": 9, "num_steps": 9, "batch_size": 40, "short": True},
        {"bidirectional": True, "head": "mean", "short": True},
        {"head": "max", "short": True, "seq_len": 6},
    ],
    ids=["small", "notebook", "univariate", "bidirectional", "mean", "max"],
)  # fmt: skip
def test_loss_and_gradients_are_those_of_pytorch(cell, sizes):
    problem = make_problem(cell=cell, **sizes)
    with problem.engine() as engine:
        loss, gradient = engine.gradient(problem.parameters, problem.data, problem.windows)
    rnn, head = torch_network(problem)
    expected = torch_loss(rnn, head, problem)
    expected.backward()
    assert_close(loss, expected.item())
    assert_close(gradient, torch_gradient(problem, rnn, head))


def test_dropout_keeps_the_mean_and_differs_from_update_to_update():
    network = Network(3, 2, hidden_size=40, num_layers=3, dropout=0.25)
    one, other = (np.array(naive.dropout_masks(network, 5, update, 20, 64)) for update in (0, 1))
    np.testing.assert_allclose(np.unique(one), [0, 1 / 0.75], rtol=1e-6)
    assert abs((one == 0).mean() - 0.25) < 0.005
    # Independent from unit to unit, step to step, sequence to sequence and update to update.
    dropped = one == 0
    pairs = [(dropped, other == 0)] + [(np.roll(dropped, 1, axis), dropped) for axis in range(1, 4)]
    for a, b in pairs:
        assert abs((a & b).mean() - 0.0625) < 0.003


def test_training_with_textbook_adam_is_that_of_pytorch_over_50_steps():
    problem = make_problem(hidden_size=9, batch_size=24, steps=50)
    state = new_state(problem)
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
@given(problems(cell="rnn"), st.integers(2, 5))
def test_the_number_of_threads_changes_no_bit(problem, threads):
    results = []
    for count in (1, threads):
        state = new_state(problem)
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
        state = new_state(problem)
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
