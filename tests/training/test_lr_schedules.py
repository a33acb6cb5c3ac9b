"""The step sizes are PyTorch's."""

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from lengthwise.training.lr_schedules import LrSchedule

N = 50

SCHEDULES = {
    "constant": lambda optimizer: lr_scheduler.ConstantLR(optimizer, factor=1.0),
    "cosine": lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, T_max=N),
    "one_cycle": lambda optimizer: lr_scheduler.OneCycleLR(optimizer, max_lr=0.02, total_steps=N),
}


def rates_in_torch(make):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.02, momentum=0.9)
    scheduler = make(optimizer)
    rates = []
    for _ in range(N):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_schedule_is_pytorchs(schedule):
    np.testing.assert_allclose(LrSchedule(0.02, schedule, N).at(0, N), rates_in_torch(SCHEDULES[schedule]), rtol=1e-5)


def test_the_warm_up_is_linear():
    expected = rates_in_torch(lambda optimizer: lr_scheduler.LinearLR(optimizer, 1 / 10, total_iters=9))
    np.testing.assert_allclose(LrSchedule(0.02, warmup_steps=10).at(0, N), expected, rtol=1e-5)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_rates_of_a_part_are_those_of_the_whole(schedule):
    rates = LrSchedule(0.02, schedule, N, warmup_steps=7)
    assert rates.at(3, 20).tolist() == rates.at(0, N)[3:20].tolist()


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("updates", [1, 2, 3])
def test_a_short_training_has_finite_rates(schedule, updates):
    rates = LrSchedule(0.02, schedule, updates).at(0, updates)
    assert ((rates >= 0) & (rates <= 0.02)).all()
