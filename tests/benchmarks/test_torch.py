import json

import pytest

torch = pytest.importorskip("torch")

from benchmarks import drop_in, torch_on_cuda  # noqa: E402 - they need PyTorch


@pytest.mark.parametrize("cell", ["RNN", "GRU", "LSTM"])
def test_modules_are_compared_with_those_that_they_stand_in_for(cell):
    row = drop_in.measure(cell, drop_in.Shape(batch=4, steps=3, features=2, hidden=5), rounds=1)
    assert row["difference"] <= drop_in.TOLERANCE
    assert "differs" not in drop_in.table({1: [row]})
    assert drop_in.summary({1: [row]}).startswith("The time of `torch.nn` divided by that of `lengthwise.torch`")


def test_the_tables_of_a_card_are_made_of_the_results():
    page = torch_on_cuda.tables(json.loads(torch_on_cuda.RESULTS.read_text()))
    assert page.count("| --- |") == 2


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_a_card_is_timed(tiny):
    assert all(time > 0 for time in torch_on_cuda.compare(tiny, threads=1).values())
    assert torch_on_cuda.at_once(tiny, runs=2, steps=8) > 0
