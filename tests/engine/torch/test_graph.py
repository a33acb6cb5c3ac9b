"""The engine torch on a CUDA device, whose training steps are recorded as a graph, against the SIMD engine."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

import lengthwise
from lengthwise.engine.protocol import ADAM, SGD, Optimizer, State
from lengthwise.engine.torch import graph
from lengthwise.engine.torch.engine import TorchEngine
from lengthwise.engine.torch.network import TorchNetwork
from lengthwise.engine.torch.optimizers import shares_of_new
from lengthwise.networks.backend import Backend
from lengthwise.windows import Windows
from tests.engine.problems import make_problem
from tests.engine.trainings import OPTIMIZERS, PROBLEMS, assert_same_training, engine_of, trained

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")

CUDA = Backend("torch", "cuda")


def part(problem, first, last):
    return Windows(*(array[first:last] for array in problem.windows))


def bits(arrays):
    return [array.tobytes() for array in arrays]


@pytest.mark.parametrize("options", PROBLEMS.values(), ids=PROBLEMS)
def test_the_losses_of_the_first_100_steps_are_those_of_the_simd_engine(options):
    problem = make_problem(steps=100, **options)
    ours, theirs = (trained(problem, backend, Optimizer()) for backend in (Backend(), CUDA))
    assert_same_training(problem, theirs, ours)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
def test_every_optimizer_is_that_of_the_simd_engine_over_50_steps(optimizer):
    problem = make_problem(steps=50)
    ours, theirs = (trained(problem, backend, optimizer) for backend in (Backend(), CUDA))
    np.testing.assert_allclose(theirs[1], ours[1], rtol=1e-4)
    np.testing.assert_allclose(theirs[0].parameters, ours[0].parameters, atol=1e-4)


def test_tf32_gives_other_losses_and_float32_the_same_beside_it():
    problem = make_problem(cell="lstm", input_size=64, hidden_size=256, num_layers=1, batch_size=64, steps=200)
    backends = [CUDA, Backend("torch", "cuda", tf32=True)] * 2

    def losses(backend):
        return trained(problem, backend, Optimizer())[1]

    alone = [losses(backend) for backend in backends[:2]]
    with ThreadPoolExecutor(len(backends)) as pool:
        together = list(pool.map(losses, backends))
    assert bits(together) == bits([*alone, *alone])
    assert 1e-7 < np.abs(alone[1] - alone[0])[:5].max() < 1e-2


@pytest.mark.parametrize("options", [{}, {"short": True}, {"short": True, "bidirectional": True}], ids=str)
def test_a_step_is_recorded_unless_windows_must_be_packed(options):
    problem = make_problem(steps=3, **options)
    with engine_of(problem, CUDA) as engine:
        engine.train(problem.state(), 0, problem.data, problem.windows, Optimizer())
        recordings = [type(recording) for recording in engine._recordings.values()]
        assert recordings == ([] if options.get("bidirectional") else [graph.Recording])


def test_the_queue_may_be_shorter_than_a_call(monkeypatch):
    problem = make_problem(cell="lstm", steps=20)
    lrs = np.linspace(0.01, 0.001, 20)
    results = []
    for room in (graph.QUEUE_STEPS, 7):
        monkeypatch.setattr(graph, "QUEUE_STEPS", room)
        state = problem.state()
        with engine_of(problem, CUDA) as engine:
            losses, scores = engine.train(state, 0, problem.data, problem.windows, Optimizer(), lrs)
        results.append(bits([*state, losses, scores]))
    assert results[0] == results[1]


def test_training_in_two_calls_is_training_in_one():
    problem = make_problem(cell="gru", steps=10)
    at_once, in_parts, data = problem.state(), problem.state(), problem.data
    lrs = np.linspace(0.01, 0.001, 10)
    with engine_of(problem, CUDA) as engine:
        engine.train(at_once, 0, data, problem.windows, Optimizer(), lrs)
    with engine_of(problem, CUDA) as engine:
        for first in (0, 5):
            engine.train(in_parts, first, data, part(problem, first, first + 5), Optimizer(), lrs[first : first + 5])
        assert len(engine._recordings) == 1
    assert bits(at_once) == bits(in_parts)


def test_one_engine_may_have_other_optimizers_and_data_after_the_first():
    problem, other = make_problem(steps=4), make_problem(steps=4, seed=1)
    rounds = [(problem.data, Optimizer()), (problem.data, Optimizer(SGD, lr=0.05)), (other.data, Optimizer())]
    state = problem.state()
    with engine_of(problem, CUDA) as engine:
        for data, optimizer in rounds:
            engine.train(state, 0, data, problem.windows, optimizer)
    expected = problem.state()
    for data, optimizer in rounds:
        with engine_of(problem, CUDA) as engine:
            engine.train(expected, 0, data, problem.windows, optimizer)
    assert bits(state) == bits(expected)


def test_evaluating_other_data_in_between_leaves_the_recording():
    problem, other = make_problem(steps=4), make_problem(steps=4, seed=1)
    data, others, windows = problem.data, other.data, problem.windows
    state = problem.state()
    with engine_of(problem, CUDA) as engine:
        engine.train(state, 0, data, windows, Optimizer())
        (before,) = engine._recordings.values()
        engine.evaluate(problem.parameters, others, other.windows)
        engine.train(state, 4, data, windows, Optimizer())
        assert [*engine._recordings.values()] == [before]
    expected = problem.state()
    for updates in (0, 4):
        with engine_of(problem, CUDA) as engine:
            engine.train(expected, updates, data, windows, Optimizer())
    assert bits(state) == bits(expected)


def test_epochs_of_training_and_test_steps_are_those_of_the_cpu(small):
    settings = {"seq_len": 5, "batch_size": 16, "hidden_size": 7, "num_layers": 2, "epochs": 2, "quiet": True}
    ours = lengthwise.train(small, **settings)
    theirs = lengthwise.train(small, engine="torch", device="cuda", **settings)
    losses = ours.history.losses
    assert np.isnan(losses).any()
    np.testing.assert_allclose(theirs.history.losses[:100], losses[:100], rtol=1e-4)
    assert abs(theirs.evaluation.accuracy - ours.evaluation.accuracy) < 0.02


def test_the_average_of_the_weights_is_recorded_too():
    problem = make_problem(cell="gru", steps=12)
    p = problem.parameters
    state = State(p.copy(), np.zeros_like(p), np.zeros_like(p), p.copy())
    optimizer = Optimizer(ADAM, lr=0.01, ema_decay=0.8)
    expected = np.zeros(len(p))
    data = problem.data
    with engine_of(problem, CUDA) as engine:
        for step, share in enumerate(shares_of_new(0.8, 1, 12)):
            engine.train(state, step, data, part(problem, step, step + 1), optimizer)
            engine.synchronize()
            expected += share * (state.parameters - expected)
    np.testing.assert_allclose(state.average, expected, atol=1e-6)
    assert np.abs(state.average - state.parameters).max() > 1e-3


def test_trainings_that_share_the_card_are_those_that_have_it_alone():
    cells = ("rnn", "gru", "lstm", "rnn_relu") * 2
    problems = [make_problem(cell=cell, steps=200, seed=seed) for seed, cell in enumerate(cells)]

    def train(problem):
        state, _, _, losses, _ = trained(problem, CUDA, Optimizer())
        return bits([*state, losses])

    alone = [train(problem) for problem in problems]
    with ThreadPoolExecutor(len(problems)) as pool:
        assert list(pool.map(train, problems)) == alone


class Waiting(TorchNetwork):
    """A network that has the CPU wait for it, which a graph cannot."""

    def forward(self, x, lengths=None):
        assert x.sum().item() >= 0
        return super().forward(x, lengths)


def test_a_step_that_cannot_be_recorded_is_made_without_a_graph_and_with_a_warning():
    problem = make_problem(steps=10)
    sizes = problem.network.sizes(problem.seq_len)
    states = []
    for kind in (TorchNetwork, Waiting):
        module = kind("rnn", sizes)
        shape = (problem.batch_size, problem.seq_len, sizes.F)
        states.append(problem.state())
        with TorchEngine(module, shape, device="cuda", parameter_indices=module.parameter_indices()) as engine:
            if kind is Waiting:
                with pytest.warns(UserWarning, match="CUDA records no graph of a training step"):
                    engine.train(states[-1], 0, problem.data, problem.windows, Optimizer())
            else:
                engine.train(states[-1], 0, problem.data, problem.windows, Optimizer())
    np.testing.assert_allclose(states[1].parameters, states[0].parameters, atol=1e-6)


def test_a_run_that_was_stopped_goes_on_to_the_same_bits(tmp_path):
    settings = {"seq_len": 12, "engine": "torch", "device": "cuda", "quiet": True}
    whole = lengthwise.train(steps=60, **settings)
    lengthwise.train(steps=30, out=tmp_path / "run", **settings)
    resumed = lengthwise.resume(tmp_path / "run", steps=60, quiet=True)
    for name, values in whole.parameters.items():
        assert values.tobytes() == resumed.parameters[name].tobytes()


def test_a_study_gives_the_same_with_one_worker_and_with_four():
    tables = [
        lengthwise.Study(seq_lens="4,12", seeds=2, budget="steps=40", engine="torch", device="cuda", recipe="notebook")
        .run(workers=workers)
        .results.sort_values(["seq_len", "seed"])[["seq_len", "seed", "val_accuracy", "test_accuracy"]]
        .to_numpy()
        for workers in (1, 4)
    ]
    np.testing.assert_array_equal(*tables)


def test_a_module_that_draws_random_numbers_gives_the_same_again():
    def losses():
        torch.manual_seed(0)
        module = torch.nn.Sequential(
            torch.nn.Flatten(), torch.nn.Linear(8 * 28, 20), torch.nn.Dropout(0.5), torch.nn.Linear(20, 10)
        )
        return lengthwise.train(module=module, seq_len=8, steps=30, device="cuda", quiet=True).history.losses

    first, again = losses(), losses()
    assert first.tobytes() == again.tobytes()
    assert first[-5:].mean() < first[:5].mean()
