"""Windows of the engine torch, against those that tests cut out one by one."""

import gc
import weakref

import numpy as np
import pytest
import torch

from lengthwise.engine.torch.windows import cut, sequences_on
from tests.engine.problems import make_problem

DEVICES = [
    "cpu",
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")),
]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(
    "options", [{}, {"short": True}, {"dtype": np.float32, "short": True}, {"task": "tagging", "short": True}], ids=str
)
def test_a_batch_is_made_of_its_windows(device, options):
    problem = make_problem(weighted=True, **options)
    every_step = options.get("task") == "tagging"
    data = sequences_on(torch.device(device), problem.data, problem.seq_len)
    windows = [array[0] for array in problem.windows]
    if device != "cpu":
        windows = [torch.tensor(array, device=device) for array in windows]
    batch = cut(data, *windows, every_step=every_step, are_short="short" in options)
    lengths = problem.window_lengths()
    np.testing.assert_array_equal(batch.lengths.cpu(), lengths)
    np.testing.assert_array_equal(batch.weights.cpu(), problem.weights[problem.windows.sequences[0]])
    for j, length in enumerate(lengths):
        np.testing.assert_allclose(batch.x[j, :length].cpu(), problem.inputs()[j, :length], rtol=1e-6)
        assert not batch.x[j, length:].any()
    valid = np.arange(problem.seq_len) < lengths[:, None] if every_step else slice(None)
    np.testing.assert_array_equal(batch.targets.cpu().numpy()[valid], problem.labels()[valid])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_sequences_are_on_a_device_once_and_as_long_as_they_are_needed():
    data = make_problem().data
    first, second = (sequences_on(torch.device("cuda"), data, seq_len) for seq_len in (3, 4))
    assert first.values.data_ptr() == second.values.data_ptr()
    on_device = weakref.ref(first.values)
    del data, first, second
    gc.collect()
    assert on_device() is None
