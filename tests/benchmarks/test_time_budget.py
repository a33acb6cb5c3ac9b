from benchmarks import time_budget
from benchmarks.budget_page import Shape, table
from lengthwise.networks.network import Network


def test_the_parts_of_a_step_are_timed(monkeypatch):
    monkeypatch.setattr(time_budget, "SECONDS", 0.001)
    network = Network(3, 4, hidden_size=5, num_layers=2)
    parts = time_budget.time_budget(network, seq_len=4, num_steps=6, batch_size=8)
    assert list(parts) == [
        "pack", "gather", "forward", "head and loss", "backward", "weight gradients", "optimiser", "step",
    ]  # fmt: skip
    assert all(seconds > 0 for name, seconds in parts.items() if name != "backward")  # which is a difference
    lines = table([(Shape(), parts)], limit_gflops=100.0).splitlines()
    assert lines[-1].startswith("| rnn, 128 × 19 → 3 × 31 | ")
