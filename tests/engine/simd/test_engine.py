"""The engine against plain NumPy and against PyTorch."""

from dataclasses import replace

import numba
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lengthwise.engine.protocol import Optimizer
from lengthwise.engine.simd.cells import CELLS as KERNELS
from lengthwise.engine.simd.chunk import forward_chunk, gather
from lengthwise.engine.simd.head import head_forward
from lengthwise.engine.simd.layout import GRADIENT_STEPS, Chunk, Panels, step_floats
from lengthwise.engine.simd.panels import pack_head, pack_layer
from lengthwise.engine.simd.vectors import CHUNK, pointer, pointers
from lengthwise.engine.simd.workspace import workspace_of
from lengthwise.networks.network import Network
from lengthwise.windows import Windows
from tests import naive
from tests.engine.peers import torch_gradient, torch_loss, torch_network
from tests.engine.problems import CELLS, assert_close, make_problem, new_state, problems


@numba.njit
def gather_and_forward(cell, parameters, panels, data, sizes, chunk, workspace):
    packed, room = pointers(panels), pointers(workspace)
    for place in range(sizes.L * sizes.D):
        pack_layer(cell, pointer(parameters), packed, sizes, place, False, 0, 1)
    pack_head(cell, pointer(parameters), packed, sizes, 0, 1)
    gather(pointer(data.values), sizes, chunk, data.scale, room)
    forward_chunk(cell, packed, sizes, chunk, room)
    head_forward(cell, packed, sizes, chunk, room)


def problems_of(cell):
    """Only one cell is compiled for both types of data; rectified units are few enough that none is near zero."""
    if cell == "rnn":
        return problems(cell=cell)
    few = {"batch_size": 35, "seq_len": 5, "hidden_size": 33} if cell == "rnn_relu" else {}
    return problems(cell=cell, dtype=np.uint8, **few)


@pytest.mark.parametrize("cell", CELLS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_loss_and_every_gradient_are_those_of_the_naive_network(cell, data):
    problem = data.draw(problems_of(cell))
    assume(problem.is_smooth())
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
    workspace = workspace_of(network.engine_cell, sizes)
    starts = problem.windows.sequences[0] * problem.values.shape[1] + problem.windows.starts[0]
    workspace.offsets[:count] = starts[:count] * sizes.F
    workspace.lengths[:] = sizes.s
    workspace.shares[:] = 1 / sizes.s
    panels = Panels(*(np.full_like(problem.parameters, np.nan) for _ in Panels._fields))
    chunk = Chunk(0, count, sizes.s, sizes.s, False, np.uint64(0))
    kind = KERNELS[network.engine_cell]
    gather_and_forward(kind, problem.parameters, panels, problem.data, sizes, chunk, workspace)
    _, outputs, _, logits = naive.forward(network, problem.named, problem.inputs()[:count])
    stride = step_floats(kind.sizes.states * sizes.H)
    places = sizes.L * sizes.D
    kept = workspace.kept[: places * (sizes.s + 1) * stride].reshape(sizes.L, sizes.D, sizes.s + 1, stride)
    kept = kept[..., : sizes.H * CHUNK].reshape(sizes.L, sizes.D, sizes.s + 1, sizes.H, CHUNK)
    assert (kept[:, :, 0] == 0).all()
    for layer, expected in enumerate(outputs):
        for d in range(sizes.D):
            actual = kept[layer, d, 1:, :, :count].transpose(2, 0, 1)
            # Inputs and weights are tenths, of which all states of a layer of ReLUs may be a small rest.
            assert_close(actual[:, ::-1] if d else actual, expected[..., d * sizes.H : (d + 1) * sizes.H], terms=0.1)
    assert_close(workspace.z.reshape(-1, CHUNK)[: sizes.O, :count].T, logits, terms=0.1)


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


@settings(deadline=None, max_examples=40)
@given(problems(cell="rnn"), st.integers(1, 3))
def test_the_outputs_of_windows_are_the_probabilities_of_all_classes(problem, threads):
    with problem.engine(threads) as engine:
        outputs = engine.outputs(problem.parameters, problem.data, problem.windows)
        losses, predicted = engine.evaluate(problem.parameters, problem.data, problem.windows)
    assert outputs.shape == (*problem.windows.sequences.shape, problem.network.num_outputs)
    for b, length in enumerate(problem.window_lengths()):
        *_, logits = naive.forward(problem.network, problem.named, problem.inputs()[b : b + 1, :length])
        assert_close(outputs[0, b], naive.softmax(logits)[0])
    of_targets, best = (np.take_along_axis(outputs[0], of[:, None], 1)[:, 0] for of in (problem.labels(), predicted[0]))
    assert_close(-np.log(of_targets), losses[0])
    np.testing.assert_array_equal(best, outputs[0].max(axis=1))


@pytest.mark.parametrize("cell", CELLS)
@settings(deadline=None, max_examples=15)
@given(data=st.data())
def test_the_first_steps_of_windows_are_evaluated_as_windows_of_so_many_steps_bit_for_bit(cell, data):
    problem = data.draw(problems_of(cell))
    lengths = data.draw(st.lists(st.integers(1, problem.seq_len), min_size=1, unique=True))
    with problem.engine(data.draw(st.integers(1, 3))) as engine:
        results = engine.evaluate_prefixes(problem.parameters, problem.data, problem.windows, lengths)
    for length, found in zip(lengths, results, strict=True):
        with replace(problem, seq_len=length).engine() as engine:
            alone = engine.evaluate(problem.parameters, problem.data, problem.windows)
        for one, other in zip(found, alone, strict=True):
            assert one.tobytes() == other.tobytes()


def test_windows_that_go_beyond_the_data_are_not_evaluated():
    problem = make_problem(seq_len=4, num_steps=6)
    beyond = problem.windows._replace(starts=np.full_like(problem.windows.starts, 3))
    with problem.engine() as engine:
        engine.evaluate_prefixes(problem.parameters, problem.data, beyond, [3])
        with pytest.raises(ValueError, match=r"lengths are \[4\], but must be 1 to 3"):
            engine.evaluate(problem.parameters, problem.data, beyond)
        with pytest.raises(ValueError, match=r"lengths are \[0\], but must be 1 to 4"):
            engine.evaluate_prefixes(
                problem.parameters, problem.data, problem.windows._replace(starts=beyond.starts * 0), [0]
            )


@pytest.mark.parametrize("cell", ["rnn", "rnn_relu", "gru", "lstm"])
@pytest.mark.parametrize(
    "sizes",
    [
        {},
        {"input_size": 28, "hidden_size": 31, "num_layers": 3, "num_outputs": 10, "seq_len": 19, "num_steps": 28,
         "batch_size": 128},
        {"input_size": 1, "hidden_size": 17, "num_layers": 1, "seq_len": 63, "num_steps": 63, "batch_size": 33},
        {"bidirectional": True, "seq_len": 9, "num_steps": 9, "batch_size": 40, "short": True},
        {"bidirectional": True, "pooling": "mean", "short": True},
        {"pooling": "max", "short": True, "seq_len": 6},
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


@settings(deadline=None, max_examples=30)
@given(problems(cell="rnn"), st.integers(2, 5))
def test_the_number_of_threads_changes_no_bit(problem, threads):
    results = []
    for count in (1, threads):
        state = new_state(problem)
        windows = Windows(*(np.repeat(array, 3, axis=0) for array in problem.windows))
        with problem.engine(count) as engine:
            losses, accuracies = engine.train(state, 5, problem.data, windows, Optimizer(lr=0.01, clip_norm=0.1))
            evaluation = engine.evaluate(state.parameters, problem.data, windows)
        results.append([*state, losses, accuracies, *evaluation])
    for one, many in zip(*results, strict=True):
        assert one.tobytes() == many.tobytes()


def test_accuracy_of_a_step_is_its_share_of_correct_predictions_before_the_update():
    problem = make_problem(batch_size=100)
    with problem.engine() as engine:
        state = new_state(problem)
        _, predicted = engine.evaluate(problem.parameters, problem.data, problem.windows)
        _, accuracies = engine.train(state, 0, problem.data, problem.windows, Optimizer())
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


def test_a_gradient_that_vanishes_is_zero_and_never_subnormal_which_would_be_slow():
    problem = make_problem(hidden_size=16, seq_len=64, num_steps=64, batch_size=CHUNK, num_layers=1)
    parameters = problem.parameters.copy()
    problem.network.named(parameters)["rnn.weight_hh_l0"][:] *= 0.5
    with problem.engine() as engine:
        engine.gradient(parameters, problem.data, problem.windows)
        (workspace,) = engine.workspaces
    sizes = problem.network.sizes(problem.seq_len)
    dz = workspace.dz[: GRADIENT_STEPS * step_floats(sizes.H)].reshape(GRADIENT_STEPS, -1)[:, : sizes.H * CHUNK]
    assert not dz[0].any(), "it becomes a sixth from step to step, and float32's smallest number is 1e-38"
    assert (np.abs(dz[-1]) > 0).all()
    assert (np.abs(dz[dz != 0]) >= np.finfo(np.float32).tiny).all()
    assert np.float32(1e-39) * np.float32(0.5) > 0, "the mode of the floating-point unit is as it was"
