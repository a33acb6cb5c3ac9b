"""Every optimiser, clipping and schedule against PyTorch's, over 50 steps of the same training."""

import numpy as np
import pytest
import torch

from lengthwise.engine.protocol import ADAM, ADAM_EPSILON_HAT, ADAMW, RMSPROP, SGD, Optimizer
from tests import naive
from tests.engine.peers import torch_loss, torch_network
from tests.engine.problems import assert_close, make_problem, new_state

STEPS = 50

OPTIMIZERS = {
    "Adam": (Optimizer(ADAM), torch.optim.Adam, {}),
    "Adam with a penalty": (Optimizer(ADAM, weight_decay=0.02), torch.optim.Adam, {"weight_decay": 0.02}),
    "AdamW": (Optimizer(ADAMW, weight_decay=0.1), torch.optim.AdamW, {"weight_decay": 0.1}),
    "SGD": (Optimizer(SGD), torch.optim.SGD, {}),
    "momentum": (Optimizer(SGD, momentum=0.9), torch.optim.SGD, {"momentum": 0.9}),
    "Nesterov": (
        Optimizer(SGD, momentum=0.9, nesterov=True, weight_decay=0.01),
        torch.optim.SGD,
        {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    ),
    "RMSprop": (Optimizer(RMSPROP, beta2=0.99), torch.optim.RMSprop, {}),
    "RMSprop with momentum": (Optimizer(RMSPROP, beta2=0.95, momentum=0.5), torch.optim.RMSprop,
                              {"alpha": 0.95, "momentum": 0.5}),
}  # fmt: skip


def train(problem, optimizer):
    state = new_state(problem)
    with problem.engine() as engine:
        losses, _ = engine.train(state, 0, problem.data, problem.windows, optimizer)
    return losses, problem.network.named(state.parameters)


def train_in_torch(problem, make, lr, clip_norm=None, **options):
    rnn, head = torch_network(problem)
    trained = [parameter for parameter in [*rnn.parameters(), *head.parameters()] if parameter.requires_grad]
    optimizer = make(trained, lr=lr, **options)
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = torch_loss(rnn, head, problem, step)
        loss.backward()
        if clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(trained, clip_norm)
        optimizer.step()
        losses.append(loss.item())
    return losses, head


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("clip_norm", [0.0, 0.3], ids=["whole", "clipped"])
def test_training_is_that_of_pytorch_over_50_steps(name, clip_norm):
    ours, theirs, options = OPTIMIZERS[name]
    problem = make_problem(hidden_size=9, batch_size=24, steps=STEPS)
    lr = 0.05 if ours.rule == SGD else 0.003
    losses, named = train(problem, ours._replace(lr=lr, clip_norm=clip_norm))
    expected, head = train_in_torch(problem, theirs, lr, clip_norm or None, **options)
    assert_close(losses, expected)
    assert_close(named["head.weight"], head.weight.detach().numpy())


@pytest.mark.parametrize("epsilon_hat", [False, True])
def test_both_forms_of_adam_are_the_naive_ones(epsilon_hat):
    problem = make_problem(steps=1)
    optimizer = Optimizer(ADAM_EPSILON_HAT if epsilon_hat else ADAM, lr=0.01, epsilon=0.01)
    state = new_state(problem)
    gradients = []
    with problem.engine() as engine:
        for update in range(5):
            gradients.append(engine.gradient(state.parameters, problem.data, problem.windows)[1].copy())
            engine.train(state, update, problem.data, problem.windows, optimizer)
    expected = naive.adam(
        problem.parameters, gradients, lr=0.01, beta1=0.9, beta2=0.999, epsilon=0.01, epsilon_hat=epsilon_hat
    )
    assert_close(state.parameters, expected[-1])


def test_each_step_can_have_a_step_size_of_its_own():
    problem = make_problem(steps=3)
    together, apart = new_state(problem), new_state(problem)
    rates = np.array([0.1, 0.0, 0.02])
    with problem.engine() as engine:
        engine.train(together, 0, problem.data, problem.windows, Optimizer(), rates)
        for step, lr in enumerate(rates):
            windows = type(problem.windows)(*(array[step : step + 1] for array in problem.windows))
            engine.train(apart, step, problem.data, windows, Optimizer(lr=lr))
    assert together.parameters.tobytes() == apart.parameters.tobytes()
