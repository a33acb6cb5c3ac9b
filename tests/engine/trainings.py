"""Trainings that every engine must carry out alike."""

import numpy as np

from lengthwise.engine.protocol import ADAM, ADAM_EPSILON_HAT, ADAMW, RMSPROP, SGD, Optimizer
from lengthwise.networks.backend import make_engine
from tests.engine.problems import SEED

CELLS = ("rnn", "rnn_relu", "gru", "lstm")
OPTIONS = {
    "plain": {},
    "notebook": {
        "input_size": 28,
        "hidden_size": 31,
        "num_layers": 3,
        "seq_len": 19,
        "num_steps": 28,
        "batch_size": 64,
    },
    "bidirectional": {"bidirectional": True},
    "mean": {"pooling": "mean"},
    "max": {"pooling": "max"},
    "short": {"short": True},
    "short, bidirectional": {"short": True, "bidirectional": True},
    "short, mean": {"short": True, "pooling": "mean"},
    "short, max": {"short": True, "pooling": "max", "bidirectional": True},
    "weighted": {"weighted": True},
}

OF_ONE_CELL = {
    "regression": {"task": "regression"},
    "regression, mean": {"task": "regression", "pooling": "mean", "short": True, "num_outputs": 1},
    "tagging": {"task": "tagging"},
    "tagging, short": {"task": "tagging", "short": True, "bidirectional": True, "weighted": True},
    "float": {"dtype": np.float32},
    "float, short": {"dtype": np.float32, "short": True},
}
"""What the cell does not matter to; the engine is compiled anew for each."""

PROBLEMS = {f"{cell}, {name}": {"cell": cell} | more for cell in CELLS for name, more in OPTIONS.items()} | {
    f"rnn, {name}": {"cell": "rnn"} | more for name, more in OF_ONE_CELL.items()
}

OPTIMIZERS = [
    # An epsilon as large as the gradients is where the two forms differ.
    Optimizer(ADAM_EPSILON_HAT, lr=0.01, epsilon=1e-3),
    Optimizer(ADAM, lr=0.01, epsilon=1e-3, weight_decay=0.01),
    Optimizer(ADAMW, lr=0.01, weight_decay=0.1),
    Optimizer(SGD, lr=0.05),
    Optimizer(SGD, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    Optimizer(RMSPROP, lr=0.001, beta2=0.99, momentum=0.5),
    Optimizer(SGD, lr=0.05, clip_norm=0.1),
]


def engine_of(problem, backend, threads=1):
    return make_engine(problem.network, problem.seq_len, problem.batch_size, threads, SEED, backend)


def trained(problem, backend, optimizer):
    state = problem.state()
    with engine_of(problem, backend) as engine:
        losses, scores = engine.train(state, 0, problem.data, problem.windows, optimizer)
        engine.synchronize()
        evaluated, predicted = engine.evaluate(state.parameters, problem.data, problem.windows)
    return state, losses, scores, evaluated, predicted


def assert_same_training(problem, theirs, ours):
    """Assert that what `trained` gives is the same but for roundings, which lead two trainings apart."""
    np.testing.assert_allclose(theirs[1], ours[1], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(theirs[2], ours[2], atol=1.5 / problem.batch_size)
    np.testing.assert_allclose(theirs[3], ours[3], rtol=1e-3, atol=1e-3)
    assert theirs[4].dtype == ours[4].dtype
    assert np.isclose(theirs[4], ours[4], rtol=1e-2, atol=1e-3).mean() > 0.99
    for one, other in zip(ours[0], theirs[0], strict=True):
        np.testing.assert_allclose(other, one, atol=2e-3 * np.abs(one).max(initial=0))
